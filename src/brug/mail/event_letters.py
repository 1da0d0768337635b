# SPDX-License-Identifier: EUPL-1.2
"""Letters about events, made in their recipient's session: what it does not see is not there.

What an event says is written only where its marking is not above `mail.tlp_ceiling` and the
node's settings let it; attributes with a stricter marking of their own are counted instead.
Where an agreement governs the reader's organisation, what it lets pass is written and no more.
"""

from brug.intel import delegating, loading
from brug.intel.proposal import proposals
from brug.intel.proposal.proposals import Listed
from brug.mail import telling
from brug.mail.content import Cause, Content, Reader, address, node_name
from brug.mail.telling import Told
from brug.mail.wanting import wanted
from brug.model import tlp
from brug.model.errors import NotFound
from brug.model.event import Event
from brug.store import settings
from brug.store.session import Session

MOST_PROPOSALS = 200


def alert(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """An event was published; None where the reader may not see it or does not want it."""
    event = _seen(session, cause)
    if event is None or not event.head.published:
        return None
    if not wanted(session, [event], "publish_alert_filter"):
        return None
    subject = reader.say("alert_subject", id=event.head.id)
    lines = [reader.say("alert_head"), "", *_head(session, event, reader), ""]
    said = told(session, event, reader)
    if said is not None:
        lines += telling.lines(said, reader.say, settings.get(session, "mail.tlp_ceiling"))
    else:
        lines.append(reader.say("alert_hidden"))
    lines += ["", reader.say("footer_alert", url=_account(session))]
    return Content(subject, "\n".join(lines) + "\n", about_event=True)


def contact(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """Somebody asks those who made an event."""
    event = _seen(session, cause)
    if event is None:
        return None
    asking = cause.details
    named = {"email": asking["email"], "organisation": asking["organisation"], "id": event.head.id}
    lines = [
        reader.say("contact_head", **named), "", str(asking["message"]), "",
        *_head(session, event, reader), "",
    ]  # fmt: skip
    said = told(session, event, reader)
    if said is not None:
        lines += [f"{reader.say('info')}: {said.info}", ""]
    lines.append(reader.say("contact_foot", **named))
    return Content(
        reader.say("contact_subject", id=event.head.id), "\n".join(lines) + "\n",
        about_event=True, reply_to=str(asking["email"]),
    )  # fmt: skip


def proposed(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """Somebody proposes changes; None where all have been settled meanwhile."""
    event = _seen(session, cause)
    if event is None:
        return None
    asked = Listed(event.head.id, deleted=frozenset({False}), limit=MOST_PROPOSALS)
    waiting = proposals.listed(session, asked)
    if not waiting:
        return None
    lines = [reader.say("proposed_head"), "", *_head(session, event, reader)]
    said = told(session, event, reader)
    if said is not None:
        lines.append(f"{reader.say('info')}: {said.info}")
        senders = ", ".join(sorted({one.org.name for one in waiting}))
        lines.append(f"{reader.say('proposed_by')}: {senders}")
    lines += ["", reader.say("proposed_foot"), reader.say("footer_contact", url=_account(session))]
    subject = reader.say("proposed_subject", id=event.head.id)
    return Content(subject, "\n".join(lines) + "\n", about_event=True)


def delegated(session: Session, cause: Cause, reader: Reader) -> Content | None:
    """An organisation is asked to take an event over; None where that has been settled."""
    event = _seen(session, cause)
    found = None if event is None else delegating.of_event(session, event.head.id)
    if event is None or found is None:
        return None
    named = {"organisation": found.requester.name, "id": event.head.id}
    lines = [reader.say("delegated_head", **named), "", *_head(session, event, reader)]
    said = told(session, event, reader)
    if said is not None:
        lines.append(f"{reader.say('info')}: {said.info}")
        lines += ["", found.message] if found.message else []
    lines += ["", reader.say("footer_contact", url=_account(session))]
    subject = reader.say("delegated_subject", id=event.head.id)
    return Content(subject, "\n".join(lines) + "\n", about_event=True)


def _seen(session: Session, cause: Cause) -> Event | None:
    """The event as the reader sees it, or none."""
    try:
        return loading.event(session, cause.event_id or 0)
    except NotFound:
        return None


def _account(session: Session) -> str:
    return address(session, "/account")


def told(session: Session, event: Event, reader: Reader) -> Told | None:
    """What mail to this reader may say of an event; None: no more than that it is there."""
    values = settings.all_settings(session)
    if values["mail.metadata_only"] or (
        values["mail.content_encrypted_only"] and not reader.gpgkey
    ):
        return None
    marking = tlp.strictest(tag.name for tag in event.tags)
    if tlp.is_above(marking, values["mail.tlp_ceiling"]):
        return None
    if reader.passing is not None:
        return reader.passing.told(session, event)
    return telling.of_event(event)


def _head(session: Session, event: Event, reader: Reader) -> list[str]:
    """What may always be said: that it is there, and where."""
    return [
        f"{reader.say('event')}: {event.head.id} ({event.head.uuid})",
        f"{reader.say('link')}: {address(session, f'/events/view/{event.head.id}')}",
    ]


def test(session: Session, reader: Reader) -> Content:
    """What `brug doctor --mail-to` sends."""
    name = node_name(session)
    return Content(reader.say("test_subject", node=name), reader.say("test_text") + "\n")
