# SPDX-License-Identifier: EUPL-1.2
"""A person's word on single parts of an event that are held: an attribute, an object, a report.

What is held is computed from what the event says now, read as for a crossing; a word is of
exactly that version of the part, and a later one is decided anew. Where the event itself is held,
its title and tags cross with the first part that is released: whoever releases one releases them.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from brug.bridges import agreements, explaining, gate, ledger, partners
from brug.bridges.crossing import judging, outbox, parts
from brug.bridges.crossing.drafting import Now
from brug.bridges.feeds import leaving
from brug.bridges.gate.parts import value_of
from brug.bridges.gate.singly import HEAD, Held, Word
from brug.bridges.partners import BridgeRow
from brug.intel.finding import find
from brug.model.errors import Invalid, NotFound
from brug.model.naming import is_uuid
from brug.store import audit
from brug.store.session import Database, Session

What = Literal["released", "first yes", "refused"]
JUDGED = frozenset({"native", "file", "misp", "mail", "feed"})
MOST = 500  # that are shown, or judged with one word


class Part(msgspec.Struct, frozen=True):
    """A part that is held. `says` is what it says, for who may see it; `parent` its object's UUID;
    `reasons` why it is held; `judged` what was said of it already: "" or "first yes".
    """

    key: str
    kind: str
    uuid: str
    parent: str
    says: str
    reasons: list[dict[str, Any]]
    judged: str


class HeldParts(msgspec.Struct, frozen=True):
    """What of an event is held on one bridge, as the reader may see it; `hidden` are how many
    that the reader may not. `head` says that the event itself is held, too.
    """

    bridge_id: int
    partner: str
    event_id: int
    event_uuid: str
    info: str
    head: bool
    parts: list[Part]
    hidden: int


class _Looked(msgspec.Struct, frozen=True):
    """What was found: all that is held, and of that what a person may let cross."""

    document: dict[str, Any]
    held: dict[str, Held]
    waiting: list[str]
    head_waits: bool
    words: dict[str, Word]
    four_eyes: bool


def held(database: Database, reader: Session, bridge: BridgeRow, event: str) -> HeldParts:
    """What waits for a person. Raises NotFound where the reader sees no such event."""
    event_id = find(reader, "event", event)
    uuid, info = reader.all("SELECT uuid::text, info FROM event WHERE id = %s", (event_id,))[0]
    looked = _look(database, bridge, event_id)
    found: list[Part] = []
    hidden = 0
    if looked is not None:
        said = _said(looked)
        seen = _seen(reader, event_id, looked)
        for key in looked.waiting:
            one = looked.held[key]
            if one.uuid not in seen:
                hidden += 1
            elif len(found) < MOST:
                found.append(_part(one, said.get(key, ""), looked))
    head = looked is not None and looked.head_waits
    return HeldParts(bridge.id, bridge.partner, event_id, uuid, info, head, found, hidden)


def everywhere(database: Database, reader: Session, event: str) -> list[HeldParts]:
    """The same of each bridge on which something of the event is held. Raises NotFound."""
    find(reader, "event", event)
    several = [held(database, reader, one, event) for one in partners.listed(reader)
               if one.state == "open"]  # fmt: skip
    return [one for one in several if one.parts or one.hidden]


def judge(
    database: Database, user_id: int, bridge: BridgeRow, event: str, named: Sequence[str],
    because: str, *, release: bool,
) -> list[tuple[Part, What]]:  # fmt: skip
    """Releases or keeps parts, named by their UUIDs; an object stands for what is held in it.

    Raises NotFound where one is not held (any more) or not the reader's to see, SecondPerson,
    Invalid, Forbidden.
    """
    with database.as_user(user_id) as session:
        judging.require_right(session)
        reason = judging.reason_of(because)
        event_id = find(session, "event", event)
        info = str(session.value("SELECT info FROM event WHERE id = %s", (event_id,)))
        _one_by_one(session, bridge, event_id)
        looked = _look(database, bridge, event_id)
        if looked is None:
            raise NotFound(f"nothing of event {event_id} is held on bridge {bridge.id}")
        chosen = _chosen(session, event_id, looked, named)
        done = _words(looked, chosen, user_id, release=release)
        _store(session, bridge, looked, done, reason)
        _record(session, bridge, event_id, looked, done)
        change = {
            "because": reason, "partner": bridge.partner,
            "parts": [f"{key} {word}" for key, _, word in done][:100],
        }  # fmt: skip
        verb = "release" if release else "refuse"
        audit.record(session, verb, "Event", event_id, info, change)
    said = _said(looked)
    return [
        (_part(looked.held[key], said.get(key, ""), looked), what)
        for key, _, what in done
        if key != HEAD
    ]


def _one_by_one(session: Session, bridge: BridgeRow, event_id: int) -> None:
    """Until the transaction ends nobody else judges parts of the event on the bridge: of two who
    do so at once the second finds the word of the first.
    """
    name = f"judging {bridge.id} {event_id}"
    session.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def _look(database: Database, bridge: BridgeRow, event_id: int) -> _Looked | None:
    """None where nothing of it could cross, whatever people say."""
    if bridge.transport not in JUDGED:
        return None
    document = explaining.what_partner_sees(database, bridge, event_id)
    with database.system() as session:
        lowered = explaining.lowered(bridge, document)[1] if document else None
        if lowered is None:
            return None
        at = datetime.now(UTC)
        agreement = agreements.in_force(session, bridge.id, at)
        now = Now(bridge, agreement, at)
        facts = gate.facts_of(session, lowered, bridge)
        before, _ = now.decided(facts)
        several = {one.key: one for one in gate.held_of(lowered, before)}
        uuid = str(lowered["uuid"])
        words = parts.words_of(session, bridge.id, [uuid]).get(uuid, {})
        heard = gate.heard(facts, list(several.values()), words)
        decision, _ = now.decided(heard)
    head_waits = HEAD in several and any(
        one.outcome == "hold" and one.where == "event" and one.rule != "parts"
        and one.code != "kept_here" for one in decision.reasons
    )  # fmt: skip
    two = agreement is not None and agreement.terms.release.four_eyes
    waiting = [key for key in now.waiting(heard, decision) if key in several]
    return _Looked(lowered, several, waiting, head_waits, words, two)


def _chosen(session: Session, event_id: int, looked: _Looked, named: Sequence[str]) -> list[str]:
    """The keys of what was named. Raises NotFound, Invalid."""
    if not named:
        raise Invalid("parts", "the UUID of at least one part that is held")
    waiting = [looked.held[key] for key in looked.waiting]
    seen = _seen(session, event_id, looked)
    found: list[str] = []
    for name in named:
        uuid = name.strip().lower()
        if not is_uuid(uuid):
            raise Invalid("parts", "UUIDs of parts that are held", name)
        some = [one.key for one in waiting if uuid in {one.uuid, one.parent} and one.uuid in seen]
        if not some:
            raise NotFound(f"{uuid} is not held, or hidden")
        found += [key for key in some if key not in found]
    if len(found) > MOST:
        raise Invalid("parts", f"at most {MOST} at once", str(len(found)))
    return found


def _words(
    looked: _Looked, chosen: list[str], user_id: int, *, release: bool
) -> list[tuple[str, Word, What]]:
    """What is said from now on. Raises SecondPerson."""
    every = [HEAD, *chosen] if release and looked.head_waits else chosen
    done: list[tuple[str, Word, What]] = []
    for key in every:
        version = looked.held[key].version
        if not release:
            done.append((key, Word(version, kept_here=True), "refused"))
            continue
        before = looked.words.get(key)
        people: tuple[int, ...] = ()
        if before is not None and before.version == version and not before.kept_here:
            people = before.released_by
        if user_id in people:
            if key == HEAD:
                continue  # released with another part
            raise judging.SecondPerson(f"user {user_id} released {key} first")
        people = (*people, user_id)
        two = looked.four_eyes and len(people) < 2
        done.append((key, Word(version, people), "first yes" if two else "released"))
    return done


def _store(
    session: Session, bridge: BridgeRow, looked: _Looked, done: Sequence[tuple[str, Word, What]],
    reason: str,
) -> None:  # fmt: skip
    with session.as_system():
        for key, word, what in done:
            people = list(word.released_by) or [session.principal.user_id]
            session.execute(
                "INSERT INTO part_judged (bridge_id, event_uuid, key, version, what, people,"
                " because) VALUES (%s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (bridge_id, event_uuid, key) DO UPDATE SET what = excluded.what,"
                " version = excluded.version, people = excluded.people,"
                " because = excluded.because, at = now()",
                (bridge.id, looked.document["uuid"], key, word.version, what, people, reason),
            )


def _record(
    session: Session, bridge: BridgeRow, event_id: int, looked: _Looked,
    done: Sequence[tuple[str, Word, What]],
) -> None:  # fmt: skip
    """The ledger has the versions by their digest; nobody learns of a UUID by it."""
    versions = hashlib.sha256(b"".join(sorted(word.version for _, word, _ in done)))
    payload: dict[str, Any] = {
        "event": looked.document["uuid"], "what": done[0][2], "parts": len(done),
        "versions": versions.hexdigest(), "user": session.principal.user_id,
    }  # fmt: skip
    with session.as_system():
        ledger.record(session, "judgement", payload, bridge_id=bridge.id)
        outbox.note(session, event_id)
        settled = {key for key, _, what in done if what != "first yes"}
        left = len(set(looked.waiting) - settled)
        leaving.look_again(session, bridge.id, looked.document["uuid"], left)


def _part(one: Held, says: str, looked: _Looked) -> Part:
    why = [msgspec.to_builtins(r) for r in one.verdict.reasons if r.outcome == "hold"]
    word = looked.words.get(one.key)
    half = word is not None and word.version == one.version and not word.kept_here
    return Part(one.key, one.kind, one.uuid, one.parent, says, why, "first yes" if half else "")


def _said(looked: _Looked) -> dict[str, str]:
    """What each part says, for a list."""
    found = {}
    for key, kind, _, item in gate.parts_of(looked.document):
        if key in looked.held:
            text = {
                "attribute": f"{item.get('type')} {value_of(item)}",
                "report": str(item.get("name", "")),
                "proposal": f"{item.get('type')} {value_of(item)}",
                "note": str(item.get("note") or item.get("opinion") or ""),
                "sighting": str(item.get("source", "")),
            }.get(kind, "")
            found[key] = text[:500]
    return found


_SEEN = """
SELECT uuid::text FROM attribute WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s::uuid[])
UNION SELECT uuid::text FROM event_report
    WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s::uuid[])
UNION SELECT uuid::text FROM proposal WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s::uuid[])
UNION SELECT uuid::text FROM sighting WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s::uuid[])
UNION SELECT uuid::text FROM analyst_data
    WHERE event_id = %(event)s AND uuid = ANY (%(uuids)s::uuid[])
"""


def _seen(session: Session, event_id: int, looked: _Looked) -> set[str]:
    """Which of the held parts whoever asks may see."""
    uuids = [looked.held[key].uuid for key in looked.waiting]
    return {row[0] for row in session.all(_SEEN, {"event": event_id, "uuids": uuids})}
