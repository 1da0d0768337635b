# SPDX-License-Identifier: EUPL-1.2
"""Dates with times, written `YYYY-MM-DDThh:mm:ss.uuuuuu+hhmm`, the offset kept.

The forms that name a moment by themselves are read, as PHP reads them: a month's overflow
rolls on (30 February is 1 March), a date with slashes is American. What would mean the day
of reading (`yesterday`, `2024` as 20:24 today, nothing as now) is refused: a stored value
must not depend on when it arrived.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from brug.model.attribute_types.record import Unfit

_NOT_A_MOMENT = "Datetime has to be in the ISO 8601 format."

_TIME = (
    r"(?:[Tt ]+(?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2})"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r" ?(?:(?P<utc>Z|z|UTC|GMT)|(?P<sign>[+-])(?P<offset_hour>[0-9]{2})"
    r"(?::?(?P<offset_minute>[0-9]{2}))?)?)?"
)
_DAY = r"(?P<year>[0-9]{4}|[0-9]{2})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
_FORMS = tuple(
    re.compile(form + _TIME).fullmatch
    for form in (
        _DAY,
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})/(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})",
        r"(?P<day>[0-9]{1,2})[.](?P<month>[0-9]{1,2})[.](?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})-W(?P<week>[0-9]{2})(?:-(?P<weekday>[1-7]))?",
    )
)
_is_epoch = re.compile(r"@(-?[0-9]{1,12})(?:\.([0-9]{1,6}))?").fullmatch


def moment(value: str) -> str:
    try:
        return _read(value)
    except (ValueError, OverflowError):
        raise Unfit(_NOT_A_MOMENT) from None


def _read(value: str) -> str:
    for form in _FORMS:
        if found := form(value):
            return _from_parts(found.groupdict())
    if epoch := _is_epoch(value):
        seconds = timedelta(seconds=int(epoch[1]), microseconds=int((epoch[2] or "").ljust(6, "0")))
        return _text(datetime(1970, 1, 1) + seconds, "+0000")  # noqa: DTZ001 -- offset is text
    if not value.isascii() or "," not in value:
        raise Unfit(_NOT_A_MOMENT)
    mailed = parsedate_to_datetime(value)
    offset = mailed.replace(tzinfo=mailed.tzinfo or UTC).strftime("%z")
    return _text(mailed.replace(tzinfo=None), offset)


def _from_parts(parts: dict[str, str | None]) -> str:
    # The offset is carried as text, never as a timezone: PHP takes offsets that Python does not.
    start = datetime.combine(_day(parts), datetime.min.time())
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 24 or minute > 59 or second > 60:
        raise Unfit(_NOT_A_MOMENT)
    fraction = int((parts["fraction"] or "")[:6].ljust(6, "0"))
    at = start + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)
    offset = "+0000"
    if parts["sign"]:
        offset = f"{parts['sign']}{parts['offset_hour']}{parts['offset_minute'] or '00'}"
    return _text(at, offset)


def _day(parts: dict[str, str | None]) -> date:
    written = parts["year"] or ""
    year = int(written)
    if len(written) == 2:  # PHP's pivot
        year += 2000 if year < 70 else 1900
    if week := parts.get("week"):
        return date.fromisocalendar(year, int(week), int(parts["weekday"] or 1))
    day = int(parts["day"] or 0)
    if day > 31:
        raise Unfit(_NOT_A_MOMENT)
    return date(year, int(parts["month"] or 0), 1) + timedelta(days=day - 1)


def _text(at: datetime, offset: str) -> str:
    return f"{at.isoformat(timespec='microseconds')}{offset}"
