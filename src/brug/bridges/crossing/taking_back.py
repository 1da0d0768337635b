# SPDX-License-Identifier: EUPL-1.2
"""Parts of an event that its sender takes back: marked as deleted here, as the sender's own act.

A pseudonym for which the value itself came is removed: it was never anything of its own. What
comes again is not deleted any more. Messages may come late: a turn that is older than the last
one is not followed.
"""

from collections.abc import Collection
from typing import Any, LiteralString

from brug.bridges.crossing.having import NAMES
from brug.bridges.crossing.messages import Message
from brug.bridges.gate.hop import rows
from brug.bridges.gate.markings import PSEUDONYM, REDACTED
from brug.bridges.partners import BridgeRow
from brug.intel import attributes
from brug.intel.finding import Claim, claim
from brug.model.errors import Invalid
from brug.model.naming import is_uuid
from brug.store import audit
from brug.store.session import Session

_TABLES: dict[str, LiteralString] = {
    "Attribute": "attribute", "Object": "object", "EventReport": "event_report",
    "ObjectReference": "object_reference",
}  # fmt: skip
LONGEST_TAG = 1000
Part = dict[str, str]


def require_form(message: Message) -> None:
    """What is named as gone can be read. Raises Invalid."""
    named = message.get("gone")
    if named is None:
        return
    if not isinstance(named, dict):
        raise Invalid("gone", "an object")
    unknown = sorted(set(named) - {"turn", "Tag", *NAMES})
    if unknown:
        raise Invalid(f"gone.{unknown[0]}"[:100], f"one of turn, Tag, {', '.join(NAMES)}")
    turn = named.get("turn")
    if isinstance(turn, bool) or not isinstance(turn, int) or not 0 < turn < 2**53:
        raise Invalid("gone.turn", "a number from 1 to 9007199254740991", str(turn))
    for name in NAMES:
        several = named.get(name, [])
        if not isinstance(several, list) or not all(map(_is_uuid, several)):
            raise Invalid(f"gone.{name}", "a list of UUIDs in lower case")
    tags = named.get("Tag", [])
    if not isinstance(tags, list) or not all(map(_is_tag, tags)):
        raise Invalid("gone.Tag", "a list of objects with on (a UUID) and name")


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and is_uuid(value) and value == value.lower()


def _is_tag(value: Any) -> bool:
    name = value.get("name") if isinstance(value, dict) else None
    return isinstance(name, str) and 0 < len(name) <= LONGEST_TAG and _is_uuid(value.get("on"))


def follow(session: Session, bridge: BridgeRow, message: Message) -> list[Part]:
    """What of the partner's copy is deleted now, part by part. In the partner's session."""
    named = message.get("gone")
    with session.as_system():
        before = session.one(
            "SELECT turn, marked::text[] FROM crossing_gone"
            " WHERE bridge_id = %s AND event_uuid = %s FOR UPDATE",
            (bridge.id, message["event_uuid"]),
        )
        event_id = session.value(
            "SELECT id FROM event WHERE uuid = %s AND org_id = %s",
            (message["event_uuid"], session.principal.org_id),
        )
    if named is None or event_id is None or (before and named["turn"] < before[0]):
        return []
    held = claim(session, int(event_id))
    marked = set(before[1]) if before else set()
    back = _restored(session, held, marked & _said(message["event"])) if marked else set()
    gone = [part for name in NAMES for part in _marked(session, held, name, named.get(name, []))]
    done = gone + _without_tags(session, held, named.get("Tag", []))
    marked = (marked - back) | {part["uuid"] for part in gone}
    with session.as_system():
        session.execute(
            "INSERT INTO crossing_gone (bridge_id, event_uuid, turn, marked)"
            " VALUES (%s, %s, %s, %s::uuid[]) ON CONFLICT (bridge_id, event_uuid)"
            " DO UPDATE SET turn = excluded.turn, marked = excluded.marked",
            (bridge.id, message["event_uuid"], named["turn"], sorted(marked)),
        )
    if done or back:
        # Whoever has it from here hears of it.
        session.execute("SELECT note_change(ARRAY[%s::bigint])", (held.event_id,))
        change = {"taken back": done[:100], "restored": sorted(back)[:100]}
        audit.record(session, "take-back", "Event", held.event_id, change=change)
    return done


def _said(event: dict[str, Any]) -> set[str]:
    """The UUIDs of the parts that a message brings, but for deleted ones."""
    objects = rows(event, "Object")
    inside = [one for item in objects for name in ("Attribute", "ObjectReference")
              for one in rows(item, name)]  # fmt: skip
    every = [*rows(event, "Attribute"), *rows(event, "EventReport"), *objects, *inside]
    return {str(one.get("uuid", "")).lower() for one in every if not one.get("deleted")}


def _restored(session: Session, held: Claim, uuids: Collection[str]) -> set[str]:
    back: set[str] = set()
    for table in _TABLES.values():
        query: LiteralString = (
            "UPDATE " + table + " SET deleted = false, timestamp = timestamp + 1"
            " WHERE event_id = %s AND uuid = ANY (%s::uuid[]) AND deleted RETURNING uuid::text"
        )
        back |= {row[0] for row in session.all(query, (held.event_id, list(uuids)))}
    return back


def _marked(session: Session, held: Claim, name: str, uuids: list[str]) -> list[Part]:
    if not uuids:
        return []
    gone = _stand_ins(session, held, uuids) if name == "Attribute" else []
    query: LiteralString = (
        "UPDATE " + _TABLES[name] + " SET deleted = true, timestamp = timestamp + 1"
        " WHERE event_id = %s AND uuid = ANY (%s::uuid[]) AND NOT deleted RETURNING uuid::text"
    )
    gone += [row[0] for row in session.all(query, (held.event_id, uuids))]
    return [{"kind": name, "uuid": uuid} for uuid in sorted(gone)]


def _stand_ins(session: Session, held: Claim, uuids: list[str]) -> list[str]:
    """Removes the pseudonyms among some attributes."""
    found = dict(
        session.all(
            "SELECT a.id, a.uuid::text FROM attribute a JOIN attribute_tag t"
            " ON t.attribute_id = a.id JOIN tag g ON g.id = t.tag_id"
            " WHERE a.event_id = %s AND a.uuid = ANY (%s::uuid[]) AND g.name = %s",
            (held.event_id, uuids, PSEUDONYM),
        )
    )
    return [found[number] for number in attributes.remove(session, held, list(found))]


def _without_tags(session: Session, held: Claim, tags: list[Part]) -> list[Part]:
    """Tags that people here put on the copy for themselves stay."""
    told = [one for one in tags if one["name"] not in {REDACTED, PSEUDONYM}]
    if not told:
        return []
    given = ([one["on"] for one in told], [one["name"] for one in told])
    gone = session.all(
        "DELETE FROM event_tag l USING tag g, unnest(%s::uuid[], %s::text[]) AS n (on_, name)"
        " WHERE l.event_id = %s AND n.on_ = %s AND g.id = l.tag_id AND g.name = n.name"
        " AND NOT l.local RETURNING n.on_::text, g.name",
        (*given, held.event_id, held.uuid),
    ) + session.all(
        "DELETE FROM attribute_tag l USING tag g, attribute a,"
        "   unnest(%s::uuid[], %s::text[]) AS n (on_, name)"
        " WHERE l.event_id = %s AND a.id = l.attribute_id AND a.uuid = n.on_"
        " AND a.event_id = l.event_id AND g.id = l.tag_id AND g.name = n.name"
        " AND NOT l.local RETURNING n.on_::text, g.name",
        (*given, held.event_id),
    )
    return [{"kind": "Tag", "uuid": on, "name": name} for on, name in sorted(gone)]
