# SPDX-License-Identifier: EUPL-1.2
"""An event as a partner may read it: in the session of the partner's own account.

The sharing rule of the database decides what is in it; the hop rule and the gate see no more
than that.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from brug.bridges.crossing import clusters, folding
from brug.bridges.gate import cutting, hop
from brug.bridges.gate.hop import NOTES, org_in, rows
from brug.formats.misp.writing import event_json
from brug.intel import loading, protecting
from brug.intel.leaving import whole
from brug.intel.leaving.for_servers import key_json
from brug.model.naming import is_uuid
from brug.moving import documents
from brug.store.session import Session

Document = dict[str, Any]


def for_partner(session: Session, event_id: int) -> Document | None:
    """The published event in MISP's core format, or None where the partner sees none."""
    return all_for_partner(session, [event_id]).get(event_id)


def all_for_partner(
    session: Session, event_ids: Sequence[int], *, drafts: bool = False, folded: bool = False
) -> dict[int, Document]:
    """The same of several events, by number; with `drafts` of those too.

    `folded` with those attributes that are alike in one: for whoever unfolds what crosses.
    """
    heads = loading.heads(session, event_ids) if event_ids else {}
    seen = [one for one in heads.values() if drafts or one.head.published]
    if not seen:
        return {}
    loading.fill(session, *seen, deleted=True)
    for one in seen:
        whole.keep_inside(one)
        whole.leave_out_local_tags(one)
    besides = whole.surroundings(session, seen)
    each = list(zip(seen, besides, strict=True))
    together = [folding.fold(one, beside) if folded else [] for one, beside in each]
    made = documents.completed(session, seen, [event_json(one, beside) for one, beside in each])
    for one, document, several in zip(seen, made, together, strict=True):
        document["Attribute"] += several
        # What would change an attribute stands with that attribute, and once.
        own = zip(document["ShadowAttribute"], one.proposals, strict=True)
        document["ShadowAttribute"] = [shown for shown, of in own if not of.attribute_id]
        if one.head.protected:
            document["CryptographicKey"] = _signers(session, one.head.id)
    _leave_out_hidden(session, made)
    return {
        one.head.id: clusters.complete(session, document)
        for one, document in zip(seen, made, strict=True)
    }


def _leave_out_hidden(session: Session, several: Sequence[Document]) -> None:
    """A relationship to what is here and is not for the partner would tell of it."""
    uuids = {str(one.get("related_object_uuid", "")).lower()
             for document in several for one in relationships(document)}  # fmt: skip
    named = sorted(filter(is_uuid, uuids))
    if not named:
        return
    seen = _there(session, named)
    with session.as_system():
        hidden = _there(session, named) - seen
    for document in several if hidden else ():
        cutting.cut_off(document, hidden)


def _there(session: Session, uuids: Sequence[str]) -> set[str]:
    """What of these the session sees."""
    found = session.all(
        "SELECT uuid::text FROM attribute WHERE uuid = ANY (%(uuids)s::uuid[])"
        " UNION ALL SELECT uuid::text FROM object WHERE uuid = ANY (%(uuids)s::uuid[])"
        " UNION ALL SELECT uuid::text FROM event_report WHERE uuid = ANY (%(uuids)s::uuid[])"
        " UNION ALL SELECT uuid::text FROM event WHERE uuid = ANY (%(uuids)s::uuid[])"
        " UNION ALL SELECT uuid::text FROM analyst_data WHERE uuid = ANY (%(uuids)s::uuid[])"
        " UNION ALL SELECT uuid::text FROM galaxy_cluster WHERE uuid = ANY (%(uuids)s::uuid[])"
        " UNION ALL SELECT uuid::text FROM sharing_group WHERE uuid = ANY (%(uuids)s::uuid[])",
        {"uuids": list(uuids)},
    )
    return {row[0] for row in found}


def relationships(document: Document) -> Iterator[Document]:
    """All in an event, also those on notes."""
    objects = rows(document, "Object")
    for one in (document, *items(document), *objects, *rows(document, "EventReport")):
        if any(one.get(name) for name in NOTES):
            yield from _related(one)


def _related(item: Document) -> Iterator[Document]:
    for name in NOTES:
        for one in rows(item, name):
            if name == "Relationship":
                yield one
            yield from _related(one)


def lowered(document: Document, transport: str, partner_org: str) -> Document | None:
    """With the level that it leaves with, without relationships to what its level keeps here."""
    made = hop.lowered(document, transport, partner_org)
    if made is not None and next(relationships(made), None) is not None:
        cutting.cut(document, made, {})
    return made


_NUMBERS = frozenset({"id", "parent_id", "parent_type"})  # of this node alone


def _signers(session: Session, event_id: int) -> list[Document]:
    """The keys of whoever may sign a protected event."""
    listed = map(key_json, protecting.of_event(session, event_id))
    return [{name: one[name] for name in one.keys() - _NUMBERS} for one in listed]


def creator(document: Document) -> str:
    """The UUID of the organisation that created the event."""
    return org_in(document, "Orgc")


def items(document: Document) -> list[Document]:
    """The attributes of an event and of its objects."""
    inside = [a for one in rows(document, "Object") for a in rows(one, "Attribute")]
    return [*rows(document, "Attribute"), *inside]


# What people say of an event and its items -> who said it.
SAID = {
    "Sighting": "Organisation", "ShadowAttribute": "Org", "Note": "Orgc", "Opinion": "Orgc",
    "Relationship": "Orgc",
}  # fmt: skip
# -> the kind that agreements call it.
KINDS = {
    "Sighting": "sighting", "ShadowAttribute": "proposal", "Note": "note", "Opinion": "note",
    "Relationship": "note",
}  # fmt: skip
_BELOW = ("Attribute", "Object", "EventReport")


def reactions(document: Document, partner_org: str) -> Document:
    """What others here said of a partner's event, in the event's shape and without the event.

    What the partner said itself does not come back to it. Empty where nobody said anything.
    """
    return _said(document, partner_org)


def _said(item: Document, partner_org: str) -> Document:
    found: Document = {}
    for name in ("Sighting", "ShadowAttribute"):
        others = [one for one in rows(item, name) if org_in(one, SAID[name]) != partner_org]
        if others:
            found[name] = others
    found |= _notes(item, partner_org)
    for name in _BELOW:
        below = [_said(one, partner_org) for one in rows(item, name)]
        if any(below):
            found[name] = [one for one in below if one]
    return {"uuid": item["uuid"], **found} if found else {}


def _notes(item: Document, partner_org: str) -> Document:
    """Notes of others. What hangs on a note of the partner stands beside it, as it says itself
    what it is about.
    """
    found: Document = {}
    for name in NOTES:
        for one in rows(item, name):
            inside = _notes(one, partner_org)
            if org_in(one, SAID[name]) == partner_org:
                for kind, several in inside.items():
                    found.setdefault(kind, []).extend(several)
            else:
                alone = {field: value for field, value in one.items() if field not in NOTES}
                found.setdefault(name, []).append(alone | inside)
    return found


def leave_out_what_was_said_by(document: Document, partner_org: str) -> None:
    """What the partner saw and noted itself does not go back to it, and has nothing cross once
    more.
    """
    leave_out_sightings_by(document, partner_org)
    if document.get("Note") or document.get("Opinion") or document.get("Relationship"):
        notes = _notes(document, partner_org)
        for name in NOTES:
            if name in notes:
                document[name] = notes[name]
            else:
                document.pop(name, None)
    for name in _BELOW:
        for one in rows(document, name):
            leave_out_what_was_said_by(one, partner_org)


def leave_out_sightings_by(item: Document, org: str) -> None:
    """What an organisation saw of this item, and not of what is below it."""
    if found := rows(item, "Sighting"):
        kept = [one for one in found if org_in(one, SAID["Sighting"]) != org]
        if kept:
            item["Sighting"] = kept
        else:
            del item["Sighting"]  # as of what nobody saw


def all_said(said: Document) -> Document:
    """What was said, by kind, whatever it was said of."""
    found: Document = {name: list(rows(said, name)) for name in SAID}
    for name in _BELOW:
        for one in rows(said, name):
            for kind, several in all_said(one).items():
                found[kind] += several
    return found


def keeping(said: Document, keep: Callable[[str, Document], bool]) -> Document:
    """The same with only what is to be kept of each kind; empty where nothing is."""
    kept: Document = {}
    for name in SAID:
        several = [one for one in rows(said, name) if keep(name, one)]
        if several:
            kept[name] = several
    for name in _BELOW:
        below = [keeping(one, keep) for one in rows(said, name)]
        if any(below):
            kept[name] = [one for one in below if one]
    return {"uuid": said.get("uuid", ""), **kept} if kept else {}
