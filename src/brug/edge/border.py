# SPDX-License-Identifier: EUPL-1.2
"""The border of a request: what no one foresaw becomes a number, not a stack trace."""

from secrets import token_hex

import structlog

log = structlog.get_logger("brug.border")


def unforeseen(path: str, error: Exception) -> str:
    """Logs an error that nobody raised on purpose; the number that leads to the line."""
    number = token_hex(4)
    log.error("unforeseen", number=number, path=path, exc_info=error)
    return number
