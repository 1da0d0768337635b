# SPDX-License-Identifier: EUPL-1.2
"""Sharing groups as those see them who are in them, or own them.

A group names organisations, and whether all organisations of this node are in it. What
changes groups is in `sharing_group_changes`.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from brug.model.errors import NotFound
from brug.store.session import Session


class Member(msgspec.Struct, frozen=True):
    """An organisation in a group; `extend`: it may change the group."""

    id: int
    sharing_group_id: int
    org_id: int
    extend: bool
    name: str
    uuid: str
    local: bool


class ServerLink(msgspec.Struct, frozen=True):
    """A node that a group reaches; 0 is this one, and `all_orgs` all who use it."""

    id: int
    sharing_group_id: int
    server_id: int
    all_orgs: bool


class SharingGroup(msgspec.Struct, frozen=True):
    """A group; `editable` and `deletable` by whoever asks."""

    id: int
    uuid: str
    name: str
    releasability: str
    description: str
    organisation_uuid: str
    org_id: int
    org_name: str
    org_uuid: str
    sync_user_id: int
    active: bool
    local: bool
    roaming: bool
    created: datetime
    modified: datetime
    editable: bool
    deletable: bool
    members: list[Member] = msgspec.field(default_factory=list)
    servers: list[ServerLink] = msgspec.field(default_factory=list)


_SELECT = (
    "SELECT g.id, g.uuid::text, g.name, g.releasability, g.description,"
    " g.organisation_uuid::text, g.org_id, o.name, o.uuid::text, g.sync_user_id, g.active,"
    " g.local, g.roaming, g.created, g.modified, may_extend(g.id),"
    " has_right('sharing_group') AND g.org_id = current_org_id()"
    " FROM sharing_group g JOIN organisation o ON o.id = g.org_id"
)


def listed(session: Session, *, active: bool | None = None) -> list[SharingGroup]:
    """The groups that the principal sees, by name."""
    found = session.all(
        _SELECT + " WHERE (%(active)s::boolean IS NULL OR g.active = %(active)s)"
        " ORDER BY lower(g.name), g.id",
        {"active": active},
    )
    return _filled(session, [SharingGroup(*row) for row in found])


def of_ids(session: Session, ids: Sequence[int]) -> list[SharingGroup]:
    """Those of some groups that the principal sees."""
    found = session.all(_SELECT + " WHERE g.id = ANY (%s) ORDER BY g.id", (list(ids),))
    return _filled(session, [SharingGroup(*row) for row in found])


def of_uuids(session: Session, uuids: Sequence[str]) -> list[SharingGroup]:
    """Those of some UUIDs that the principal sees."""
    found = session.all(_SELECT + " WHERE g.uuid = ANY (%s::uuid[])", (list(uuids),))
    return _filled(session, [SharingGroup(*row) for row in found])


def view(session: Session, reference: int | str) -> SharingGroup:
    """By id, UUID or name; raises NotFound, also for what one may not see."""
    wanted = str(reference).strip()
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        row = session.one(_SELECT + " WHERE g.id = %s", (int(wanted),))
    elif "\x00" in wanted or len(wanted) > 255:
        row = None
    else:
        row = session.one(
            _SELECT + " WHERE g.uuid::text = lower(%(ref)s) OR g.name = %(ref)s"
            " ORDER BY g.uuid::text = lower(%(ref)s) DESC, g.id LIMIT 1",
            {"ref": wanted},
        )
    if row is None:
        raise NotFound(f"no sharing group {wanted!r}")
    return _filled(session, [SharingGroup(*row)])[0]


def _filled(session: Session, groups: list[SharingGroup]) -> list[SharingGroup]:
    """With their members and nodes, read at once for all."""
    if session.principal.is_site_admin:
        groups = [msgspec.structs.replace(g, editable=True, deletable=True) for g in groups]
    by_id = {group.id: group for group in groups}
    if not by_id:
        return groups
    members = session.all(
        "SELECT m.id, m.sharing_group_id, m.org_id, m.extend, o.name, o.uuid::text, o.local"
        " FROM sharing_group_org m JOIN organisation o ON o.id = m.org_id"
        " WHERE m.sharing_group_id = ANY (%s) ORDER BY m.id",
        (list(by_id),),
    )
    for row in members:
        by_id[row[1]].members.append(Member(*row))
    servers = session.all(
        "SELECT id, sharing_group_id, server_id, all_orgs FROM sharing_group_server"
        " WHERE sharing_group_id = ANY (%s) ORDER BY id",
        (list(by_id),),
    )
    for row in servers:
        by_id[row[1]].servers.append(ServerLink(*row))
    return groups
