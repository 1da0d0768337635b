# SPDX-License-Identifier: EUPL-1.2
"""An event as a partner may read it: in the session of the partner's own account.

The sharing rule of the database decides what is in it; the hop rule and the gate see no more
than that.
"""

from typing import Any

from brug.intel import loading
from brug.intel.leaving import whole
from brug.model.errors import NotFound
from brug.moving import documents
from brug.store.session import Session

Document = dict[str, Any]


def for_partner(session: Session, event_id: int) -> Document | None:
    """The published event in MISP's core format, or None where the partner sees none."""
    try:
        event = loading.event(session, event_id, deleted=True)
    except NotFound:
        return None
    if not event.head.published:
        return None
    whole.keep_inside(event)
    whole.leave_out_local_tags(event)
    return documents.document(session, event)


def creator(document: Document) -> str:
    """The UUID of the organisation that created the event."""
    return str((document.get("Orgc") or {}).get("uuid", "")).lower()


def items(document: Document) -> list[Document]:
    """The attributes of an event and of its objects."""
    inside = [a for one in document.get("Object") or [] for a in one.get("Attribute") or []]
    return [*(document.get("Attribute") or []), *inside]


def reactions(document: Document, partner_org: str) -> Document:
    """What others here said of a partner's event: sightings, proposals, notes.

    The partner's own come back to nobody.
    """
    sightings = [
        {**one, "attribute_uuid": item["uuid"]}
        for item in items(document)
        for one in item.get("Sighting") or []
        if _org(one, "Organisation") != partner_org
    ]
    proposed = [*(document.get("ShadowAttribute") or [])]
    proposed += [p for item in items(document) for p in item.get("ShadowAttribute") or []]
    said = {
        "Sighting": sightings,
        "ShadowAttribute": [p for p in proposed if _org(p, "Org") != partner_org],
    }
    for kind in ("Note", "Opinion", "Relationship"):
        said[kind] = [n for n in _said(document, kind) if _org(n, "Orgc") != partner_org]
    return {kind: rows for kind, rows in said.items() if rows}


def _org(row: Document, name: str) -> str:
    return str((row.get(name) or {}).get("uuid", "")).lower()


def _said(document: Document, kind: str) -> list[Document]:
    carriers = [document, *items(document), *(document.get("Object") or [])]
    carriers += document.get("EventReport") or []
    return [one for carrier in carriers for one in carrier.get(kind) or []]
