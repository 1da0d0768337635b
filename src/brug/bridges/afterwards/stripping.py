# SPDX-License-Identifier: EUPL-1.2
"""Taking personal data out of an event that stays: what the gate would leave out of a copy.

The gate's own rule decides what identifies people, by the agreement's regime, as if it said that
personal data is dropped; pseudonyms go as well. Values go for good, deleted ones and versions
that wait to be settled too; in texts, identifiers are replaced by what they were.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, LiteralString

import msgspec

from brug.bridges import agreements, gate
from brug.bridges.gate import redacting
from brug.bridges.gate.deciding import Becomes, Decision, Verdict
from brug.bridges.gate.hop import NOTES, rows
from brug.bridges.gate.markings import REDACTED
from brug.bridges.gate.parts import tag_names, uuid_of
from brug.bridges.gate.personal import personal_data
from brug.bridges.gate.pseudonyms import Pseudonyms
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import PersonalData, Terms
from brug.intel import attributes, loading, objects
from brug.intel.finding import Claim
from brug.intel.label import tags
from brug.model.new_event import NewTag
from brug.moving import documents
from brug.store.session import Session

Document = dict[str, Any]


def strip(session: Session, bridge: BridgeRow, held: Claim) -> None:
    """The claimed event without what identifies people. The session acts as the system."""
    event = loading.event(session, held.event_id, deleted=True)
    document = documents.document(session, event)
    copy = _without(session, bridge, document)
    there = {(table, uuid_of(one)): one for table, one in _items(copy)}
    gone: dict[LiteralString, list[str]] = {}
    for table, one in _items(document):
        kept = there.get((table, uuid_of(one)))
        changed = table == "proposal" and kept is not None and kept.get("comment") != one["comment"]
        if kept is None or changed:
            gone.setdefault(table, []).append(uuid_of(one))
        else:
            _change(session, held, table, one, kept)
    _remove(session, held, gone)
    if copy.get("info") != document.get("info"):
        session.execute(
            "UPDATE event SET info = %s WHERE id = %s", (copy.get("info"), held.event_id)
        )
    names = set(tag_names(document)) - set(tag_names(copy))
    tags.detach_from_event(session, held, sorted(names))
    tags.attach_to_event(session, held, [NewTag(REDACTED, local=True)])
    session.execute("DELETE FROM version_beside WHERE event_id = %s", (held.event_id,))


def _without(session: Session, bridge: BridgeRow, document: Document) -> Document:
    """The copy that keeps the rule; nothing but that rule is asked."""
    terms = _terms(session, bridge)
    facts = gate.facts_of(session, document, bridge)
    now = datetime.now(UTC)
    verdicts = []
    for part in facts.combinations:
        said = [one for one in personal_data(part, facts, terms, now) if one.outcome == "redact"]
        becomes: Becomes = "whole"
        if said:
            around = all(one.code == "around_identifies" for one in said)
            becomes = "text" if around else "nothing"
        verdicts.append(Verdict("redact" if said else "pass", becomes, tuple(said)))
    found = {key: verdicts[place] for key, place in facts.parts}
    decision = Decision(
        "redact", (),
        {key: one for key, one in found.items() if ":" not in key},
        {key: one for key, one in found.items() if ":" in key},
    )  # fmt: skip
    # Nothing becomes a pseudonym, so none is made; what is one goes.
    return redacting.redacted(document, decision, bridge.transport, Pseudonyms(bytes(32)))


def _terms(session: Session, bridge: BridgeRow) -> Terms:
    """What was agreed last, with personal data dropped."""
    terms = next(one.terms for one in agreements.history(session, bridge.id) if one.accepted)
    data = terms.personal_data
    dropped = PersonalData(
        regime=data.regime, handling="drop", transfer=data.transfer, crossing=data.crossing
    )
    return msgspec.structs.replace(terms, personal_data=dropped)


def _items(document: Document) -> Iterator[tuple[LiteralString, Document]]:
    """All of an event that may hold a text or a value, with the table that it is in."""
    for name, table in _TABLES.items():
        for one in rows(document, name):
            yield table, one
            yield from _items(one)


_TABLES: dict[str, LiteralString] = {
    "Attribute": "attribute", "Object": "object", "EventReport": "event_report",
    "ShadowAttribute": "proposal", "Sighting": "sighting",
    **dict.fromkeys(NOTES, "analyst_data"),
}  # fmt: skip
# The texts that people write. A proposal that names people goes: it is no longer of use.
_TEXTS: dict[LiteralString, tuple[LiteralString, ...]] = {
    "attribute": ("comment",), "object": ("comment",), "event_report": ("name", "content"),
    "sighting": ("source",), "analyst_data": ("comment", "note", "authors", "relationship_type"),
    "proposal": (),
}  # fmt: skip


def _change(
    session: Session, held: Claim, table: LiteralString, one: Document, kept: Document
) -> None:
    """Texts of one item, and its tags, as the copy has them."""
    for name in _TEXTS[table]:
        if name in kept and kept[name] != one.get(name):
            query: LiteralString = (
                "UPDATE " + table + " SET " + name + " = %s WHERE uuid = %s AND event_id = %s"
            )
            session.execute(query, (kept[name], one["uuid"], held.event_id))
    gone = set(tag_names(one)) - set(tag_names(kept))
    if gone:
        session.execute(
            "DELETE FROM attribute_tag t USING tag g, attribute a WHERE g.id = t.tag_id"
            " AND a.id = t.attribute_id AND a.uuid = %s AND t.event_id = %s AND g.name = ANY (%s)",
            (one["uuid"], held.event_id, sorted(gone)),
        )


def _remove(session: Session, held: Claim, gone: dict[LiteralString, list[str]]) -> None:
    """Items by their tables and UUIDs."""
    for table in ("proposal", "sighting", "event_report", "analyst_data"):
        query: LiteralString = (
            "DELETE FROM " + table + " WHERE event_id = %s AND uuid = ANY (%s::uuid[])"
        )
        session.execute(query, (held.event_id, gone.get(table, [])))
    attributes.remove(session, held, _ids(session, "attribute", held, gone))
    for number in _ids(session, "object", held, gone):
        objects.delete(session, held, number, hard=True)


def _ids(
    session: Session, table: LiteralString, held: Claim, gone: dict[LiteralString, list[str]]
) -> list[int]:
    query: LiteralString = (
        "SELECT id FROM " + table + " WHERE event_id = %s AND uuid = ANY (%s::uuid[])"
    )
    return [int(row[0]) for row in session.all(query, (held.event_id, gone.get(table, [])))]
