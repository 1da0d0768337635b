# SPDX-License-Identifier: EUPL-1.2
"""The summary of a period by mail: counts and tags, and what events say as far as mail may."""

from collections.abc import Sequence

from brug.formats.letter import unbroken
from brug.intel.counting import summaries
from brug.mail import wanting
from brug.mail.content import Cause, Content, Reader, address
from brug.mail.event_letters import told
from brug.model.event import Event
from brug.store.session import Session

SETTING = "periodic_notification_filters"  # MISP's


def summary(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """None where nothing was published that the reader may see and wants."""
    period = str(cause.details["period"])
    until = int(cause.details["until"])
    wants = _wanted if wanting.has_filters(session, SETTING) else None
    found = summaries.of(session, period, until, wants)
    if not found.events:
        return None
    named = reader.say(period)
    lines = [
        reader.say(
            "summary_head", period=named, events=found.event_count, attributes=found.attribute_count
        ),
        "",
    ]
    hidden = 0
    for event in found.events:
        link = address(session, f"/events/view/{event.head.id}")
        said = told(session, event, reader)
        hidden += said is None
        shown = f" {said.organisation}: {said.info}" if said is not None else ""
        lines.append(f"- {event.head.id}{shown}\n  {link}")
    if found.event_count > len(found.events):
        lines.append(reader.say("more", count=found.event_count - len(found.events)))
    # Tags say something of events too: only where all of them could be told, and by rights alone.
    if found.tags and not hidden and reader.passing is None:
        used = ", ".join(f"{unbroken(name)} ({count})" for name, count in found.tags)
        lines += ["", f"{reader.say('summary_tags')}: {used}"]
    lines += ["", reader.say("footer_summary", url=address(session, "/account"))]
    subject = reader.say("summary_subject", period=named)
    return Content(subject, "\n".join(lines) + "\n", about_event=True)


def _wanted(session: Session, events: Sequence[Event]) -> set[int]:
    return wanting.wanted(session, events, SETTING)
