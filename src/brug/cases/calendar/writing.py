# SPDX-License-Identifier: EUPL-1.2
"""A calendar as calendar programs read it (iCalendar, RFC 5545).

What lies in somebody's calendar program lies on servers of others. So a title says the case's
number and the rule, and nothing that stands in the case, unless the reader chose otherwise.
The same calendar is the same bytes: nothing in it is the time at which it was asked for.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, vDuration, vText

from brug import __version__
from brug.cases.calendar.gathering import Item
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
    for one in items:
        calendar.add_component(_event(one, base_url, language, with_titles=with_titles))
    data: bytes = calendar.to_ical()
    return data


def _event(one: Item, base_url: str, language: str, *, with_titles: bool) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", _utc(one.changed))
    event.add("last-modified", _utc(one.changed))
    event.add("sequence", one.sequence)
    event.add("dtstart", _utc(one.at))
    event.add("dtend", _utc(one.at))
    title = title_of(one, language)
    if with_titles:
        title += f" · {one.says or one.title}"
    title = _line(title)
    event.add("summary", title)
    said = _description(one, language, with_titles=with_titles)
    event.add("description", "\n".join(_line(text) for text in said))
    event.add("url", f"{base_url}/cases/{one.number}")
    event.add("class", "CONFIDENTIAL")
    event.add("transp", "TRANSPARENT")
    event.add("categories", [one.what])
    if one.what == "strict" and one.is_mine:
        for at in one.warns:
            if at < one.at:
                event.add_component(_alarm(at - one.at, title))
    return event


def title_of(one: Item, language: str) -> str:
    """By number and rule alone."""
    rule = titles.source_of(one.row, language) if one.row else ""
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


def _alarm(before: timedelta, title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", before)
    alarm.add("description", title)
    return alarm


def _line(text: str) -> str:
    """Without the control characters that no calendar may hold."""
    return "".join(one if one.isprintable() else " " for one in text)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
