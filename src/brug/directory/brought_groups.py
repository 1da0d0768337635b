# SPDX-License-Identifier: EUPL-1.2
"""Sharing groups that come along, whole, with what is shared with them.

A group is known by its UUID. One that is new here belongs to whoever brings it, with the
members that it came with; those who brought it keep its members as the other side has them.
A group that somebody here made, or that another brought, is never changed by a document.
Its list of servers stays empty, as at a stock MISP: those are the other side's.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from brug.directory import sharing_group_changes, sharing_groups
from brug.directory.capturing import capture
from brug.directory.refusals import Refused
from brug.directory.sharing_groups import SharingGroup
from brug.formats.misp import coercion as c
from brug.model.errors import BrugError, Invalid
from brug.model.event import OrganisationRef
from brug.store.session import Session

Json = Mapping[str, Any]
MOST_MEMBERS = 2_000
_CARRIERS = ("Attribute", "Object", "EventReport", "Note", "Opinion", "Relationship",
             "GalaxyClusterRelation")  # fmt: skip


def bring(session: Session, document: Json) -> None:
    """Stores the groups that an item and what is in it are shared with.

    What is no whole group, or may not be made by this principal, is left: the item that
    names it is refused then, by itself.
    """
    if not (session.principal.may("sync") and session.principal.may("sharing_group")):
        return
    found = {str(one.get("uuid")).lower(): one for one in _groups(document)}
    for raw in found.values():
        try:
            with session.connection.transaction():
                _bring(session, raw)
        except BrugError:
            continue


def _groups(item: Json) -> Iterator[Json]:
    group = item.get("SharingGroup")
    if isinstance(group, dict) and isinstance(group.get("SharingGroupOrg"), list):
        yield group
    for name in _CARRIERS:
        several = item.get(name)
        if several:
            for child in several if isinstance(several, list) else [several]:
                if isinstance(child, dict):
                    yield from _groups(child)


def _bring(session: Session, raw: Json) -> None:
    uuid = c.uuid("SharingGroup.uuid", raw.get("uuid"))
    members = _members(raw["SharingGroupOrg"])
    if uuid is None or not members:
        raise Invalid("SharingGroup", "a group with a UUID and members")
    known = sharing_groups.of_uuids(session, [uuid])
    group = known[0] if known else _made(session, uuid, raw)
    if group.sync_user_id == session.principal.user_id and not _is_ours(session, group):
        _align(session, group, members)


def _is_ours(session: Session, group: SharingGroup) -> bool:
    """Whether it says that it is of the organisation for which we fetch: no other side says who
    is in a group of ours. Whoever pushes says who is in theirs.
    """
    if group.organisation_uuid != session.principal.org_uuid:
        return False
    own = session.principal.user_id
    with session.as_system():
        query = "SELECT EXISTS (SELECT 1 FROM server_work WHERE own_account_id = %s)"
        return bool(session.value(query, (own,)))


def _made(session: Session, uuid: str, raw: Json) -> SharingGroup:
    given: dict[str, Any] = {"uuid": uuid, "roaming": c.flag("roaming", raw.get("roaming"))}
    for field, longest in (("name", 255), ("releasability", 65_535), ("description", 65_535)):
        given[field] = c.text(field, raw.get(field))[:longest]
    owner = c.uuid("organisation_uuid", raw.get("organisation_uuid"))
    if not owner or not given["name"].strip():
        raise Refused("SharingGroup", "empty", "a group with a name and its organisation")
    return sharing_group_changes.add(session, given | {"organisation_uuid": owner})


def _members(raw: list[Any]) -> dict[str, tuple[OrganisationRef, bool]]:
    found: dict[str, tuple[OrganisationRef, bool]] = {}
    for one in raw[:MOST_MEMBERS]:
        named = one.get("Organisation") if isinstance(one, dict) else None
        if not isinstance(named, dict):
            continue
        uuid = c.uuid("Organisation.uuid", named.get("uuid"))
        name = c.text("Organisation.name", named.get("name"))[:255]
        if uuid and name.strip():
            extend = c.flag("extend", one.get("extend"))
            found[uuid] = OrganisationRef(0, name, uuid, local=False), extend
    return found


def _align(
    session: Session, group: SharingGroup, members: Mapping[str, tuple[OrganisationRef, bool]]
) -> None:
    """From now on the group has these members and no others."""
    held = {one.uuid: one for one in group.members}
    for uuid, (organisation, extend) in members.items():
        if uuid not in held:
            sharing_group_changes.add_organisation(
                session, group.id, capture(session, organisation), extend=extend
            )
    for uuid, one in held.items():
        if uuid not in members:
            sharing_group_changes.remove_organisation(session, group.id, one.org_id)
