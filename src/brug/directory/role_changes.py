# SPDX-License-Identifier: EUPL-1.2
"""Changing roles: site admins alone. Changed rights end the sessions of whoever has the role.

Rights are added and taken one by one; those that nobody names stay.
"""

from collections.abc import Collection, Mapping
from typing import Any

import psycopg

from brug.directory import audit, fields
from brug.directory.refusals import InUse, Refused
from brug.directory.roles import Role, view
from brug.model.errors import Forbidden
from brug.store.session import Session

_FIELDS: Mapping[str, fields.Check] = {
    "name": fields.text(100, empty=False),
    "restricted_to_site_admin": fields.flag,
    "enforce_rate_limit": fields.flag,
    "rate_limit_count": fields.number(0, 2**31 - 1),
    "memory_limit": fields.text(255),
    "max_execution_time": fields.text(255),
}


def add(session: Session, given: Mapping[str, Any], rights: Collection[str]) -> Role:
    """Raises Refused by field."""
    row = _row(session, given, 0)
    if "name" not in row:
        raise Refused("name", "empty", "a name")
    row["rights"] = sorted(rights)
    made = fields.insert(session, "role", row)
    audit.record(session, "add", "Role", made, row["name"], row)
    return view(session, made)


def edit(
    session: Session,
    reference: int | str,
    given: Mapping[str, Any],
    *,
    more: Collection[str] = (),
    fewer: Collection[str] = (),
) -> Role:
    """Changes the fields given, and rights: some `more`, some `fewer`."""
    found = view(session, reference)
    row = _row(session, given, found.id)
    rights = (found.rights | set(more)) - set(fewer)
    if rights != found.rights:
        row["rights"] = sorted(rights)
    fields.update(session, "role", found.id, row)
    session.execute("UPDATE role SET modified = now() WHERE id = %s", (found.id,))
    _keep_a_site_admin(session)
    audit.record(session, "edit", "Role", found.id, found.name, row)
    return view(session, found.id)


def delete(session: Session, reference: int | str) -> Role:
    """Raises InUse where a user has the role, or new users get it."""
    found = view(session, reference)
    _row(session, {}, found.id)
    if found.default_role:
        raise InUse(f"{found.name} is what new users get")
    try:
        with session.connection.transaction():
            session.execute("DELETE FROM role WHERE id = %s", (found.id,))
    except psycopg.errors.ForeignKeyViolation as error:
        raise InUse(f"users have the role {found.name}") from error
    audit.record(session, "delete", "Role", found.id, found.name)
    return found


def make_default(session: Session, reference: int | str) -> Role:
    """New users for whom no role is named get this one."""
    found = view(session, reference)
    _row(session, {}, found.id)
    if "site_admin" in found.rights:
        raise Refused("default_role", "forbidden", "a role without the right site_admin")
    session.execute("UPDATE role SET default_role = (id = %s)", (found.id,))
    audit.record(session, "edit", "Role", found.id, found.name, {"default_role": True})
    return view(session, found.id)


def _row(session: Session, given: Mapping[str, Any], except_id: int) -> dict[str, Any]:
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not change roles")
    row = fields.checked(_FIELDS, given)
    if "name" in row and session.one(
        "SELECT 1 FROM role WHERE name = %s AND id <> %s", (row["name"], except_id)
    ):
        raise Refused("name", "taken", "a name that no other role has")
    return row


def _keep_a_site_admin(session: Session) -> None:
    if not session.value(
        "SELECT EXISTS (SELECT 1 FROM account a JOIN role r ON r.id = a.role_id"
        " WHERE NOT a.disabled AND 'site_admin' = ANY (r.rights))"
    ):
        raise InUse("no site admin would be left")
