# SPDX-License-Identifier: EUPL-1.2
"""The summary of a period by mail: counts and tags, and what events say as far as mail may."""

from brug.intel.counting import summaries
from brug.mail.content import Cause, Content, Reader, address
from brug.mail.event_letters import may_tell
from brug.store.session import Session


def summary(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """None where nothing was published that the reader may see."""
    period = str(cause.details["period"])
    until = int(cause.details["until"])
    found = summaries.of(session, period, until)
    if not found.events:
        return None
    named = reader.say(period)
    lines = [
        reader.say(
            "summary_head", period=named, events=found.event_count, attributes=found.attribute_count
        ),
        "",
    ]
    for event in found.events:
        link = address(session, f"/events/view/{event.head.id}")
        told = f" {event.orgc.name}: {event.head.info}" if may_tell(session, event, reader) else ""
        lines.append(f"- {event.head.id}{told}\n  {link}")
    if found.event_count > len(found.events):
        lines.append(reader.say("more", count=found.event_count - len(found.events)))
    if found.tags and not any(not may_tell(session, one, reader) for one in found.events):
        used = ", ".join(f"{name} ({count})" for name, count in found.tags)
        lines += ["", f"{reader.say('summary_tags')}: {used}"]
    lines += ["", reader.say("footer_summary", url=address(session, "/account"))]
    subject = reader.say("summary_subject", period=named)
    return Content(subject, "\n".join(lines) + "\n", about_event=True)
