# SPDX-License-Identifier: EUPL-1.2
"""Sharing groups as MISP's JSON has them: on their own, and inside what is shared with them."""

from datetime import datetime
from typing import Any

from brug.directory import sharing_groups
from brug.directory.sharing_groups import SharingGroup
from brug.store import settings
from brug.store.session import Session


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def group(found: SharingGroup) -> dict[str, Any]:
    """The group's own fields."""
    return {
        "id": str(found.id),
        "name": found.name,
        "releasability": found.releasability,
        "description": found.description,
        "uuid": found.uuid,
        "organisation_uuid": found.organisation_uuid,
        "org_id": str(found.org_id),
        "sync_user_id": str(found.sync_user_id),
        "active": found.active,
        "created": moment(found.created),
        "modified": moment(found.modified),
        "local": found.local,
        "roaming": found.roaming,
    }


def owner(found: SharingGroup) -> dict[str, Any]:
    return {"id": str(found.org_id), "name": found.org_name, "uuid": found.org_uuid}


def members(found: SharingGroup, *, local: bool = False) -> list[dict[str, Any]]:
    return [
        {
            "id": str(one.id),
            "sharing_group_id": str(one.sharing_group_id),
            "org_id": str(one.org_id),
            "extend": one.extend,
            "Organisation": {"id": str(one.org_id), "name": one.name, "uuid": one.uuid}
            | ({"local": one.local} if local else {}),
        }
        for one in found.members
    ]


def servers(found: SharingGroup, this_node: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """With what this node is called, where `this_node` says it."""
    return [
        {
            "id": str(one.id),
            "sharing_group_id": str(one.sharing_group_id),
            "server_id": str(one.server_id),
            "all_orgs": one.all_orgs,
        }
        | ({"Server": this_node} if this_node else {})
        for one in found.servers
    ]


def this_node(session: Session, name: str | None = None) -> dict[str, Any]:
    """What this node is called among the servers of a group."""
    url = settings.get(session, "node.url")
    return {"id": "0", "name": name or url, "url": url}


def embedded(session: Session, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Groups by id, as events carry them; those that the reader does not see are left out."""
    node = this_node(session)
    return {
        found.id: {
            **group(found),
            "Organisation": owner(found),
            "SharingGroupOrg": members(found),
            "SharingGroupServer": servers(found, node),
        }
        for found in sharing_groups.of_ids(session, ids)
    }
