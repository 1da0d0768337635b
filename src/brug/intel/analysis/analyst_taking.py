# SPDX-License-Identifier: EUPL-1.2
"""Notes, opinions and relationships that others send: which are wanted, taking them in.

One that is known is replaced by a newer one of its own sender, and by nothing else.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from brug.formats.misp import analyst as form
from brug.formats.misp.analyst_inside import Hanging
from brug.intel import blocklists
from brug.intel.analysis import analyst
from brug.intel.analysis.analyst_changes import brings, content, insert, now, require_right, update
from brug.intel.levels import GroupRefused
from brug.model.analyst import AnalystData, NewAnalystData
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid
from brug.model.new_event import Refusal
from brug.store.session import Session

Taken = Literal["imported", "ignored"]


def wanted(session: Session, offered: Mapping[str, datetime | None]) -> set[str]:
    """Of what a partner has, what is new here, or newer than the copy that it sent.

    `offered`: when each was changed, by UUID.
    """
    rows = session.all(
        "SELECT o.uuid::text FROM unnest(%s::uuid[], %s::timestamptz[]) AS o (uuid, modified)"
        " LEFT JOIN analyst_data d ON d.uuid = o.uuid AND d.org_id = current_org_id()"
        " WHERE NOT is_blocked('analyst_data', o.uuid, NULL)"
        " AND (d.uuid IS NULL OR d.locked AND o.modified > d.modified)",
        (list(offered), list(offered.values())),
    )
    return {str(row[0]) for row in rows}


def _held(session: Session, uuid: str) -> AnalystData | None:
    """The own organisation's copy."""
    row = session.one(
        analyst.SELECT + " WHERE d.uuid = %s AND d.org_id = %s", (uuid, session.principal.org_id)
    )
    return AnalystData(*row) if row is not None else None


def take(session: Session, new: NewAnalystData) -> Taken:
    """Stores one that comes along with something: new, or newer than what is stored.

    Raises GroupRefused, Forbidden.
    """
    require_right(session)
    creator = new.orgc.uuid if brings(session) and new.orgc else session.principal.org_uuid
    if new.uuid and blocklists.is_blocked(session, "analyst_data", new.uuid, creator):
        return "ignored"
    stored = _held(session, new.uuid) if new.uuid else None
    if stored is None:
        return "imported" if insert(session, new) is not None else "ignored"
    if new.kind != stored.kind or not _is_newer(new, stored):
        return "ignored"
    changeable = analyst.may_change(session, stored) or (brings(session) and stored.locked)
    if changeable and update(session, stored, new, new.modified or now()):
        return "imported"
    return "ignored"


def _is_newer(new: NewAnalystData, stored: AnalystData) -> bool:
    if new.modified is not None:
        return new.modified > stored.modified
    kept = (
        stored.note, stored.language, stored.opinion, stored.comment, stored.relationship_type,
        stored.related_object_uuid, stored.related_object_type,
    )  # fmt: skip
    return any(
        sent is not None and sent != known for sent, known in zip(content(new), kept, strict=True)
    )


def take_inside(session: Session, items: Iterable[Hanging]) -> list[Refusal]:
    """Stores what hung in an event's document; what was refused, with its place there."""
    refused: list[Refusal] = []
    principal = session.principal
    may = principal.may("analyst_data") or principal.is_site_admin
    for place, kind, about, raw in items if may else ():
        try:
            take(session, form.read(kind, raw, about))
        except Refused as error:
            refused.append(Refusal(place, error.errors, raw))
        except (Invalid, GroupRefused) as error:
            refused.append(Refusal(place, {error.field: [error.public]}, raw))
    return refused
