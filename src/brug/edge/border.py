# SPDX-License-Identifier: EUPL-1.2
"""The border of a request: what no one foresaw becomes a number, not a stack trace."""

from collections.abc import Callable
from secrets import token_hex
from typing import TypeVar

import structlog

from brug.model.errors import BrugError, Invalid

Answer = TypeVar("Answer")

log = structlog.get_logger("brug.border")


def unforeseen(path: str, error: Exception) -> str:
    """Logs an error that nobody raised on purpose; the number that leads to the line."""
    number = token_hex(4)
    log.error("unforeseen", number=number, path=path, exc_info=error)
    return number


def refused(path: str, error: BrugError) -> None:
    """Logs that a request was refused, and nothing of what it held."""
    log.info("refused", code=error.code, path=path[:200], reason=error.logged[:1000])


def guarded(path: str, do: Callable[[], Answer], refuse: Callable[[BrugError], Answer]) -> Answer:
    """What `do` answers, or what `refuse` makes of any error. Raises nothing."""
    try:
        return do()
    except BrugError as error:
        refused(path, error)
        return refuse(error)
    except RecursionError:
        return refuse(Invalid("body", "fewer levels within one another"))
    except UnicodeEncodeError:
        return refuse(Invalid("body", "valid Unicode (half of a surrogate pair found)"))
    except Exception as error:  # noqa: BLE001 — the border of a request
        number = unforeseen(path, error)
        failed = BrugError(f"unforeseen error {number}")
        failed.public = f"{BrugError.public} ({number})"
        return refuse(failed)
