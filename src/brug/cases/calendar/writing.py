# SPDX-License-Identifier: EUPL-1.2
"""A calendar as calendar programs read it (iCalendar, RFC 5545).

What lies in somebody's calendar program lies on servers of others. So a title says the case's
number and the rule, and nothing that stands in the case, unless the reader chose otherwise.
The same calendar is the same bytes: nothing in it is the time at which it was asked for.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from icalendar import Calendar, vDuration, vText
from icalendar.parser import Contentline

from brug import __version__
from brug.cases.calendar.items import Item
from brug.cases.clocks import titles
from brug.mail.speaking import say_in
from brug.model.languages import DEFAULT
from brug.model.words import N_

TITLES = {
    "strict": N_("%(number)s: %(rule)s due"),
    "legal": N_("%(number)s: legal end of %(rule)s"),
    "task": N_("%(number)s: task due"),
    "embargo": N_("%(number)s: embargo ends"),
}
_UNVERIFIED = N_("not checked against its source")
REFRESH = timedelta(minutes=30)
_Long: Any = Contentline  # which the library gives no types
_END = b"END:VCALENDAR\r\n"
_WIDTH = 75  # bytes of a line (RFC 5545, 3.1), as the library counts them


def written(
    items: Sequence[Item],
    name: str,
    base_url: str,
    language: str = DEFAULT,
    *,
    with_titles: bool = False,
) -> bytes:
    """The calendar, in a language. `base_url` is the node's address, without a slash at its end."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Brug//Brug {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(_line(name)))
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    head: bytes = calendar.to_ical()
    # Of thousands of events the library's own components take ten times as long as these lines.
    lines = (
        line for one in items for line in _event(one, base_url, language, with_titles=with_titles)
    )
    return head.removesuffix(_END) + b"".join(map(_folded, lines)) + _END


def _event(one: Item, base_url: str, language: str, *, with_titles: bool) -> Iterator[str]:
    title = title_of(one, language)
    if with_titles:
        title += f" · {one.says or one.title}"
    title = _escaped(_line(title))
    said = _description(one, language, with_titles=with_titles)
    at, changed = _utc(one.at), _utc(one.changed)
    yield "BEGIN:VEVENT"
    yield f"UID:{one.uid}"
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{one.sequence}"
    yield f"DTSTART:{at}"
    yield f"DTEND:{at}"
    yield f"SUMMARY:{title}"
    yield "DESCRIPTION:" + _escaped("\n".join(_line(text) for text in said))
    yield "URL:" + _line(f"{base_url}/cases/{one.number}")
    yield "CLASS:CONFIDENTIAL"
    yield "TRANSP:TRANSPARENT"
    yield f"CATEGORIES:{one.what}"
    if one.what == "strict" and one.is_mine:
        for warns in one.warns:
            if warns < one.at:
                yield from _alarm(warns - one.at, title)
    yield "END:VEVENT"


def title_of(one: Item, language: str, *, by_name: bool = False) -> str:
    """By number and rule alone: its article, or what is to be done by it."""
    naming = titles.title_of if by_name else titles.source_of
    rule = naming(one.row, language) if one.row else ""
    return say_in(language)(TITLES[one.what]) % {"number": one.number, "rule": rule}


def _description(one: Item, language: str, *, with_titles: bool) -> list[str]:
    said = [titles.title_of(one.row, language)] if one.row else []
    if not one.is_verified:
        said.append(say_in(language)(_UNVERIFIED))
    if with_titles:
        said += [text for text in (one.title, one.whose) if text]
        if one.tlp:
            said.append(f"TLP:{one.tlp}".upper())
    return said


def _alarm(before: timedelta, title: str) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"TRIGGER:{_duration(before)}"
    yield f"DESCRIPTION:{title}"
    yield "END:VALARM"


@lru_cache(maxsize=1000)
def _duration(before: timedelta) -> str:
    duration: Any = vDuration(before)
    return str(duration.to_ical().decode())


@lru_cache(maxsize=10_000)
def _escaped(text: str) -> str:
    return vText(text).to_ical().decode()


def _folded(line: str) -> bytes:
    """As bytes; what is too long goes on in further lines."""
    data = line.encode()
    if len(data) >= _WIDTH:
        long: Any = _Long(line)
        data = long.to_ical()
    return data + b"\r\n"


def _line(text: str) -> str:
    """Without the control characters that no calendar may hold."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " for one in text)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
