# SPDX-License-Identifier: EUPL-1.2
"""Inward: what a partner sends is stored by the code that serves a synchronising user.

The session is the bridge account's, so that a partner can do no more here than its organisation
may. What arrived is stored as received, with the crossing, the ledger's entry and the receipt in
one transaction; the same message again changes nothing and is answered alike.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from brug.bridges import agreements, node_users
from brug.bridges.afterwards import hearing, holds
from brug.bridges.crossing import (
    arrivals,
    case_arrivals,
    clusters,
    copies,
    documents_in,
    fuller,
    in_our_name,
    messages,
    protected,
    reading,
    recalls,
    taking_back,
    taking_over,
    unsaying,
)
from brug.bridges.crossing.arrivals import Arrival
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.reading import KINDS, items, keeping
from brug.bridges.gate.hop import rows
from brug.bridges.native import HANDLERS, SINGLY
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.directory import brought_groups
from brug.formats.misp.analyst_inside import inside
from brug.formats.misp.bearing import bearing
from brug.formats.misp.reading_attributes import read_proposals
from brug.formats.misp.reading_fields import Fields
from brug.intel import finding
from brug.intel.analysis.analyst_taking import take_inside
from brug.intel.intake.importing import Overrides, take_event
from brug.intel.proposal import bringing_proposals
from brug.intel.sighting import sighting_exchange
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.model.naming import is_uuid
from brug.model.new_event import Refusal
from brug.store.session import Session

Answer = dict[str, Any]
Outcome = tuple[str, list[Refusal]]


def take(session: Session, bridge: BridgeRow, message: Message) -> Answer:
    """Stores a message of any of the kinds below; the answer holds the receipt.

    Raises Invalid for what is none, Forbidden for what the agreement does not cover.
    """
    kind = message.get("kind")
    doing = _KINDS.get(str(kind))
    if doing is None:
        raise Invalid("kind", f"one of {', '.join(sorted(_KINDS))}", str(kind))
    digest = hashlib.sha256(require_form(message)).digest()
    terms = terms_of(session, bridge, message)
    known = _known(session, bridge, message, digest)
    if known is not None:
        return {"receipt": known, "repeated": True}
    outcome, refused = doing(session, bridge, message, terms)
    gone = taking_back.follow(session, bridge, message) if kind == "event" else []
    if kind in {"event", "reactions"}:
        gone += unsaying.follow(session, bridge, message)
    (receipt,) = arrivals.record(session, bridge, [Arrival(message, digest, outcome, gone)])
    return answer(receipt, outcome, refused)


def answer(receipt: dict[str, Any], outcome: str, refused: Sequence[Refusal]) -> Answer:
    """What the sender is told: what of the message was not taken, too."""
    told = [{"place": one.place, "errors": one.errors} for one in refused[:100]]
    return {"receipt": receipt, "outcome": outcome, "refused": told}


def require_form(message: Message) -> bytes:
    """What every kind has, as the node itself writes it; its bytes before reading completes it."""
    uuid = message.get("event_uuid")
    if not isinstance(uuid, str) or not is_uuid(uuid) or uuid != uuid.lower():
        raise Invalid("event_uuid", "the UUID of the event, in lower case", str(uuid))
    _require_number("version", message.get("version"), 2**53)
    if message.get("agreement") is not None:
        _require_number("agreement", message["agreement"], 2**31)
    if not isinstance(message.get("redacted", False), bool):
        raise Invalid("redacted", "true or false", str(message["redacted"]))
    taking_back.require_form(message)
    unsaying.require_form(message)
    return messages.storable(message)


def _require_number(field: str, value: Any, below: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < below:
        raise Invalid(field, f"a number from 0 to {below - 1}", str(value))


def terms_of(session: Session, bridge: BridgeRow, message: Message) -> Terms | None:
    """What was agreed, where it lets the partner send; None for what needs no agreement.

    A withdrawal or a recall is always taken: it asks for less. What is told of what was sent
    is no item; whether it may be told is for whoever keeps it.
    """
    if message["kind"] in {"withdrawal", "recall", "recall_followed", *hearing.KINDS}:
        return None
    with session.as_system():
        agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    if agreement is None:
        raise Forbidden(f"no agreement is in force on bridge {bridge.uuid}")
    terms = agreement.terms
    if str(bridge.org_uuid) not in terms.senders:
        raise Forbidden(f"version {terms.version} of the agreement lets nothing come in")
    if message["kind"] == "event" and "event" not in terms.kinds:
        raise Forbidden(f"version {terms.version} of the agreement covers no events")
    return terms


def _known(
    session: Session, bridge: BridgeRow, message: Message, digest: bytes
) -> dict[str, Any] | None:
    """The receipt of the same message, if it came before and nothing came of the event since."""
    with session.as_system():
        row = session.one(
            "SELECT receipt, digest, state FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND (kind = 'reactions') = %s ORDER BY id DESC LIMIT 1",
            (bridge.id, message["event_uuid"], message["kind"] == "reactions"),
        )
    # What went after its time and comes once more was sent by hand.
    return row[0] if row and row[1] == digest and row[2] != "gone" else None


def _event(session: Session, bridge: BridgeRow, message: Message, terms: Terms | None) -> Outcome:
    raw = event_in(message)
    if reading.creator(raw) == host(session):
        raise Forbidden("an event of the host is changed here alone; send a proposal")
    held = copies.held_of(session, message["event_uuid"])
    if held is not None and taking_over.takes_over(session, held.event_id, held.org_id, raw):
        held = copies.held_of(session, message["event_uuid"])
    is_ours = held is not None and held.org_id == session.principal.org_id
    creator = held.creator if held and is_ours else reading.creator(raw)
    is_creators = node_users.brings_for(session, bridge, terms, creator)
    known = held.event_id if held and is_ours else None
    protected.require_signed(session, message, known, is_creators=is_creators)
    if held is not None and not is_ours:
        protected.keep_signers(raw, is_new=False, is_creators=False)
        # Another partner brings this event and its changes: its creator, or who passed it on.
        if held.version < message["version"] and not held.is_creators:
            copies.keep_beside(session, bridge, message, held)
        return "kept", []
    if held is not None:
        copies.keep_ours(session, bridge, message, held)
        copies.let_in(session, bridge, message, held)
    protected.keep_signers(raw, is_new=held is None, is_creators=is_creators)
    unsaying.strip(session, bridge, message["event_uuid"], raw)
    raw["locked"] = True
    bearers = bearing(raw)
    in_our_name.strip(session, raw, bearers, host(session))
    clusters.take(session, terms, bearers)
    brought_groups.bring(session, bearers)
    completes = held is not None and copies.make_way(session, held, message)
    taken = take_event(session, raw, Overrides(share=True))
    if completes:
        fuller.complete(session, taken.event_id, raw)
    if taken.outcome == "unchanged" and held is not None and held.version > message["version"]:
        copies.keep_beside(session, bridge, message, held)
    take_sightings(session, bearers, message["event_uuid"])
    return taken.outcome, taken.refused


def event_in(message: Message) -> Fields:
    """The event of a message. Raises Invalid."""
    raw = message.get("event")
    if not isinstance(raw, dict):
        raise Invalid("event", "an object")
    if str(raw.get("uuid", "")).lower() != message["event_uuid"]:
        raise Invalid("event.uuid", f"{message['event_uuid']}, as the message says")
    return raw


def host(session: Session) -> str:
    """The UUID of the organisation whose node this is."""
    with session.as_system():
        return str(
            session.value(
                "SELECT uuid::text FROM organisation WHERE local AND id::text ="
                " (SELECT value #>> '{}' FROM setting WHERE name = 'node.host_org_id')"
            )
        )


def take_sightings(session: Session, raw: Fields, event_uuid: str) -> int:
    """Those that can be read; how many are new."""
    found = [
        sighting_exchange.read({**one, "attribute_uuid": item.get("uuid")})
        for item in items(raw)
        for one in rows(item, "Sighting")
    ]
    brought = [one for one in found if one is not None]
    return sighting_exchange.take(session, event_uuid, brought) if brought else 0


def _withdrawal(session: Session, bridge: BridgeRow, message: Message, _: Terms | None) -> Outcome:
    """The partner's copy goes; what was said of it here stays with those who said it."""
    event_uuid = message["event_uuid"]
    with session.as_system():
        brought = session.value(
            "SELECT max(version) FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND kind = 'event'",
            (bridge.id, event_uuid),
        )
    if brought is None:
        return "unknown", []
    if brought > message["version"]:
        return "replaced", []  # it came late: what it takes back is not here any more
    try:
        gone = holds.remove(
            session, bridge.id, event_uuid, message["version"], "Its sender took it back."
        )
    except NotFound:
        return "unknown", []
    return "withdrawn" if gone else "kept", []


def _reactions(
    session: Session, bridge: BridgeRow, message: Message, terms: Terms | None
) -> Outcome:
    """What a partner says of an event that it was given, as far as agreed."""
    said = message.get("said")
    if not isinstance(said, dict) or str(said.get("uuid", "")).lower() != message["event_uuid"]:
        raise Invalid("said", "an object with the UUID of the event")
    kinds = terms.kinds if terms else ()
    unsaying.strip(session, bridge, message["event_uuid"], said)
    in_our_name.strip(session, said, bearing(said), host(session))
    said = keeping(said, lambda name, _: KINDS[name] in kinds) or {"uuid": said["uuid"]}
    event_id = finding.find(session, "event", message["event_uuid"])
    refused: list[Refusal] = []
    taken = take_sightings(session, said, message["event_uuid"])
    taken += bringing_proposals.bring(session, event_id, read_proposals(said, refused))
    refused += take_inside(session, inside(said))
    return f"{taken} taken", refused


def _recall(session: Session, bridge: BridgeRow, message: Message, _: Terms | None) -> Outcome:
    return recalls.take(session, bridge, message), []


def _followed(session: Session, bridge: BridgeRow, message: Message, _: Terms | None) -> Outcome:
    """The partner's person has judged what was recalled."""
    outcome = str(message.get("outcome"))
    if outcome not in {"recalled", "kept"}:
        raise Invalid("outcome", "recalled or kept", outcome)
    with session.as_system():
        if not recalls.was_asked(session, bridge.id, message["event_uuid"]):
            return "unknown", []
        recalls.followed(session, bridge.id, message["event_uuid"], outcome)
    return outcome, []


def _told(session: Session, bridge: BridgeRow, message: Message, _: Terms | None) -> Outcome:
    return hearing.take(session, bridge, message), []


def _case(session: Session, bridge: BridgeRow, message: Message, terms: Terms | None) -> Outcome:
    return case_arrivals.take(session, bridge, message, terms), []


def _document(
    session: Session, bridge: BridgeRow, message: Message, terms: Terms | None
) -> Outcome:
    return documents_in.take(session, bridge, message, terms), []


def register() -> None:
    """Has messages of these kinds given to `take` where they come in."""
    HANDLERS.update(dict.fromkeys(_KINDS, take))
    SINGLY.update({"case", "document"})


_KINDS: dict[str, Callable[[Session, BridgeRow, Message, Terms | None], Outcome]] = {
    "recall": _recall,
    "recall_followed": _followed,
    "case": _case,
    "document": _document,
    "event": _event,
    "withdrawal": _withdrawal,
    "reactions": _reactions,
    **dict.fromkeys(hearing.KINDS, _told),
}
