# SPDX-License-Identifier: EUPL-1.2
"""What a widget is set to: options under MISP's names, read leniently, refused by name.

Unknown options are left alone, as clients send those of other versions.
"""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, LiteralString

import msgspec

from brug.formats.misp import coercion as c
from brug.model.errors import Invalid

Config = Mapping[str, Any]
MOST_ROWS = 100
MOST_TEXTS = 100
_SPAN = re.compile(r"(?:P?T?)(\d{1,6})([dhmw])", re.IGNORECASE)
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "w": 604_800}
DAY = 86_400
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def since(config: Config, name: str, usual: str) -> int:
    """Seconds since 1970 of a span back from now: `7d`, `12h`, seconds; -1 is all time: 0."""
    raw = config.get(name)
    text = c.text(name, raw if raw not in (None, "", 0) else usual).strip()
    if text == "-1":
        return 0
    if found := _SPAN.fullmatch(text):
        span = int(found[1]) * _SECONDS[found[2].lower()]
    elif text.isascii() and text.isdecimal() and len(text) < 12:
        span = int(text)
    else:
        raise Invalid(name, "a span such as 7d or 12h, seconds, or -1 for all time", text)
    return max(0, int(time.time()) - span)


def limit(config: Config, *names: str, usual: int = 10) -> int:
    """How many rows; under any of these names."""
    for name in names:
        if (found := c.integer(name, config.get(name) or None, 1, MOST_ROWS)) is not None:
            return found
    return usual


def texts(config: Config, name: str) -> list[str]:
    """A list of texts, or one text with commas between."""
    raw = config.get(name)
    if raw in (None, "", [], {}):
        return []
    items = raw if isinstance(raw, list) else c.text(name, raw).split(",")
    found = [c.text(name, one).strip() for one in items]
    if len(found) > MOST_TEXTS or any(len(one) > 255 for one in found):
        raise Invalid(name, f"at most {MOST_TEXTS} texts of at most 255 characters")
    return [one for one in found if one]


def flag(config: Config, name: str, usual: bool = False) -> bool:
    return c.flag(name, config.get(name), usual)


class Span(msgspec.Struct, frozen=True):
    """From and until, in seconds since 1970; both within."""

    since: int
    until: int


def span(config: Config, usual_days: int = 0) -> Span:
    """The period that one of MISP's options names; the past days, or all time, without one."""
    now = datetime.now(UTC)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    july, end = year.replace(month=7), int(now.timestamp())
    if config.get("days") not in (None, "", 0):
        days = str(config["days"]).strip().removesuffix("d")
        return Span(end - (c.integer("days", days, 1, 36_500) or 1) * DAY, end)
    if flag(config, "month"):
        return _between(month, now)
    if flag(config, "previous_month"):
        last = (month.replace(year=month.year - 1, month=12)
                if month.month == 1 else month.replace(month=month.month - 1))  # fmt: skip
        return _between(last, month)
    if flag(config, "year"):
        return _between(year, now)
    if flag(config, "first_half_year"):
        return _between(year, july)
    if flag(config, "second_half_year"):
        return _between(july, year.replace(year=year.year + 1))
    start = c.seconds("start_date", _whole_day(config.get("start_date")))
    if start is not None:
        return Span(start, c.seconds("end_date", _whole_day(config.get("end_date"))) or end)
    return Span(end - usual_days * DAY if usual_days else 0, end)


def _whole_day(raw: Any) -> Any:
    """A month stands for its first day."""
    return f"{raw}-01" if isinstance(raw, str) and _MONTH.fullmatch(raw) else raw


def _between(start: datetime, end: datetime) -> Span:
    return Span(int(start.timestamp()), int(end.timestamp()) - 1)


# Organisations by what is known of them; joined as `o`.
ORGANISATIONS: LiteralString = """
    (%(nationality)s::text[] IS NULL OR lower(o.nationality) = ANY (%(nationality)s))
    AND (%(sector)s::text[] IS NULL OR lower(o.sector) = ANY (%(sector)s))
    AND (%(type)s::text[] IS NULL OR lower(o.type) = ANY (%(type)s))
    AND (%(name)s::text[] IS NULL OR lower(o.name) = ANY (%(name)s))
    AND (%(uuid)s::text[] IS NULL OR o.uuid::text = ANY (%(uuid)s))
    AND NOT lower(o.nationality) = ANY (%(not_nationality)s)
    AND NOT lower(o.sector) = ANY (%(not_sector)s) AND NOT lower(o.type) = ANY (%(not_type)s)
    AND NOT lower(o.name) = ANY (%(not_name)s) AND NOT o.uuid::text = ANY (%(not_uuid)s)
    AND (%(local)s::bool[] IS NULL OR o.local = ANY (%(local)s))
"""
_ABOUT = ("nationality", "sector", "type", "name", "uuid")


def organisations(config: Config, name: str, local: Any = None) -> dict[str, Any]:
    """The parameters of ORGANISATIONS; a `!` before a value excludes it."""
    raw = config.get(name)
    if raw in (None, "", [], {}):
        raw = {}
    if not isinstance(raw, Mapping):
        raise Invalid(name, "an object with lists by nationality, sector, type, name or uuid")
    params: dict[str, Any] = {}
    for about in _ABOUT:
        said = [one.lower() for one in texts(raw, about)]
        wanted = [one for one in said if not one.startswith("!")]
        params[about] = wanted or None
        params[f"not_{about}"] = [one[1:] for one in said if one.startswith("!")]
    kinds = raw.get("local", local)
    kinds = kinds if isinstance(kinds, list) else [kinds] if kinds not in (None, "") else None
    params["local"] = kinds and [c.flag("local", one) for one in kinds[:2]]
    return params
