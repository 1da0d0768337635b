# SPDX-License-Identifier: EUPL-1.2
"""The MISP data model as records: what is stored (`new_event`: what is about to be).

Numbers are numbers here and levels are MISP's (0 own organisation, 1 this community, 2
connected communities, 3 all communities, 4 sharing group, 5 as the parent). Times are
seconds since 1970, `first_seen` and `last_seen` microseconds. The strings for numbers of
MISP's JSON exist in `brug.formats.misp` only.
"""

from typing import Any

import msgspec

OWN_ORGANISATION, COMMUNITY, CONNECTED, ALL, SHARING_GROUP, INHERIT = range(6)


class OrganisationRef(msgspec.Struct, frozen=True):
    """An organisation as others name it."""

    id: int
    name: str
    uuid: str
    local: bool = True


class Tag(msgspec.Struct):
    """A tag where it is attached."""

    id: int
    name: str
    colour: str
    exportable: bool = True
    user_id: int = 0
    hide_tag: bool = False
    numerical_value: int | None = None
    is_galaxy: bool = False
    is_custom_galaxy: bool = False
    local_only: bool = False
    local: bool = False
    relationship_type: str | None = None
    link_id: int = 0  # of the attachment itself


class Attribute(msgspec.Struct):
    """A stored attribute; `value2` is the second part of a composite, else empty."""

    id: int
    uuid: str
    event_id: int
    object_id: int
    org_id: int
    type: str
    category: str
    value1: str
    value2: str
    to_ids: bool
    timestamp: int
    distribution: int
    sharing_group_id: int | None
    comment: str
    deleted: bool
    disable_correlation: bool
    first_seen: int | None
    last_seen: int | None
    object_relation: str | None
    extra: dict[str, Any] | None = None
    key1: int = 0  # brug.model.value_key, of both parts
    key2: int | None = None
    tags: list[Tag] = []


class ObjectReference(msgspec.Struct):
    """A named relation from an object to an object or attribute of the same event."""

    id: int
    uuid: str
    event_id: int
    object_id: int
    timestamp: int
    source_uuid: str
    referenced_uuid: str
    referenced_id: int
    referenced_type: int
    relationship_type: str
    comment: str
    deleted: bool


class MispObject(msgspec.Struct):
    """Attributes that belong together, by a template."""

    id: int
    uuid: str
    event_id: int
    org_id: int
    name: str
    meta_category: str
    description: str
    template_uuid: str
    template_version: str
    timestamp: int
    distribution: int
    sharing_group_id: int | None
    comment: str
    deleted: bool
    first_seen: int | None
    last_seen: int | None
    extra: dict[str, Any] | None = None
    attributes: list[Attribute] = []
    references: list[ObjectReference] = []


class EventReport(msgspec.Struct):
    """A text in Markdown that belongs to an event."""

    id: int
    uuid: str
    event_id: int
    name: str
    content: str
    distribution: int
    sharing_group_id: int | None
    timestamp: int
    deleted: bool


class EventHead(msgspec.Struct):
    """An event without what hangs on it."""

    id: int
    uuid: str
    org_id: int
    orgc_id: int
    user_id: int
    date: str
    info: str
    threat_level_id: int
    analysis: int
    distribution: int
    sharing_group_id: int | None
    published: bool
    timestamp: int
    publish_timestamp: int
    sighting_timestamp: int
    extends_uuid: str | None
    locked: bool
    proposal_email_lock: bool
    disable_correlation: bool
    protected: bool | None
    attribute_count: int
    extra: dict[str, Any] | None = None


class Proposal(msgspec.Struct):
    """A change to somebody's event that another proposes: MISP's shadow attribute.

    `attribute_id` names what it changes, or is 0 for a new attribute; then `uuid` is the
    proposal's own and becomes the attribute's, else it is that of the attribute.
    """

    id: int
    uuid: str
    event_id: int
    event_uuid: str
    attribute_id: int
    holder_id: int
    creator_id: int  # the organisation that created the event
    org: OrganisationRef
    brought_by: int
    type: str
    category: str
    value1: str
    value2: str
    to_ids: bool
    comment: str
    timestamp: int
    first_seen: int | None
    last_seen: int | None
    is_deletion: bool
    disable_correlation: bool
    deleted: bool  # settled: accepted or discarded
    data: bytes | None = None


class Event(msgspec.Struct):
    """An event with what the reader may see of what hangs on it."""

    head: EventHead
    org: OrganisationRef
    orgc: OrganisationRef
    creator_email: str | None = None
    tags: list[Tag] = []
    attributes: list[Attribute] = []
    objects: list[MispObject] = []
    reports: list[EventReport] = []
    has_proposals: bool = False  # open ones, so that most events need not be asked
    proposals: list[Proposal] = []
