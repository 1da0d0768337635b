# SPDX-License-Identifier: EUPL-1.2
"""Reports and the event around them: values out of a report, a report out of an event.

A value that became an attribute is written `@[attribute](UUID)` in the report from then on,
as MISP's reports name what they speak of.
"""

import re
from uuid import uuid4

import msgspec

from brug.intel import attributes, loading, reports
from brug.intel.editing import edit_report
from brug.intel.extending import add_report
from brug.intel.finding import Claim
from brug.intel.intake.freetext import Recognised, Wanted, add_text, chosen, recognise
from brug.intel.vocabulary.substrings import Needles
from brug.model.event import Attribute, Event, EventReport
from brug.model.new_event import NewReport
from brug.store import settings
from brug.store.session import Session

# A shorter value stands in too many words (MISP 2.5).
SHORTEST = 3
_NAMED = re.compile(r"@\[[a-z-]+\]\([^)]*\)")


def take_values(session: Session, held: Claim, report_id: int) -> int:
    """Adds the values of a report to its event, and names them in it; how many are new."""
    report = reports.by_ids(session, [report_id])[report_id]
    text = _NAMED.sub(" ", report.content)
    comment = f"From the report {report.name}"
    added = add_text(session, held, text, Wanted(comment=comment[:500]))
    longest = int(settings.get(session, "limits.text_characters"))
    uuids = {
        (a.type, a.value1, a.value2): a.uuid for a in attributes.of_event(session, held.event_id)
    }
    content = _with_names(report.content, recognise(text, longest), uuids)
    if content != report.content:
        edit_report(session, report_id, {"content": content})
    return len(added)


def _with_names(
    content: str, found: list[Recognised], uuids: dict[tuple[str, str, str], str]
) -> str:
    """Longest first, so that a name inside an address is not cut out of it."""
    names = {}
    for one in found:
        c = one.checked
        uuid = uuids.get((c.type, c.value1, c.value2))
        if uuid:
            names[one.original] = f"@[attribute]({uuid})"
    if not names:
        return content
    several = sorted(names, key=len, reverse=True)
    pattern = re.compile(
        _NAMED.pattern + "|" + "|".join(rf"(?<![\w.@-]){re.escape(n)}(?![\w-])" for n in several)
    )
    return pattern.sub(lambda hit: names.get(hit[0], hit[0]), content)


def report_from_event(session: Session, held: Claim) -> int:
    """Writes a report of what an event says, for the reader to go on from; its id."""
    event = loading.event(session, held.event_id)
    uuid = str(uuid4())
    name = f"Report of {event.head.info}"[:255]
    return add_report(session, held, NewReport(uuid, name, _written(event), 5))


def _written(event: Event) -> str:
    head = event.head
    lines = [f"# {head.info}", "", f"{event.orgc.name}, {head.date}", ""]
    if event.tags:
        lines += ["## Tags", "", *(f"- @[tag]({tag.name})" for tag in event.tags), ""]
    if event.attributes:
        lines += ["## Attributes", "", *map(_line, event.attributes), ""]
    for one in event.objects:
        lines += [f"## Object {one.name}", "", f"@[object]({one.uuid})", ""]
        lines += [*map(_line, one.attributes), ""]
    return "\n".join(lines)


def _line(a: Attribute) -> str:
    comment = " ".join(a.comment.split())
    return f"- {a.category}: @[attribute]({a.uuid})" + (f" ({comment})" if comment else "")


class Offered(msgspec.Struct, frozen=True):
    """What a report says: attributes of its event, and values that are none yet.

    `known`: by value as it is written, the UUIDs of the attributes that have it.
    """

    known: dict[str, list[str]]
    fresh: list[tuple[Recognised, bool]]
    text: str


def offer(session: Session, report: EventReport) -> Offered:
    """Reads a report, and changes nothing. Raises TooLarge, Invalid."""
    text = _NAMED.sub(" ", report.content)
    present = attributes.of_event(session, report.event_id)
    by_place = [(place, _value(a)) for place, a in enumerate(present)]
    needles = Needles((place, value) for place, value in by_place if len(value) >= SHORTEST)
    known: dict[str, list[str]] = {}
    for place, value in sorted(needles.within(text).items()):
        known.setdefault(value, []).append(present[place].uuid)
    held = {(a.value1, a.value2) for a in present}
    fresh = []
    for one, to_ids in chosen(session, text, "keep"):
        if (one.checked.value1, one.checked.value2) not in held:
            fresh.append((one, to_ids))
    return Offered(known, fresh, text)


def _value(a: Attribute) -> str:
    return f"{a.value1}|{a.value2}" if a.value2 else a.value1
