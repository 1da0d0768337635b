# SPDX-License-Identifier: EUPL-1.2
"""Notes, opinions and relationships as far as the session sees them.

The database holds the rule (35_analyst.sql): one is seen where all above it is seen and its
own level lets one see it. Keys from outside are unique per holder: of several copies the
own one is shown, else the oldest.
"""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from brug.model.analyst import KIND_NAMES, AnalystData, Kind
from brug.model.errors import NotFound
from brug.model.naming import is_uuid, number_in
from brug.store.rows import among
from brug.store.session import Session

DEEPEST = 20
_COLUMNS: LiteralString = (
    "SELECT d.kind, d.id, d.uuid::text, d.object_type, d.object_uuid::text, d.org_id,"
    " o.uuid::text, d.orgc_id, c.uuid::text, d.authors, d.created, d.modified, d.distribution,"
    " d.sharing_group_id, d.locked, d.note, d.language, d.opinion, d.comment, d.relationship_type,"
    " d.related_object_uuid::text, d.related_object_type"
)
_FROM: LiteralString = (
    " FROM analyst_data d JOIN organisation o ON o.id = d.org_id"
    " JOIN organisation c ON c.id = d.orgc_id"
)
SELECT: LiteralString = _COLUMNS + _FROM
_RELATED = 20  # the column of what a relationship points to
_ORDER: LiteralString = " ORDER BY d.org_id = current_org_id() DESC, d.kind, d.id"


def _distinct(rows: Iterable[tuple[Any, ...]]) -> list[AnalystData]:
    """One copy of each UUID, in the order of their numbers."""
    found: dict[str, AnalystData] = {}
    for row in rows:
        item = AnalystData(*row)
        found.setdefault(item.uuid, item)
    return sorted(found.values(), key=lambda item: (item.kind, item.id))


def find(session: Session, kind: int | None, key: str | int) -> AnalystData:
    """By number (of its kind) or UUID; `kind` None: whatever has that UUID. Raises NotFound."""
    text = str(key).strip()
    row = None
    if number_in(text) is not None and kind is not None:
        row = session.one(SELECT + " WHERE d.kind = %s AND d.id = %s", (kind, number_in(text)))
    elif is_uuid(text):
        row = session.one(
            SELECT
            + " WHERE d.uuid = %s AND (%s::int IS NULL OR d.kind = %s)"
            + _ORDER
            + " LIMIT 1",
            (text, kind, kind),
        )
    if row is None:
        raise NotFound(f"analyst data {kind} {text[:60]!r} is absent or hidden")
    return AnalystData(*row)


def of_events(
    session: Session, event_ids: Sequence[int], uuid: str
) -> tuple[list[AnalystData], list[AnalystData]]:
    """All that is said about events, what they hold, and about that again.

    And the relationships from anywhere that point to the event of a UUID.
    """
    which, ids = among("d.event_id", event_ids)
    rows = session.all(
        _COLUMNS + ", d.event_id" + _FROM + " WHERE " + which + " OR d.related_object_uuid = %s"
        + _ORDER,
        (ids, uuid),
    )  # fmt: skip
    if not rows:
        return [], []
    said = _distinct(row[:-1] for row in rows if row[-1] in event_ids)
    return said, _distinct(row[:-1] for row in rows if row[_RELATED] == uuid)


def by_event(session: Session, event_ids: Sequence[int]) -> dict[int, list[AnalystData]]:
    """All that is said about each of some events, what it holds, and about that again."""
    which, ids = among("d.event_id", event_ids)
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for row in session.all(_COLUMNS + ", d.event_id" + _FROM + " WHERE " + which + _ORDER, (ids,)):
        rows.setdefault(row[-1], []).append(row[:-1])
    return {event_id: _distinct(several) for event_id, several in rows.items()}


def about(session: Session, kind: str, uuids: Sequence[str]) -> list[AnalystData]:
    """All that is said about some items of a kind, and about that again."""
    kinds, wanted = [kind], list(uuids)
    found: dict[str, AnalystData] = {}
    for _ in range(DEEPEST):
        rows = session.all(
            SELECT
            + " WHERE d.object_uuid = ANY (%s::uuid[]) AND d.object_type = ANY (%s)"
            + _ORDER,
            (wanted, kinds),
        )
        new = [item for item in _distinct(rows) if item.uuid not in found]
        if not new:
            break
        found |= {item.uuid: item for item in new}
        kinds, wanted = list(KIND_NAMES), [item.uuid for item in new]
    return list(found.values())


def inbound(session: Session, uuid: str) -> list[AnalystData]:
    """The relationships that point to an item."""
    rows = session.all(
        SELECT + " WHERE d.related_object_uuid = %s AND d.kind = %s" + _ORDER,
        (uuid, int(Kind.Relationship)),
    )
    return _distinct(rows)


def listed(
    session: Session,
    kind: int,
    *,
    uuids: Sequence[str] | None = None,
    object_uuids: Sequence[str] | None = None,
    object_type: str | None = None,
    orgc: str | None = None,
) -> list[AnalystData]:
    """Those of a kind that are seen, by what is asked for, oldest first."""
    rows = session.all(
        SELECT + " WHERE d.kind = %(kind)s"
        " AND (%(uuids)s::uuid[] IS NULL OR d.uuid = ANY (%(uuids)s::uuid[]))"
        " AND (%(objects)s::uuid[] IS NULL OR d.object_uuid = ANY (%(objects)s::uuid[]))"
        " AND (%(type)s::text IS NULL OR d.object_type = %(type)s)"
        " AND (%(orgc)s::text IS NULL OR c.name = %(orgc)s OR c.uuid::text = %(orgc)s)" + _ORDER,
        {
            "kind": kind,
            "uuids": None if uuids is None else list(uuids),
            "objects": None if object_uuids is None else list(object_uuids),
            "type": object_type,
            "orgc": orgc,
        },
    )
    return _distinct(rows)


def times(
    session: Session, wanted: Sequence[str] = (), unwanted: Sequence[str] = ()
) -> list[tuple[int, str, Any]]:
    """(kind, UUID, last change) of all that is seen, by organisations that said it."""
    return [
        (row[0], row[1], row[2])
        for row in session.all(
            "SELECT d.kind, d.uuid::text, d.modified, d.id FROM analyst_data d"
            " JOIN organisation c ON c.id = d.orgc_id"
            " WHERE (%(wanted)s::text[] = '{}' OR c.name = ANY (%(wanted)s))"
            " AND NOT c.name = ANY (%(unwanted)s::text[])"
            " ORDER BY d.kind, d.id",
            {"wanted": list(wanted), "unwanted": list(unwanted)},
        )
    ]


def organisations(session: Session, items: Iterable[AnalystData]) -> dict[int, dict[str, Any]]:
    """The organisations of items, as MISP shows them beside analyst data."""
    ids = sorted({org for item in items for org in (item.org_id, item.orgc_id)})
    if not ids:
        return {}
    names = (
        "id", "name", "date_created", "date_modified", "description", "type", "nationality",
        "sector", "created_by", "uuid", "contacts", "local", "restricted_to_domain", "landingpage",
    )  # fmt: skip
    rows = session.all(
        "SELECT id::text, name, to_char(date_created AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),"
        " to_char(date_modified AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),"
        " nullif(description, ''), type, nationality, sector, created_by::text, uuid::text,"
        " nullif(contacts, ''), local, restricted_to_domain, landingpage"
        " FROM organisation WHERE id = ANY (%s)",
        (ids,),
    )
    return {int(row[0]): dict(zip(names, row, strict=True)) for row in rows}


def may_change(session: Session, item: AnalystData) -> bool:
    """Whoever's organisation said it, with the right to; site admins."""
    principal = session.principal
    return principal.is_site_admin or (
        principal.org_id == item.orgc_id and principal.may("analyst_data")
    )
