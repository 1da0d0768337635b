# SPDX-License-Identifier: EUPL-1.2
"""The letters that would go about an event, before they do: nothing is sent or put on record.

What is in them was read as the partner's account and decided by the gate, as when it goes. Whoever
looks at them is shown of it what they see themselves.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import agreements, explaining
from brug.bridges.crossing import drafting, reading
from brug.bridges.crossing.drafting import Now
from brug.bridges.crossing.messages import Message
from brug.bridges.explaining import Stage
from brug.bridges.gate.reasons import Outcome, Reason
from brug.bridges.mail import fitting, letters, mailboxes, posting
from brug.bridges.mail.enclosing import Form
from brug.bridges.mail.fitting import Postman
from brug.bridges.mail.letters import Sent, Written
from brug.bridges.mail.mailboxes import Contact
from brug.bridges.partners import BridgeRow
from brug.directory.refusals import Refused
from brug.intel.finding import find
from brug.mail import transport
from brug.store.session import Database, Session


class Addressed(msgspec.Struct, frozen=True):
    """Who would get it, and how: in which form, of how many bytes as it travels."""

    email: str
    language: str
    encrypted: bool
    form: Form
    size: int


class Preview(msgspec.Struct, frozen=True):
    """What would go if it is let; `says` is what stands in its way, or that nothing does.

    `problem` keeps every letter to the partner; `unseen` counts values that the partner sees and
    whoever asks does not. `letters` are by language.
    """

    event_id: int
    info: str
    stage: Stage
    outcome: Outcome
    reasons: list[Reason]
    says: str
    problem: str = ""
    letters: dict[str, Written] = {}
    addressed: list[Addressed] = []
    unseen: int = 0


def preview(
    database: Database,
    reader: Session,
    bridge: BridgeRow,
    event: str,
    languages: Sequence[str] = (),
) -> Preview:
    """In these languages, or those of the partner's contacts.

    Raises NotFound where the reader sees no such event or the bridge is none of mail, Refused.
    """
    for language in languages:
        if language not in mailboxes.LANGUAGES:
            choices = ", ".join(mailboxes.LANGUAGES)
            raise Refused("language", "choice", f"one of {choices}", language)
    mailboxes.view(reader, bridge)
    event_id = find(reader, "event", event)
    info = str(reader.value("SELECT info FROM event WHERE id = %s", (event_id,)))
    document = explaining.what_partner_sees(database, bridge, event_id)
    with database.system() as session:
        steps = explaining.steps_of(session, bridge, document)
        stopped = explaining.STAGES.get(steps.stage, "")
        if steps.document is None:
            return Preview(event_id, info, steps.stage, "refuse", [], stopped)
        at = datetime.now(UTC)
        now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
        draft = drafting.of_event(session, now, steps.document)
        outcome = draft.decision.outcome
        why = [one for one in draft.decision.reasons if one.outcome == outcome != "pass"]
        texts = dict.fromkeys(one.text for one in why)
        says = " ".join([f"{outcome}.", *texts, stopped]).strip()
        found = Preview(event_id, info, steps.stage, outcome, why, says)
        if not draft.releasable:
            return found
        sent = Sent(draft.message, posting.had_before(session, bridge.id, draft.event_uuid))
        postman, problem = _postman(session, bridge)
    forms, addressed = _addressed(postman, sent)
    shown, unseen = _as_seen(reader, sent)
    written = {
        language: letters.write(
            postman.frame, _somebody(language), [shown], forms.get(language, "whole")
        )
        for language in languages or sorted({one.language for one in addressed}) or ("en",)
    }
    return msgspec.structs.replace(
        found, problem=problem, letters=written, addressed=addressed, unseen=unseen
    )


def _postman(session: Session, bridge: BridgeRow) -> tuple[Postman, str]:
    """As letters would go, and what keeps them."""
    try:
        return posting.prepared(session, bridge), ""
    except posting.CannotPost as error:
        contacts = mailboxes.contacts(session, bridge.id)
        frame = posting.frame_of(session, bridge)
        return Postman(transport.server_of(session), frame, contacts, ""), str(error)


def _somebody(language: str) -> Contact:
    return Contact(0, "nobody@brug.invalid", "", language, "")


def _addressed(postman: Postman, sent: Sent) -> tuple[dict[str, Form], list[Addressed]]:
    """Sizes are those of the first contact with the same language, with a key or without one."""
    server = postman.server
    if not server.sender:
        server = msgspec.structs.replace(server, sender="nobody@brug.invalid")
    setting = msgspec.structs.replace(postman, server=server, node_host="brug.invalid")
    measured: dict[tuple[str, bool], fitting.Fitted] = {}
    found, forms = [], dict[str, Form]()
    for contact in postman.contacts:
        encrypted = contact.has_usable_key
        alike = contact.language, encrypted
        if alike not in measured:
            plain = contact if encrypted else msgspec.structs.replace(contact, gpgkey="")
            measured[alike] = fitting.fitted(setting, plain, [sent], [0], fitting.LARGEST)
        one = measured[alike]
        forms.setdefault(contact.language, one.form)
        found.append(Addressed(contact.email, contact.language, encrypted, one.form, one.size))
    return forms, found


def _as_seen(reader: Session, sent: Sent) -> tuple[Sent, int]:
    """With only what whoever asks sees, and how many values they do not."""
    event: Message = dict(sent.message["event"])
    uuids = [str(one.get("uuid")) for one in reading.items(event)]
    attributes = _visible(reader, "attribute", uuids)
    reports = _visible(
        reader, "event_report", [str(one.get("uuid")) for one in event.get("EventReport") or []]
    )

    def kept(several: list[dict[str, Any]] | None, visible: set[str]) -> list[dict[str, Any]]:
        return [one for one in several or [] if str(one.get("uuid")) in visible]

    event["Attribute"] = kept(event.get("Attribute"), attributes)
    event["Object"] = [
        {**one, "Attribute": kept(one.get("Attribute"), attributes)}
        for one in event.get("Object") or []
    ]
    event["EventReport"] = kept(event.get("EventReport"), reports)
    shown = msgspec.structs.replace(sent, message={**sent.message, "event": event})
    return shown, len(uuids) - len(attributes & set(uuids))


def _visible(reader: Session, what: str, uuids: list[str]) -> set[str]:
    query = (
        "SELECT uuid::text FROM attribute WHERE uuid = ANY (%s::uuid[])"
        if what == "attribute"
        else "SELECT uuid::text FROM event_report WHERE uuid = ANY (%s::uuid[])"
    )
    return {str(row[0]) for row in reader.all(query, (uuids,))} if uuids else set()
