# SPDX-License-Identifier: EUPL-1.2
"""Whole events for another installation: with groups, deleted items, proposals and bytes."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from brug.directory import sharing_groups
from brug.directory.sharing_groups import SharingGroup
from brug.formats.misp.shapes import EventJson
from brug.formats.misp.writing import proposal_json
from brug.intel import loading
from brug.intel.leaving import whole
from brug.model.errors import NotFound
from brug.model.event import SHARING_GROUP, Event
from brug.store.session import Database, Session

Document = dict[str, Any]


def documents(database: Database, user_id: int, ids: Sequence[int]) -> Iterator[Document]:
    """One document after the other, each in a transaction of its own; gone ones are left."""
    for event_id in ids:
        with database.as_user(user_id) as session:
            try:
                made = document(session, loading.event(session, event_id, deleted=True))
            except NotFound:
                continue
        yield made


def document(session: Session, event: Event) -> Document:
    """The whole of an event that is loaded, as the session sees it."""
    return several(session, [event])[0]


def several(session: Session, events: Sequence[Event]) -> list[Document]:
    """The same of several events at once."""
    return completed(session, events, whole.several(session, events))


def completed(
    session: Session, events: Sequence[Event], as_shown: Sequence[EventJson]
) -> list[Document]:
    """The documents of events that are shown as MISP has them, with all proposals and groups."""
    found: list[Document] = []
    for event, shown in zip(events, as_shown, strict=True):
        made: Document = msgspec.to_builtins(shown)
        made["ShadowAttribute"] = [
            msgspec.to_builtins(proposal_json(one)) for one in event.proposals
        ]
        found.append(made)
    _embed_groups(session, found)
    return found


def group_json(group: SharingGroup) -> Document:
    """A group as events carry it, known anywhere by its UUIDs."""
    return {
        "uuid": group.uuid,
        "name": group.name,
        "releasability": group.releasability,
        "description": group.description,
        "organisation_uuid": group.organisation_uuid,
        "active": group.active,
        "roaming": group.roaming,
        "Organisation": {"uuid": group.org_uuid, "name": group.org_name},
        "SharingGroupOrg": [
            {"extend": m.extend, "Organisation": {"uuid": m.uuid, "name": m.name}}
            for m in group.members
        ],
        "SharingGroupServer": [],
    }


_GROUP = str(SHARING_GROUP)


def _embed_groups(session: Session, several: Sequence[Document]) -> None:
    named = [
        item for made in several for item in _with_levels(made) if item["distribution"] == _GROUP
    ]
    if not named:
        return
    ids = {int(item["sharing_group_id"]) for item in named}
    groups = {g.id: group_json(g) for g in sharing_groups.of_ids(session, sorted(ids))}
    for item in named:
        item["SharingGroup"] = groups[int(item["sharing_group_id"])]


def _with_levels(made: Document) -> Iterator[Document]:
    yield made
    yield from made["Attribute"]
    yield from made["EventReport"]
    for one in made["Object"]:
        yield one
        yield from one["Attribute"]
