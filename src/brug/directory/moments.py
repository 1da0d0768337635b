# SPDX-License-Identifier: EUPL-1.2
"""Points in time as administrators write them: a date, seconds, or `+10 days`."""

import re
from datetime import UTC, datetime, timedelta

from brug.directory.refusals import Refused

# The last second that fits MISP's 32-bit column and every client.
LATEST = 2**31 - 1
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000,
          "year": 31_536_000}  # fmt: skip
_RELATIVE = re.compile(r"\+?\s*(\d{1,6})\s*(minute|hour|day|week|month|year)s?")


def seconds(field: str, value: object, now: datetime | None = None) -> int:
    """Seconds since 1970 in UTC, 0 for "" and None; raises Refused."""
    text = "" if value is None else str(value).strip().lower()
    if text in {"", "0", "never", "false"}:
        return 0
    if text.isascii() and text.isdecimal() and len(text) > 8:
        found = int(text) if len(text) < 12 else LATEST + 1
    elif relative := _RELATIVE.fullmatch(text):
        length = timedelta(seconds=int(relative[1]) * _UNITS[relative[2]])
        found = int(((now or datetime.now(UTC)).timestamp()) + length.total_seconds())
    else:
        found = _date(field, text)
    if not 0 < found <= LATEST:
        raise Refused(field, "date", "a date before 2038-01-19", text)
    return found


def _date(field: str, text: str) -> int:
    try:
        found = datetime.fromisoformat(text.upper())
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise Refused(field, "date", "a date such as 2030-01-31", text) from error
