# SPDX-License-Identifier: EUPL-1.2
"""Organisations: those that use this node (`local`) and those it has heard of.

Every user sees them; site admins change them. One that anything still names stays.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from brug.directory import audit, fields
from brug.directory.refusals import InUse, Refused
from brug.model.errors import Forbidden, NotFound
from brug.store import settings
from brug.store.session import Session


class Organisation(msgspec.Struct, frozen=True):
    """One organisation; `created_by_email` is "" for those who may not know it."""

    id: int
    uuid: str
    name: str
    description: str
    type: str
    nationality: str
    sector: str
    contacts: str
    local: bool
    restricted_to_domain: list[str] | None
    landingpage: str | None
    created_by: int
    date_created: datetime
    date_modified: datetime
    user_count: int
    created_by_email: str


_SELECT = (
    "SELECT id, uuid::text, name, description, type, nationality, sector, contacts, local,"
    " restricted_to_domain, landingpage, created_by, date_created, date_modified,"
    " members_of(id), coalesce(creator_email(created_by), '') FROM organisation"
)


def listed(
    session: Session, *, local: bool | None = None, search: str | None = None
) -> list[Organisation]:
    """By name; `search` is a part of any of the fields that people read."""
    found = session.all(
        _SELECT + " WHERE (%(local)s::boolean IS NULL OR local = %(local)s)"
        " AND (%(search)s::text IS NULL OR strpos(lower(concat_ws(' ', name, description,"
        " nationality, sector, type, contacts, uuid::text)), lower(%(search)s)) > 0)"
        " ORDER BY lower(name), id",
        {"local": local, "search": search},
    )
    return [Organisation(*row) for row in found]


def view(session: Session, reference: int | str) -> Organisation:
    """By id, UUID or name; raises NotFound."""
    wanted = str(reference).strip()
    row = None
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        row = session.one(_SELECT + " WHERE id = %s", (int(wanted),))
    elif _is_uuid(wanted):
        row = session.one(_SELECT + " WHERE uuid = %s::uuid", (wanted,))
    if row is None and "\x00" not in wanted:
        row = session.one(_SELECT + " WHERE name = %s", (wanted,))
    if row is None:
        raise NotFound(f"no organisation {wanted!r}")
    return Organisation(*row)


def now(session: Session, uuid: str) -> str:
    """The UUID of the organisation that one became part of; the same where it did not."""
    found = session.value(
        "SELECT o.uuid::text FROM organisation_merged m JOIN organisation o ON o.id = m.org_id"
        " WHERE m.uuid::text = lower(%s)", (uuid,)
    )  # fmt: skip
    return uuid if found is None else str(found)


def of_ids(session: Session, ids: Sequence[int]) -> list[Organisation]:
    """Those of some ids that there are."""
    return [
        Organisation(*row) for row in session.all(_SELECT + " WHERE id = ANY (%s)", (list(ids),))
    ]


def of_uuids(session: Session, uuids: Sequence[str]) -> list[Organisation]:
    """Those of some UUIDs that there are."""
    rows = session.all(_SELECT + " WHERE uuid = ANY (%s::uuid[])", (list(uuids),))
    return [Organisation(*row) for row in rows]


def _is_uuid(value: str) -> bool:
    try:
        return len(value) == 36 and bool(uuid.UUID(value))
    except ValueError:
        return False


def _domains(field: str, value: Any) -> list[str] | None:
    if isinstance(value, str):
        value = value.split()
    if not value:
        return None
    check = fields.text(255, empty=False)
    if not isinstance(value, list):
        raise Refused(field, "type", "a list of domains", str(value))
    return [check(field, item) for item in value]


_FIELDS: Mapping[str, fields.Check] = {
    "name": fields.text(255, empty=False),
    "uuid": fields.uuid_text,
    "description": fields.text(65_535),
    "type": fields.text(100),
    "nationality": fields.text(100),
    "sector": fields.text(255),
    "contacts": fields.text(65_535),
    "local": fields.flag,
    "restricted_to_domain": _domains,
    "landingpage": fields.text(65_535),
}


def add(session: Session, given: Mapping[str, Any]) -> Organisation:
    """Raises Refused by field; `name` is needed, a UUID is made where none is given."""
    row = _row(session, given)
    if "name" not in row:
        raise Refused("name", "empty", "a name")
    row.setdefault("uuid", str(uuid.uuid4()))
    _unused(session, row, 0)
    row["created_by"] = session.principal.user_id
    added = fields.insert(session, "organisation", row)
    audit.record(session, "add", "Organisation", added, row["name"], _shown(row))
    return view(session, added)


def edit(session: Session, reference: int | str, given: Mapping[str, Any]) -> Organisation:
    """Changes the fields that are given."""
    row = _row(session, given)
    found = view(session, reference)
    _unused(session, row, found.id)
    fields.update(session, "organisation", found.id, row)
    session.execute("UPDATE organisation SET date_modified = now() WHERE id = %s", (found.id,))
    audit.record(session, "edit", "Organisation", found.id, found.name, _shown(row))
    return view(session, found.id)


def delete(session: Session, reference: int | str) -> Organisation:
    """Removes one that nothing names; raises InUse otherwise."""
    _require_site_admin(session)
    found = view(session, reference)
    if found.id == settings.get(session, "node.host_org_id") or session.value(
        "SELECT organisation_in_use(%s)", (found.id,)
    ):
        raise InUse(f"organisation {found.name} is in use")
    try:
        session.execute("DELETE FROM organisation WHERE id = %s", (found.id,))
    except psycopg.errors.ForeignKeyViolation as error:
        raise InUse(f"organisation {found.name} is in use") from error
    audit.record(session, "delete", "Organisation", found.id, found.name)
    return found


def _require_site_admin(session: Session) -> None:
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change organisations")


def _row(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    _require_site_admin(session)
    row = fields.checked(_FIELDS, given)
    if "restricted_to_domain" in row:
        domains = row["restricted_to_domain"]
        row["restricted_to_domain"] = None if domains is None else Jsonb(domains)
    return row


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.obj if isinstance(value, Jsonb) else value for name, value in row.items()}


def _unused(session: Session, row: Mapping[str, Any], except_id: int) -> None:
    """Names and UUIDs belong to one organisation."""
    for field in ("name", "uuid"):
        if field not in row:
            continue
        query = {
            "name": "SELECT 1 FROM organisation WHERE name = %s AND id <> %s",
            "uuid": "SELECT 1 FROM organisation WHERE uuid = %s::uuid AND id <> %s",
        }[field]
        if session.one(query, (row[field], except_id)):
            raise Refused(field, "taken", f"a {field} that no other organisation has")
    merged = row.get("uuid") and session.value(
        "SELECT o.name FROM organisation_merged m JOIN organisation o ON o.id = m.org_id"
        " WHERE m.uuid = %s::uuid", (row["uuid"],)
    )  # fmt: skip
    if merged:
        raise Refused("uuid", "taken", f"another UUID: this one is of what became part of {merged}")
