# SPDX-License-Identifier: EUPL-1.2
"""What a stock MISP 2.5.1 answers, as records: its fields in its order.

Fields that MISP leaves out when they do not apply are UNSET here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class TagJson(msgspec.Struct):
    id: str
    name: str
    colour: str
    exportable: bool
    user_id: str
    hide_tag: bool
    numerical_value: int | None
    is_galaxy: bool
    is_custom_galaxy: bool
    local_only: bool
    local: bool
    relationship_type: str | None


class AttributeJson(msgspec.Struct, gc=False):
    id: str
    type: str
    category: str
    to_ids: bool
    uuid: str
    event_id: str
    distribution: str
    timestamp: str
    comment: str
    sharing_group_id: str
    deleted: bool
    disable_correlation: bool
    object_id: str
    object_relation: str | None
    first_seen: str | None
    last_seen: str | None
    value: str
    Galaxy: list[Any]
    ShadowAttribute: list[Any]
    Tag: list[TagJson] | UnsetType = UNSET
    SharingGroup: Any = UNSET
    data: str | UnsetType = UNSET
    Sighting: Any = UNSET
    RelatedAttribute: Any = UNSET
    warnings: Any = UNSET
    Feed: Any = UNSET
    Server: Any = UNSET
    Event: Any = UNSET
    Note: Any = UNSET
    Opinion: Any = UNSET
    Relationship: Any = UNSET
    decay_score: list[Any] | UnsetType = UNSET


class ObjectJson(msgspec.Struct):
    id: str
    name: str
    meta_category: str = msgspec.field(name="meta-category")
    description: str
    template_uuid: str
    template_version: str
    event_id: str
    uuid: str
    timestamp: str
    distribution: str
    sharing_group_id: str
    comment: str
    deleted: bool
    first_seen: str | None
    last_seen: str | None
    ObjectReference: list[Any]
    Attribute: list[AttributeJson]
    SharingGroup: Any = UNSET
    Event: Any = UNSET
    Note: Any = UNSET
    Opinion: Any = UNSET
    Relationship: Any = UNSET


class ReferenceJson(msgspec.Struct):
    id: str
    uuid: str
    timestamp: str
    object_id: str
    referenced_uuid: str
    referenced_id: str
    referenced_type: str
    relationship_type: str
    comment: str
    deleted: bool
    event_id: str
    source_uuid: str
    Object: Any = UNSET
    Attribute: Any = UNSET


class ProposalJson(msgspec.Struct):
    id: str
    type: str
    category: str
    to_ids: bool
    uuid: str
    event_uuid: str
    event_id: str
    old_id: str
    comment: str
    org_id: str
    proposal_to_delete: bool
    timestamp: str
    first_seen: str | None
    last_seen: str | None
    value: str
    Org: dict[str, Any]
    data: str | UnsetType = UNSET


class ReportJson(msgspec.Struct):
    id: str
    uuid: str
    event_id: str
    name: str
    content: str
    distribution: str
    sharing_group_id: str
    timestamp: str
    deleted: bool
    Note: Any = UNSET
    Opinion: Any = UNSET
    Relationship: Any = UNSET


class EventJson(msgspec.Struct):
    id: str
    orgc_id: str
    org_id: str
    date: str
    threat_level_id: str
    info: str
    published: bool
    uuid: str
    attribute_count: str
    analysis: str
    timestamp: str
    distribution: str
    proposal_email_lock: bool
    locked: bool
    publish_timestamp: str
    sharing_group_id: str
    disable_correlation: bool
    extends_uuid: str
    protected: bool | None
    event_creator_email: str | UnsetType
    Org: dict[str, Any]
    Orgc: dict[str, Any]
    Attribute: list[AttributeJson] | UnsetType
    ShadowAttribute: list[Any] | UnsetType
    RelatedEvent: list[Any] | UnsetType
    Galaxy: list[Any] | UnsetType
    Object: list[ObjectJson] | UnsetType
    EventReport: list[ReportJson] | UnsetType
    CryptographicKey: list[Any] | UnsetType
    Tag: list[TagJson] | UnsetType = UNSET
    Feed: Any = UNSET
    Server: Any = UNSET
    SharingGroup: Any = UNSET
    Note: Any = UNSET
    Opinion: Any = UNSET
    Relationship: Any = UNSET
    RelationshipInbound: Any = UNSET
    ExtendedBy: list[Any] | UnsetType = UNSET
    extension_events: Any = msgspec.field(default=UNSET, name="extensionEvents")
    refused: Any = UNSET


class Surroundings(msgspec.Struct):
    """What is shown beside an event's own records, by what it belongs to."""

    groups: Mapping[int, dict[str, Any]] = {}  # sharing group -> its JSON
    clusters: Mapping[str, dict[str, Any]] = {}  # tag name -> galaxy with one cluster
    related_events: list[dict[str, Any]] = []
    related_attributes: Mapping[int, list[dict[str, Any]]] = {}  # attribute -> hits
    sightings: Mapping[int, list[dict[str, Any]]] = {}  # attribute -> sightings
    data: Mapping[int, str] = {}  # attribute -> Base64
    warnings: Mapping[int, list[dict[str, Any]]] = {}  # attribute -> warninglists
    include_related: bool = True
    keys: list[dict[str, Any]] = []  # that sign a protected event
    analyst: Mapping[tuple[str, str], dict[str, Any]] = {}  # (kind, UUID) -> what is said of it
    inbound: list[dict[str, Any]] = []  # relationships that point to the event


NOTHING = Surroundings()
