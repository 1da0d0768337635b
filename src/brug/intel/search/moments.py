# SPDX-License-Identifier: EUPL-1.2
"""Times in filters: seconds since 1970, dates, and spans back from now (`5d`, `1h`).

A pair is a period. What is no time finds nothing in filters of timestamps, and is left out
in filters of dates, as stock MISP does.
"""

import re
import time
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from brug.formats.misp import coercion

_SPAN = re.compile(r"\s*(\d{1,9})\s*([wdhms])\s*")
_NUMBER = re.compile(r"\s*(\d{1,15})(?:\.\d*)?\s*")
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


class Period(msgspec.Struct, frozen=True):
    """From and until, both within; `impossible` where the filter was no time."""

    since: int | None = None
    until: int | None = None
    impossible: bool = False


IMPOSSIBLE = Period(impossible=True)


def period(field: str, raw: Any) -> Period | None:
    """A period in seconds since 1970; None where nothing was asked."""
    if raw is None or raw in ("", []):
        return None
    if isinstance(raw, list | tuple):
        if len(raw) == 1:
            return period(field, raw[0])
        ends = [seconds(field, end) for end in raw]
        if len(ends) != 2 or None in ends:
            return IMPOSSIBLE
        low, high = sorted(end for end in ends if end is not None)
        return Period(low, high)
    since = seconds(field, raw)
    return IMPOSSIBLE if since is None else Period(since)


def seconds(field: str, raw: Any) -> int | None:
    """Seconds since 1970 of a number, a span back from now, or a date; None for the rest."""
    if isinstance(raw, bool | dict | list):
        return None
    text = coercion.text(field, raw)
    if number := _NUMBER.fullmatch(text):
        return min(int(number[1]), coercion.MAX_TIME)
    if span := _SPAN.fullmatch(text.lower()):
        return max(0, int(time.time()) - int(span[1]) * _SECONDS[span[2]])
    moment = _moment(text)
    return None if moment is None else max(0, int(moment.timestamp()))


def microseconds(field: str, raw: Any) -> int | None:
    """As `seconds`, for first_seen and last_seen."""
    found = seconds(field, raw)
    return None if found is None else found * 1_000_000


def day(field: str, raw: Any) -> str | None:
    """A date as YYYY-MM-DD; None for what is none."""
    if raw is None or isinstance(raw, bool | dict | list):
        return None
    text = coercion.text(field, raw).strip()
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        found = seconds(field, text)
    return None if found is None else datetime.fromtimestamp(found, UTC).date().isoformat()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None
