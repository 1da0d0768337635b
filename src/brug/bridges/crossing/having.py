# SPDX-License-Identifier: EUPL-1.2
"""What of an event a partner has had, so that what is gone here is taken back there.

Remembered by UUID when a message is handed over, since from then on the partner may have what is
in it. What the partner has had, and what it could not have by its level or is not here any more,
is named in each message that follows. What never crossed is named in none: that it was here, and
under which UUID, is nothing of the partner's. What the gate leaves out now and let cross before
stays there, as a redacted copy replaces no fuller one.
"""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges import gate
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.said import COLUMNS, said_in
from brug.bridges.gate.hop import rows
from brug.bridges.gate.markings import PSEUDONYM, REDACTED
from brug.bridges.gate.parts import tag_names, values_of
from brug.bridges.partners import BridgeRow
from brug.formats.misp.bare import Bare
from brug.store.session import Session

Document = dict[str, Any]
# Over which what crosses is remembered: a letter is read, and a feed is fetched by anybody.
REMEMBERED = frozenset({"native", "file", "misp"})
NAMES = ("Attribute", "Object", "EventReport", "ObjectReference")
# The node's own, which say something of this copy and not of the event.
_OURS = frozenset({REDACTED, PSEUDONYM})
_HEX = 32


class Parts(msgspec.Struct):
    """The parts of a document: their UUIDs in hexadecimal by kind, tags by what they are on, and
    what was said of them.
    """

    uuids: dict[str, list[str]]
    tags: dict[str, list[str]]
    said: dict[str, list[str]] = {}

    def packed(self, name: str) -> bytes:
        return bytes.fromhex("".join(self.uuids[name]))

    def packed_said(self, name: str) -> bytes:
        return bytes.fromhex("".join(dict.fromkeys(self.said[name])))


def parts_of(event: Document) -> Parts:
    """Of an event as it crosses, or as it could cross before the gate."""
    found = Parts({name: [] for name in NAMES}, {})
    _note_tags(found, str(event["uuid"]), event)
    _note_attributes(found, event.get("Attribute") or ())
    for one in rows(event, "Object"):
        found.uuids["Object"].append(_hex(one["uuid"]))
        _note_attributes(found, one.get("Attribute") or ())
        references = [_hex(r["uuid"]) for r in rows(one, "ObjectReference") if r.get("uuid")]
        found.uuids["ObjectReference"] += references
    found.uuids["EventReport"] += [_hex(one["uuid"]) for one in rows(event, "EventReport")]
    return found


def _note_attributes(found: Parts, several: Iterable[Any]) -> None:
    uuids: list[str] = []
    for one in several:
        if type(one) is Bare:
            uuids.append(one.uuid)
            continue
        uuids += [uuid for uuid, _ in values_of(one)]
        if one.get("Tag"):
            _note_tags(found, str(one["uuid"]), one)
    if uuids:
        found.uuids["Attribute"] += _hex(" ".join(uuids)).split(" ")


def _note_tags(found: Parts, on: str, item: Document) -> None:
    names = tag_names(item)
    if PSEUDONYM not in names and (told := [name for name in names if name not in _OURS]):
        found.tags[on] = told


def _hex(uuid: str) -> str:
    return uuid.replace("-", "")


def _text(uuid: str) -> str:
    return f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}"


class Had(msgspec.Struct, frozen=True):
    """What one partner has had of an event, packed as it is stored."""

    uuids: dict[str, bytes]
    tags: dict[str, list[str]]
    gone: Document
    turn: int
    told: Document
    said: dict[str, bytes]

    def said_of(self, name: str) -> set[str]:
        """Of proposals with what each says."""
        text, long = self.said[name].hex(), 2 * _HEX if name == "ShadowAttribute" else _HEX
        return {text[at : at + long] for at in range(0, len(text), long)}

    def of(self, name: str) -> set[str]:
        text = self.uuids[name].hex()
        return {text[at : at + _HEX] for at in range(0, len(text), _HEX)}


def of_events(session: Session, bridge: BridgeRow, event_uuids: Sequence[str]) -> dict[str, Had]:
    """By event, where something of it may have crossed."""
    if bridge.transport not in REMEMBERED:
        return {}
    found = session.all(
        "SELECT event_uuid::text, attributes, objects, reports, refs, tags, gone, turn, told,"
        " sightings, notes, proposals"
        " FROM crossing_had WHERE bridge_id = %s AND event_uuid = ANY (%s::uuid[])",
        (bridge.id, list(event_uuids)),
    )
    return {row[0]: _had(*row[1:]) for row in found}


def _had(*row: Any) -> Had:
    uuids, said = dict(zip(NAMES, row[:4], strict=True)), dict(zip(COLUMNS, row[8:], strict=True))
    return Had(uuids, row[4], row[5], row[6], row[7], said)


class Gone(msgspec.Struct, frozen=True):
    """What of an event is taken back: as the message names it, and what of that is news."""

    named: Document
    turn: int
    is_changed: bool
    news: list[dict[str, str]]

    def in_message(self) -> Document:
        return {"turn": self.turn, **self.named}


def gone(
    session: Session, bridge: BridgeRow, had: Had | None, copy: Document, lowered: Document
) -> Gone | None:
    """What the partner has had and the event has no more; None where nothing ever was taken back.

    `copy` is what crosses of `lowered`, which is what could cross if the gate let it.
    """
    if had is None:
        return None
    named = _named(session, bridge, had, copy, lowered)
    # Also after a restore from a backup it is a later one.
    turn = had.turn if named == had.gone else max(had.turn + 1, int(time.time()))
    if not turn:
        return None
    told = {_key(one) for one in listed(had.told)}
    news = [one for one in listed(named) if _key(one) not in told]
    return Gone(named, turn, turn != had.turn, news)


def _named(
    session: Session, bridge: BridgeRow, had: Had, copy: Document, lowered: Document
) -> Document:
    now = parts_of(copy)
    missing = {name: had.of(name).difference(now.uuids[name]) for name in NAMES}
    there = parts_of(lowered)
    for name in NAMES:
        missing[name] = missing[name].difference(there.uuids[name])
    if missing["Attribute"]:
        left_out = set(there.uuids["Attribute"]).difference(now.uuids["Attribute"])
        missing["Attribute"] -= _stand_ins(session, bridge, left_out)
    named: Document = {name: sorted(map(_text, uuids)) for name, uuids in missing.items() if uuids}
    tags = [
        {"on": on, "name": name}
        for on, names in sorted(had.tags.items())
        if on == copy["uuid"] or _hex(on) in set(now.uuids["Attribute"])
        for name in sorted(set(names).difference(there.tags.get(on, ())))
    ]
    return named | ({"Tag": tags} if tags else {})


def _stand_ins(session: Session, bridge: BridgeRow, uuids: Iterable[str]) -> set[str]:
    """The UUIDs of the pseudonyms of attributes that do not cross as they are."""
    several = list(uuids)
    if not several or not session.value(
        "SELECT EXISTS (SELECT 1 FROM pseudonym_key WHERE bridge_id = %s)", (bridge.id,)
    ):
        return set()
    names = gate.pseudonyms(session, bridge)
    return {_hex(names.uuid(_text(uuid))) for uuid in several}


def listed(named: Document) -> list[dict[str, str]]:
    """Part by part, as a crossing has them on record."""
    found = [{"kind": kind, "uuid": uuid} for kind in NAMES for uuid in named.get(kind, ())]
    tags = named.get("Tag", ())
    return found + [{"kind": "Tag", "uuid": one["on"], "name": one["name"]} for one in tags]


def _key(one: dict[str, str]) -> tuple[str, str, str]:
    return one["kind"], one["uuid"], one.get("name", "")


def note_decided(session: Session, bridge: BridgeRow, several: Sequence[tuple[str, Gone]]) -> None:
    """Remembers what is named as gone, so that the same is named in the same words again."""
    for event_uuid, found in several:
        session.execute(
            "UPDATE crossing_had SET gone = %s, turn = %s WHERE bridge_id = %s AND event_uuid = %s",
            (Jsonb(found.named), found.turn, bridge.id, event_uuid),
        )


def note_handed_over(session: Session, bridge: BridgeRow, several: Sequence[Message]) -> None:
    """Remembers what is in messages that the partner may have from now on."""
    events = {one["event_uuid"]: one for one in several if one["kind"] in {"event", "reactions"}}
    if not events or bridge.transport not in REMEMBERED:
        return
    parts = {uuid: _handed_over(one) for uuid, one in events.items()}
    columns = [
        list(parts),
        *([one.packed(name) for one in parts.values()] for name in NAMES),
        [msgspec.json.encode(one.tags).decode() for one in parts.values()],
        *([one.packed_said(name) for one in parts.values()] for name in COLUMNS),
    ]
    new = session.all(
        "INSERT INTO crossing_had (bridge_id, event_uuid, attributes, objects, reports, refs, tags,"
        " sightings, notes, proposals)"
        " SELECT %s, n.event, n.attributes, n.objects, n.reports, n.refs, n.tags, n.sightings,"
        " n.notes, n.proposals"
        " FROM unnest(%s::uuid[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %s::jsonb[],"
        " %b::bytea[], %b::bytea[], %b::bytea[]) AS n (event, attributes, objects, reports, refs,"
        " tags, sightings, notes, proposals)"
        " ON CONFLICT DO NOTHING RETURNING event_uuid::text",
        (bridge.id, *columns),
    )
    known = parts.keys() - {row[0] for row in new}
    if known:
        session.execute(
            "SELECT FROM crossing_had WHERE bridge_id = %s AND event_uuid = ANY (%s::uuid[])"
            " ORDER BY event_uuid FOR UPDATE",
            (bridge.id, list(known)),
        )
        for uuid, had in of_events(session, bridge, list(known)).items():
            named = {**(events[uuid].get("gone") or {}), **(events[uuid].get("unsaid") or {})}
            _add(session, bridge, uuid, had, parts[uuid], named)


def _handed_over(message: Message) -> Parts:
    if message["kind"] == "reactions":
        return Parts({name: [] for name in NAMES}, {}, said_in(message["said"]))
    found = parts_of(message["event"])
    found.said = said_in(message["event"])
    return found


def _add(
    session: Session, bridge: BridgeRow, uuid: str, had: Had, now: Parts, named: Document
) -> None:
    packed = [had.uuids[name] + _new(had, now, name) for name in NAMES]
    said = [
        had.said[name] + bytes.fromhex("".join(sorted({*now.said[name]} - had.said_of(name))))
        for name in COLUMNS
    ]
    tags = {
        on: sorted({*had.tags.get(on, ()), *now.tags.get(on, ())}) for on in {*had.tags, *now.tags}
    }
    told = {name: value for name, value in named.items() if name != "turn"}
    session.execute(
        "UPDATE crossing_had SET attributes = %s, objects = %s, reports = %s, refs = %s,"
        " tags = %s, told = %s, sightings = %s, notes = %s, proposals = %s"
        " WHERE bridge_id = %s AND event_uuid = %s",
        (*packed, Jsonb(tags), Jsonb(told), *said, bridge.id, uuid),
    )


def _new(had: Had, now: Parts, name: str) -> bytes:
    if now.packed(name) == had.uuids[name]:
        return b""
    known = had.of(name)
    return bytes.fromhex("".join(one for one in now.uuids[name] if one not in known))


def forget(session: Session, bridge_id: int, event_uuids: Sequence[str]) -> None:
    """The partner has nothing of these events any more, unless they are on their way again."""
    session.execute(
        "DELETE FROM crossing_had h WHERE bridge_id = %s AND event_uuid = ANY (%s::uuid[])"
        " AND NOT EXISTS (SELECT 1 FROM crossing c WHERE c.bridge_id = h.bridge_id"
        "   AND c.event_uuid = h.event_uuid AND c.outward AND c.kind = 'event' AND c.attempts > 0"
        "   AND c.id > (SELECT max(w.id) FROM crossing w WHERE w.bridge_id = h.bridge_id"
        "     AND w.event_uuid = h.event_uuid AND w.outward AND w.kind = 'withdrawal'))",
        (bridge_id, list(event_uuids)),
    )
