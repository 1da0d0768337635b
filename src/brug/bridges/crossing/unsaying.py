# SPDX-License-Identifier: EUPL-1.2
"""Sightings, notes and proposals that were taken back, where they crossed before.

Named is what crossed, is not here any more, and was taken back by who said it or whose event it
is. The receiver removes of that what the sender brought, and nothing that was said there itself;
what was taken back does not come in again, however late a message with it is. A proposal that is
settled by whoever owns the event is settled at its proposer, too.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from brug.bridges.crossing import having
from brug.bridges.crossing.having import Gone, Had
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.said import COLUMNS, HEX, digest, hex_of, said_in
from brug.bridges.gate.hop import NOTES, rows
from brug.bridges.partners import BridgeRow
from brug.intel.proposal.bringing_proposals import known
from brug.model.errors import Invalid
from brug.model.naming import is_uuid
from brug.store import audit
from brug.store.session import Session

Document = dict[str, Any]
Part = dict[str, str]
FIELD = "unsaid"
MOST = 10_000
# Whose receiver can remove something.
_TRANSPORTS = frozenset({"native", "file"})


# What goes out --------------------------------------------------------------------------


def taken_back(session: Session, bridge: BridgeRow, had: Mapping[str, Had]) -> dict[str, set[str]]:
    """By event the UUIDs of what was taken back, of events of which the partner had such."""
    events = [uuid for uuid, one in had.items() if any(one.said.values())]
    found: dict[str, set[str]] = {}
    if events and bridge.transport in _TRANSPORTS:
        for event, uuid in session.all(
            "SELECT event_uuid::text, uuid::text FROM said_taken_back"
            " WHERE event_uuid = ANY (%s::uuid[])",
            (events,),
        ):
            found.setdefault(event, set()).add(uuid.replace("-", ""))
    return found


def named(had: Had | None, back: Collection[str], *there: Document) -> Document:
    """What the partner had of what was taken back and is in none of some documents."""
    if had is None or not back:
        return {}
    now: dict[str, set[str]] = {name: set() for name in COLUMNS}
    for document in there:
        for name, several in said_in(document).items():
            now[name].update(several)
    found: Document = {}
    for name in COLUMNS:
        gone = {one for one in had.said_of(name) - now[name] if one[:HEX] in back}
        if gone:
            found[name] = sorted(map(_text, gone))[:MOST]
    return found


def due(session: Session, bridge: BridgeRow, documents: Mapping[str, Document]) -> frozenset[str]:
    """Of events that the partner made, those of which something said here was taken back."""
    had = having.of_events(session, bridge, list(documents)) if documents else {}
    back = taken_back(session, bridge, had)
    return frozenset(uuid for uuid in back if named(had[uuid], back[uuid], documents[uuid]))


def with_news(gone: Gone | None, had: Had | None, parts: Sequence[Part]) -> Gone | None:
    """What is taken back, with what was said and is taken back for the first time."""
    if not parts or had is None:
        return gone
    news = [one for one in parts if one["uuid"] not in had.told.get(one["kind"], ())]
    if gone is None:
        return Gone({}, had.turn, False, news)
    return msgspec.structs.replace(gone, news=[*gone.news, *news])


def _text(one: str) -> str:
    """A UUID; of a proposal the digest of what it says."""
    if len(one) > HEX:
        return one[HEX:]
    return f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"


def listed(found: Document) -> list[Part]:
    """One by one, as a crossing has them on record."""
    return [{"kind": name, "uuid": one} for name in COLUMNS for one in found.get(name, ())]


# What comes in --------------------------------------------------------------------------


def require_form(message: Message) -> None:
    """What is named can be read. Raises Invalid."""
    found = message.get(FIELD)
    if found is None:
        return
    if not isinstance(found, dict):
        raise Invalid(FIELD, "an object")
    for name in COLUMNS:
        several = found.get(name, [])
        is_fine = _is_digest if name == "ShadowAttribute" else _is_uuid
        if not isinstance(several, list) or len(several) > MOST or not all(map(is_fine, several)):
            what = "digests" if name == "ShadowAttribute" else "UUIDs"
            raise Invalid(f"{FIELD}.{name}", f"a list of at most {MOST} {what} in lower case")


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and is_uuid(value) and value == value.lower()


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == HEX and not set(value) - set("0123456789abcdef")


def strip(session: Session, bridge: BridgeRow, event_uuid: str, said: Document) -> None:
    """Takes out of a document that came what was taken back before."""
    came = said_in(said)
    if not (came["Sighting"] or came["Note"]):
        return
    with session.as_system():
        gone = _unsaid(session, bridge, event_uuid)
        gone |= {
            row[0]
            for row in session.all(
                "SELECT replace(uuid::text, '-', '') FROM said_taken_back WHERE event_uuid = %s",
                (event_uuid,),
            )
        }
    if gone.intersection(came["Sighting"] + came["Note"]):
        _strip(said, gone)


def _strip(item: Document, gone: Collection[str]) -> None:
    for name in ("Sighting", *NOTES):
        if item.get(name):
            item[name] = [one for one in rows(item, name) if hex_of(one) not in gone]
            for one in item[name]:
                _strip(one, gone)
    for name in ("Attribute", "Object", "EventReport"):
        for one in rows(item, name):
            _strip(one, gone)


def _unsaid(session: Session, bridge: BridgeRow, event_uuid: str) -> set[str]:
    row = session.value(
        "SELECT encode(uuids, 'hex') FROM crossing_unsaid WHERE bridge_id = %s AND event_uuid = %s",
        (bridge.id, event_uuid),
    )
    text = str(row or "")
    return {text[at : at + HEX] for at in range(0, len(text), HEX)}


def follow(session: Session, bridge: BridgeRow, message: Message) -> list[Part]:
    """What of what the partner said, or brought, is gone now. In the partner's session."""
    found = message.get(FIELD)
    if not found:
        return []
    event_uuid = message["event_uuid"]
    uuids = [*found.get("Sighting", ()), *found.get("Note", ())]
    with session.as_system():
        _remember(session, bridge, event_uuid, uuids)
        gone = {"Sighting": _removed(session, bridge, event_uuid, _SIGHTINGS, uuids)}
        gone["Note"] = _removed(session, bridge, event_uuid, _NOTES, uuids)
        settled = _settled(session, bridge, event_uuid, found.get("ShadowAttribute", ()))
        session.execute(
            "INSERT INTO said_taken_back (event_uuid, uuid) SELECT %s, unnest(%s::uuid[])"
            " ON CONFLICT DO NOTHING",
            (event_uuid, [*gone["Sighting"], *gone["Note"], *settled.values()]),
        )
        event_id = session.value("SELECT id FROM event WHERE uuid = %s LIMIT 1", (event_uuid,))
    parts = listed(gone | {"ShadowAttribute": sorted(settled)})
    if parts:
        change = {"taken back": parts[:100]}
        audit.record(session, "take-back", "Event", event_id, change=change)
    return parts


def _remember(session: Session, bridge: BridgeRow, event_uuid: str, uuids: Sequence[str]) -> None:
    session.execute(
        "INSERT INTO crossing_unsaid (bridge_id, event_uuid) VALUES (%s, %s)"
        " ON CONFLICT DO NOTHING",
        (bridge.id, event_uuid),
    )
    session.execute(
        "SELECT FROM crossing_unsaid WHERE bridge_id = %s AND event_uuid = %s FOR UPDATE",
        (bridge.id, event_uuid),
    )
    before = _unsaid(session, bridge, event_uuid)
    new = sorted({one.replace("-", "") for one in uuids} - before)
    session.execute(
        "UPDATE crossing_unsaid SET uuids = uuids || %s WHERE bridge_id = %s AND event_uuid = %s",
        (bytes.fromhex("".join(new)), bridge.id, event_uuid),
    )


# What the partner said itself, whoever brought it; and what it brought of others, unless these are
# partners, too, and talk of what it did not make: they take that back themselves. Never what is in
# the name of this node's own organisation.
_WHOSE = (
    " AND o.id::text IS DISTINCT FROM (SELECT value #>> '{}' FROM setting"
    "   WHERE name = 'node.host_org_id')"
    " AND (o.id = %(org)s OR (s.user_id = %(account)s AND (e.orgc_id = %(org)s"
    "   OR NOT EXISTS (SELECT 1 FROM partner p JOIN bridge b ON b.partner_id = p.id"
    "     WHERE p.org_id = o.id AND b.state = 'open' AND b.id <> %(bridge)s))))"
)
_SIGHTINGS = (
    "DELETE FROM sighting s USING event e, organisation o WHERE e.id = s.event_id"
    " AND o.id = s.org_id AND e.uuid = %(event)s AND s.uuid = ANY (%(uuids)s::uuid[])"
    + _WHOSE
    + " RETURNING s.uuid::text"
)
_NOTES = (
    "DELETE FROM analyst_data s USING event e, organisation o WHERE e.id = s.event_id"
    " AND o.id = s.orgc_id AND e.uuid = %(event)s AND s.uuid = ANY (%(uuids)s::uuid[])"
    + _WHOSE
    + " RETURNING s.uuid::text"
)


def _removed(
    session: Session, bridge: BridgeRow, event_uuid: str, query: Any, uuids: Sequence[str]
) -> list[str]:
    given = {
        "event": event_uuid, "uuids": list(uuids), "account": bridge.account_id,
        "org": bridge.org_id, "bridge": bridge.id,
    }  # fmt: skip
    return sorted(row[0] for row in session.all(query, given)) if uuids else []


def _settled(
    session: Session, bridge: BridgeRow, event_uuid: str, digests: Sequence[str]
) -> dict[str, str]:
    """The proposals that the partner brought, or that are on what it made and brought: by digest
    their UUIDs.
    """
    if not digests:
        return {}
    found: dict[str, str] = {}
    for event_id, is_theirs in session.all(
        "SELECT id, org_id = %(org)s AND orgc_id = %(org)s FROM event WHERE uuid = %(event)s",
        {"event": event_uuid, "org": bridge.org_id},
    ):
        uuids = session.all("SELECT DISTINCT uuid::text FROM proposal WHERE event_id = %s"
                            " AND NOT deleted", (event_id,))  # fmt: skip
        open_ = known(session, event_id, [row[0] for row in uuids])
        for what, (number, _, settled) in open_.items():
            name = digest(what)
            if settled or name not in digests:
                continue
            done = session.value(
                "UPDATE proposal SET deleted = true, timestamp = greatest(%s, timestamp + 1)"
                " WHERE id = %s AND NOT deleted AND (%s OR user_id = %s) RETURNING uuid::text",
                (int(time.time()), number, is_theirs, bridge.account_id),
            )
            if done is not None:
                found[name] = str(done)
    return found
