# SPDX-License-Identifier: EUPL-1.2
"""Proposals as their own routes show them; each shows other fields, in another order."""

from typing import Any

from brug.formats.misp.writing import joined, moment
from brug.model.event import Proposal

Json = dict[str, Any]


def _seen(p: Proposal) -> Json:
    return {"first_seen": moment(p.first_seen), "last_seen": moment(p.last_seen)}


def _start(p: Proposal) -> Json:
    return {
        "id": str(p.id),
        "old_id": str(p.attribute_id),
        "event_id": str(p.event_id),
        "type": p.type,
        "category": p.category,
    }


def _event_organisation(p: Proposal) -> str:
    """Whom a proposal is for: who holds the event, or who created what is to be changed."""
    return str(p.creator_id if p.attribute_id else p.holder_id)


def made(p: Proposal, email: str) -> Json:
    """What whoever proposes is answered."""
    return _start(p) | {
        "comment": p.comment,
        "to_ids": p.to_ids,
        "uuid": p.uuid,
        "event_org_id": _event_organisation(p),
        "email": email,
        "deleted": p.deleted,
        "timestamp": str(p.timestamp),
        **_seen(p),
        "value": joined(p),
    }


def viewed(p: Proposal) -> Json:
    return _start(p) | {
        "uuid": p.uuid,
        "to_ids": p.to_ids,
        "comment": p.comment,
        "org_id": str(p.org.id),
        **_seen(p),
        "value": joined(p),
    }


def listed(p: Proposal) -> Json:
    """One of a list, as partners pull it: it names event, attribute and proposer by UUID."""
    shown = _start(p) | {
        "uuid": p.uuid,
        "to_ids": p.to_ids,
        "comment": p.comment,
        "org_id": str(p.org.id),
        "timestamp": str(p.timestamp),
        **_seen(p),
        "deleted": p.deleted,
        "proposal_to_delete": p.is_deletion,
        "disable_correlation": p.disable_correlation,
        "value": joined(p),
        "org_uuid": p.org.uuid,
    }
    if p.attribute_id:
        shown["old_uuid"] = p.uuid
    return shown | {
        "event_uuid": p.event_uuid,
        "Org": {"name": p.org.name, "uuid": p.org.uuid, "id": str(p.org.id)},
    }


def beside_attribute(p: Proposal) -> Json:
    """One in a search's result."""
    return _start(p) | {
        "value1": p.value1,
        "to_ids": p.to_ids,
        "uuid": p.uuid,
        "value2": p.value2,
        "org_id": str(p.org.id),
        "event_org_id": _event_organisation(p),
        "comment": p.comment,
        "event_uuid": p.event_uuid,
        "deleted": p.deleted,
        "timestamp": str(p.timestamp),
        "proposal_to_delete": p.is_deletion,
        "disable_correlation": p.disable_correlation,
        "value": joined(p),
    }
