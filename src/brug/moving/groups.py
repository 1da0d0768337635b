# SPDX-License-Identifier: EUPL-1.2
"""Sharing groups with their members, as a MISP answers them -> rows here.

A group that is here already in a node that is in use stays as it is: whoever is in it is
decided here. Elsewhere the members follow the other side, those who left it included.
"""

from brug.formats.misp import coercion as c
from brug.model.errors import Invalid
from brug.moving.directory import Raw, flag, moment, text
from brug.moving.numbers import Numbers
from brug.moving.placing import Place, Row, number


def sharing_group(place: Place, raw: Raw, numbers: Numbers) -> int:
    """A group with its members; `raw` is what `sharing_groups/view` answers."""
    group = raw.get("SharingGroup")
    if not isinstance(group, dict):
        raise Invalid("SharingGroup", "a sharing group")
    uuid = c.uuid("uuid", group.get("uuid"))
    owner = numbers.of("organisation", group.get("org_id"))
    if uuid is None or owner is None:
        raise Invalid("SharingGroup", "a UUID, and an owner that came along", text(group, "name"))
    session = place.session
    found = session.value("SELECT id FROM sharing_group WHERE uuid = %s", (uuid,))
    name = text(group, "name")
    if session.value(
        "SELECT 1 FROM sharing_group WHERE org_id = %s AND name = %s AND id IS DISTINCT FROM %s",
        (owner, name, found),
    ):
        name = f"{name} ({uuid[:8]})"
    row: Row = {
        "uuid": uuid,
        "name": name,
        "releasability": text(group, "releasability"),
        "description": text(group, "description"),
        "organisation_uuid": c.uuid("organisation_uuid", group.get("organisation_uuid")) or uuid,
        "org_id": owner,
        "sync_user_id": numbers.of("account", group.get("sync_user_id")) or 0,
        "active": flag(group, "active"),
        "local": flag(group, "local"),
        "roaming": flag(group, "roaming"),
    }
    for field in ("created", "modified"):
        if (at := moment(group.get(field))) is not None:
            row[field] = at
    decides = place.follows(number(group), found)
    placed = place.put(number(group), row, found)
    if decides:
        _members(place, placed, raw, numbers)
        _servers(place, placed, raw)
    return placed


def _members(place: Place, group: int, raw: Raw, numbers: Numbers) -> None:
    """Those of there and no others: who has left there since sees nothing here either."""
    session, name = place.session, text(raw["SharingGroup"], "name")
    members: list[int] = []
    for member in raw.get("SharingGroupOrg") or []:
        org = numbers.of("organisation", member.get("org_id"))
        if org is None:
            gone = member.get("org_id")
            place.remarks.append(f"sharing group {name}: member {gone} is no organisation there")
            continue
        session.execute(
            "INSERT INTO sharing_group_org (sharing_group_id, org_id, extend) VALUES (%s, %s, %s)"
            " ON CONFLICT (org_id, sharing_group_id) DO UPDATE SET extend = excluded.extend",
            (group, org, flag(member, "extend")),
        )
        members.append(org)
    if "SharingGroupOrg" in raw:
        session.execute(
            "DELETE FROM sharing_group_org WHERE sharing_group_id = %s"
            " AND org_id <> ALL (%s::int[])",
            (group, members),
        )


def _servers(place: Place, group: int, raw: Raw) -> None:
    """Server 0 is the node itself; other numbers mean the same only where they are kept."""
    session, name = place.session, text(raw["SharingGroup"], "name")
    servers: list[int] = []
    for link in raw.get("SharingGroupServer") or []:
        server = c.integer("server_id", link.get("server_id")) or 0
        if server and not place.move.keeps_ids:
            place.remarks.append(f"sharing group {name}: server {server} there is not in it here")
            continue
        session.execute(
            "INSERT INTO sharing_group_server (sharing_group_id, server_id, all_orgs)"
            " VALUES (%s, %s, %s) ON CONFLICT (server_id, sharing_group_id)"
            " DO UPDATE SET all_orgs = excluded.all_orgs",
            (group, server, flag(link, "all_orgs")),
        )
        servers.append(server)
    if "SharingGroupServer" in raw:
        session.execute(
            "DELETE FROM sharing_group_server WHERE sharing_group_id = %s"
            " AND server_id <> ALL (%s::int[])",
            (group, servers),
        )
