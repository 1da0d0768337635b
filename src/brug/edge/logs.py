# SPDX-License-Identifier: EUPL-1.2
"""The operator's log: one JSON object a line on stderr, or colours where a person looks.

Says what was refused, what failed and what was slow; never headers, bodies or query
strings, which hold keys and values, nor the local variables of a traceback.
"""

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import msgspec
import structlog


def _json(event: Any, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


class _Bearing:
    """A line that cannot be written, as where the log lies on a full disk, fails no request."""

    def __init__(self, to: TextIO) -> None:
        self._to = to

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._to.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._to.flush()


def configure() -> None:
    """Sets the log up for this process."""
    person = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if person
        else structlog.processors.JSONRenderer(_json)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if person else [structlog.processors.format_exc_info]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Bearing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
