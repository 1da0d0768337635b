# SPDX-License-Identifier: EUPL-1.2
"""The JSON of MISP's search results: attributes with their events, in its order of fields.

Fields that a search did not ask for are UNSET. What an event or object looks like in a
result is the same as where it is viewed (`writing`).
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class HitEventJson(msgspec.Struct, gc=False):
    """Of an event, what every attribute in a result carries."""

    org_id: str
    distribution: str
    publish_timestamp: str
    id: str
    info: str
    orgc_id: str
    uuid: str


class HitJson(msgspec.Struct, gc=False):
    """An attribute in a result."""

    id: str
    event_id: str
    object_id: str
    object_relation: str | None
    category: str
    type: str
    to_ids: bool
    uuid: str
    timestamp: str
    distribution: str
    sharing_group_id: str
    comment: str
    deleted: bool
    disable_correlation: bool
    first_seen: str | None
    last_seen: str | None
    value: str
    data: str | UnsetType = UNSET
    event_uuid: str | UnsetType = UNSET
    Sighting: list[Any] | UnsetType = UNSET
    RelatedAttribute: list[Any] | UnsetType = UNSET
    Event: Any = UNSET
    Object: dict[str, str] | UnsetType = UNSET
    Tag: list[dict[str, Any]] | UnsetType = UNSET
    Galaxy: list[Any] | UnsetType = UNSET
    ShadowAttribute: list[Any] | UnsetType = UNSET
    warnings: list[Any] | UnsetType = UNSET
    Note: list[Any] | UnsetType = UNSET
    Opinion: list[Any] | UnsetType = UNSET
    Relationship: list[Any] | UnsetType = UNSET
    decay_score: list[Any] | UnsetType = UNSET
