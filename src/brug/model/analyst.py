# SPDX-License-Identifier: EUPL-1.2
"""Analyst data: what people say about anything that has a UUID, as records.

A note is text, an opinion a number from 0 (against) to 100 (for) with a comment, a
relationship names another item. Each may be about another one. The MISP core format's
analyst objects are the source of the fields and of the kinds' numbers.
"""

from datetime import datetime
from enum import IntEnum
from typing import Any

import msgspec

from brug.model.event import OrganisationRef
from brug.model.new_event import GroupRef


class Kind(IntEnum):
    """The kinds, by MISP's `note_type`; their names are MISP's `note_type_name`."""

    Note = 0
    Opinion = 1
    Relationship = 2


KIND_NAMES = tuple(kind.name for kind in Kind)
# What analyst data may be about, and what a relationship may point to.
TARGETS = frozenset(
    {
        "Attribute", "Event", "EventReport", "GalaxyCluster", "Galaxy", "Object", "Organisation",
        "SharingGroup", *KIND_NAMES,
    }
)  # fmt: skip


class AnalystData(msgspec.Struct):
    """A stored note, opinion or relationship."""

    kind: int
    id: int
    uuid: str
    object_type: str
    object_uuid: str
    org_id: int
    org_uuid: str
    orgc_id: int
    orgc_uuid: str
    authors: str
    created: datetime
    modified: datetime
    distribution: int
    sharing_group_id: int | None
    locked: bool
    note: str | None
    language: str | None
    opinion: int | None
    comment: str | None
    relationship_type: str | None
    related_object_uuid: str | None
    related_object_type: str | None

    @property
    def name(self) -> str:
        """What MISP calls its kind."""
        return Kind(self.kind).name


class NewAnalystData(msgspec.Struct):
    """One on its way in; None means that the sender did not say."""

    kind: int
    object_type: str
    object_uuid: str
    uuid: str | None = None
    authors: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    distribution: int | None = None
    group: GroupRef | None = None
    locked: bool = False
    orgc: OrganisationRef | None = None
    note: str | None = None
    language: str | None = None
    opinion: int | None = None
    comment: str | None = None
    relationship_type: str | None = None
    related_object_uuid: str | None = None
    related_object_type: str | None = None
    raw: dict[str, Any] = {}
