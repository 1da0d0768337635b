# SPDX-License-Identifier: EUPL-1.2
"""What is about to be stored: events and what hangs on them, checked, on their way in."""

from typing import Any

import msgspec

from brug.model.event import OrganisationRef


class NewTag(msgspec.Struct, frozen=True):
    name: str
    colour: str | None = None
    local: bool = False
    relationship_type: str | None = None
    exportable: bool = True
    numerical_value: int | None = None


class GroupRef(msgspec.Struct, frozen=True):
    """A sharing group as the sender names it: by this node's number, or by UUID."""

    id: int | None = None
    uuid: str | None = None
    name: str = ""


class NewSighting(msgspec.Struct):
    uuid: str | None
    date_sighting: int
    source: str
    type: int
    organisation: OrganisationRef | None = None


class NewProposal(msgspec.Struct):
    """A proposal that comes along with an event; without `attribute_uuid` of a new attribute."""

    uuid: str | None
    attribute_uuid: str | None
    type: str
    category: str
    value1: str
    value2: str
    to_ids: bool
    comment: str = ""
    timestamp: int | None = None
    first_seen: int | None = None
    last_seen: int | None = None
    is_deletion: bool = False
    disable_correlation: bool = False
    deleted: bool = False
    organisation: OrganisationRef | None = None
    data: bytes | None = None
    ruled: bool = False  # the import rules have seen it


class NewAttribute(msgspec.Struct, gc=False):
    """A checked attribute on its way in."""

    uuid: str | None
    type: str
    category: str
    to_ids: bool
    value1: str
    value2: str
    timestamp: int | None = None
    distribution: int | None = None
    group: GroupRef | None = None
    comment: str = ""
    deleted: bool = False
    disable_correlation: bool = False
    first_seen: int | None = None
    last_seen: int | None = None
    object_relation: str | None = None
    tags: tuple[NewTag, ...] = ()
    sightings: tuple[NewSighting, ...] = ()
    data: bytes | None = None
    encrypt: bool = False  # bytes of a sample that are to be packed before they are kept
    extra: dict[str, Any] | None = None
    ruled: bool = False  # the import rules have seen it
    unlisted: bool = False  # not to be added if a warninglist has it


class NewReference(msgspec.Struct):
    uuid: str | None
    referenced_uuid: str
    relationship_type: str
    comment: str = ""
    timestamp: int | None = None
    deleted: bool = False


class NewObject(msgspec.Struct):
    uuid: str | None
    name: str
    meta_category: str = ""
    description: str = ""
    template_uuid: str = ""
    template_version: str = "0"
    timestamp: int | None = None
    distribution: int | None = None
    group: GroupRef | None = None
    comment: str = ""
    deleted: bool = False
    first_seen: int | None = None
    last_seen: int | None = None
    attributes: list[NewAttribute] = []
    references: list[NewReference] = []
    extra: dict[str, Any] | None = None
    unlike_others: bool = False  # not to be added beside one that says the same


class NewReport(msgspec.Struct):
    uuid: str | None
    name: str
    content: str = ""
    distribution: int | None = None
    group: GroupRef | None = None
    timestamp: int | None = None
    deleted: bool = False


class NewKey(msgspec.Struct, frozen=True):
    """A public key that signs a protected event, checked."""

    uuid: str | None
    text: str
    fingerprint: str
    revoked: bool = False


class Refusal(msgspec.Struct):
    """One item that was not taken in: where it stood, what was wrong, what it was."""

    place: str
    errors: dict[str, list[str]]
    item: Any
    line: int | None = None
    column: int | None = None


class NewEvent(msgspec.Struct):
    """An event on its way in; None means that the sender did not say."""

    uuid: str | None
    info: str
    date: str | None = None
    threat_level_id: int | None = None
    analysis: int | None = None
    distribution: int | None = None
    group: GroupRef | None = None
    published: bool | None = None
    timestamp: int | None = None
    publish_timestamp: int | None = None
    extends_uuid: str | None = None
    disable_correlation: bool | None = None
    protected: bool | None = None
    orgc: OrganisationRef | None = None
    locked: bool | None = None
    tags: list[NewTag] = []
    attributes: list[NewAttribute] = []
    objects: list[NewObject] = []
    reports: list[NewReport] = []
    analyst: list[tuple[str, int, tuple[str, Any], dict[str, Any]]] = []  # analyst_inside.Hanging
    keys: list[NewKey] = []
    proposals: list[NewProposal] = []
    refused: list[Refusal] = []
    extra: dict[str, Any] | None = None
