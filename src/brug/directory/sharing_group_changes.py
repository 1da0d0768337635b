# SPDX-License-Identifier: EUPL-1.2
"""Changing sharing groups: the owner's editors, and organisations listed with `extend`.

Whoever is in a group sees what is shared with it, from the same moment. A group that
anything is shared with stays.
"""

import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from brug.directory import audit, fields, organisations
from brug.directory.refusals import InUse, Refused
from brug.directory.sharing_groups import SharingGroup, view
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.store import settings
from brug.store.session import Session

_FIELDS: Mapping[str, fields.Check] = {
    "name": fields.text(255, empty=False),
    "releasability": fields.text(65_535),
    "description": fields.text(65_535),
    "active": fields.flag,
    "roaming": fields.flag,
    "uuid": fields.uuid_text,
    "organisation_uuid": fields.uuid_text,
}
_LATER = {name: _FIELDS[name] for name in _FIELDS if name not in {"uuid", "organisation_uuid"}}
THIS_NODE = 0


class AlreadyThere(Conflict):
    """The organisation or node is in the group."""

    code = "already_there"
    public = "That is in the sharing group already."


class NotThere(NotFound):
    """The organisation or node is not in the group."""

    code = "not_there"
    public = "That is not in the sharing group."


def add(session: Session, given: Mapping[str, Any], owner: int | None = None) -> SharingGroup:
    """A group of the principal's organisation; a name that it has already gets a number.

    Site admins may name another owner; the system's groups are the host's.
    """
    _require_editor(session)
    row = fields.checked(_FIELDS, given)
    if "name" not in row:
        raise Refused("name", "empty", "a name")
    row.setdefault("uuid", str(uuid.uuid4()))
    if session.value("SELECT group_exists(%(uuid)s::uuid)", row):
        raise Refused("uuid", "taken", "a UUID that no other group has")
    mine = session.principal
    if not (mine.is_site_admin or mine.may("sync")):
        row.pop("organisation_uuid", None)  # a group of another's is brought by who may bring it
    wanted = (owner if mine.is_site_admin else None) or mine.org_id
    host = organisations.view(session, wanted or settings.get(session, "node.host_org_id"))
    if _has_name(session, host.id, row["name"], 0):
        row["name"] = f"{row['name'][:240]}_{1000 + secrets.randbelow(10**12)}"
    row |= {"org_id": host.id, "sync_user_id": mine.user_id}
    row.setdefault("organisation_uuid", host.uuid)
    added = fields.insert(session, "sharing_group", row)
    audit.record(session, "add", "SharingGroup", added, row["name"], row)
    return view(session, added)


def edit(session: Session, reference: int | str, given: Mapping[str, Any]) -> SharingGroup:
    """Changes the fields that are given; UUID and owner stay."""
    found = editable(session, reference)
    row = fields.checked(_LATER, given)
    if "name" in row and _has_name(session, found.org_id, row["name"], found.id):
        raise Refused("name", "taken", "a name that no other group of yours has")
    fields.update(session, "sharing_group", found.id, row)
    session.execute("UPDATE sharing_group SET modified = now() WHERE id = %s", (found.id,))
    audit.record(session, "edit", "SharingGroup", found.id, found.name, row)
    return view(session, found.id)


def delete(session: Session, reference: int | str) -> SharingGroup:
    """Removes a group; raises InUse while anything is shared with it."""
    found = view(session, reference)
    if not found.deletable:
        raise Forbidden(f"{session.principal.email} may not delete group {found.name}")
    if session.value("SELECT group_in_use(%s)", (found.id,)):
        raise InUse(f"sharing group {found.name} is in use")
    session.execute("DELETE FROM sharing_group WHERE id = %s", (found.id,))
    audit.record(session, "delete", "SharingGroup", found.id, found.name)
    return found


def add_organisation(
    session: Session, reference: int | str, organisation: int | str, *, extend: bool = False
) -> SharingGroup:
    """From now on it sees what is shared with the group."""
    found = editable(session, reference)
    member = organisations.view(session, organisation)
    added = session.value(
        "INSERT INTO sharing_group_org (sharing_group_id, org_id, extend) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (found.id, member.id, extend),
    )
    if added is None:
        raise AlreadyThere(f"{member.name} is in {found.name}")
    _changed(session, found, "add", "organisation", member.name)
    return view(session, found.id)


def remove_organisation(
    session: Session, reference: int | str, organisation: int | str
) -> SharingGroup:
    """From now on it sees nothing that is shared with the group alone."""
    found = editable(session, reference)
    member = organisations.view(session, organisation)
    gone = session.execute(
        "DELETE FROM sharing_group_org WHERE sharing_group_id = %s AND org_id = %s",
        (found.id, member.id),
    )
    if gone.rowcount == 0:
        raise NotThere(f"{member.name} is not in {found.name}")
    _changed(session, found, "remove", "organisation", member.name)
    return found


def add_this_node(session: Session, reference: int | str, *, all_orgs: bool) -> SharingGroup:
    """`all_orgs`: every organisation that uses this node is in the group."""
    found = editable(session, reference)
    session.execute(
        "INSERT INTO sharing_group_server (sharing_group_id, server_id, all_orgs)"
        " VALUES (%s, %s, %s) ON CONFLICT (server_id, sharing_group_id)"
        " DO UPDATE SET all_orgs = excluded.all_orgs",
        (found.id, THIS_NODE, all_orgs),
    )
    _changed(session, found, "add", "node", "all organisations" if all_orgs else "named ones")
    return view(session, found.id)


def remove_this_node(session: Session, reference: int | str) -> SharingGroup:
    found = editable(session, reference)
    gone = session.execute(
        "DELETE FROM sharing_group_server WHERE sharing_group_id = %s AND server_id = %s",
        (found.id, THIS_NODE),
    )
    if gone.rowcount == 0:
        raise NotThere(f"this node is not in {found.name}")
    _changed(session, found, "remove", "node", "this node")
    return found


def editable(session: Session, reference: int | str) -> SharingGroup:
    """The group where the principal may change it; raises NotFound or Forbidden."""
    found = view(session, reference)
    if not found.editable:
        raise Forbidden(f"{session.principal.email} may not change group {found.name}")
    return found


def _require_editor(session: Session) -> None:
    if not session.principal.may("sharing_group") and not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not make sharing groups")


def _has_name(session: Session, owner: int, name: str, except_id: int) -> bool:
    return bool(
        session.one(
            "SELECT 1 FROM sharing_group WHERE org_id = %s AND name = %s AND id <> %s",
            (owner, name, except_id),
        )
    )


def _changed(session: Session, group: SharingGroup, verb: str, what: str, name: str) -> None:
    session.execute("UPDATE sharing_group SET modified = now() WHERE id = %s", (group.id,))
    audit.record(session, verb, "SharingGroup", group.id, group.name, {what: name})
