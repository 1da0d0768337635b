# SPDX-License-Identifier: EUPL-1.2
"""What somebody sends of a cluster, read: MISP's fields, by themselves or in its wrappers.

Elements come as a list of keys and values, or as the `meta` that events carry. Nothing is
asked of the database here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from brug.formats import json_text
from brug.formats.misp import coercion as c
from brug.model.errors import Invalid
from brug.model.event import SHARING_GROUP
from brug.model.new_event import GroupRef

Fields = Mapping[str, Any]

LEVELS = frozenset({0, 1, 2, 3, 4})
LEVEL_TEXT = (
    "Options: Your organisation only, This community only, Connected communities, All communities,"
    " Sharing group"
)
UUID_TEXT = "Please provide a valid RFC 4122 UUID"
MOST = 5000  # elements or relations of one cluster
LONGEST = 65_535


class RelationDraft(msgspec.Struct, frozen=True):
    """A relation as it is sent; `source` is empty where it stands inside its cluster."""

    target: str
    type: str
    level: int | None
    group: GroupRef | None
    tags: list[str] | None
    source: str = ""


class ClusterDraft(msgspec.Struct):
    """A cluster as it is sent; None: not said."""

    uuid: str | None = None
    value: str | None = None
    description: str | None = None
    source: str | None = None
    authors: list[str] | None = None
    level: int | None = None
    group: GroupRef | None = None
    extends_uuid: str | None = None
    extends_version: int | None = None
    version: int | None = None
    collection_uuid: str | None = None
    deleted: bool = False
    elements: list[tuple[str, str]] | None = None
    relations: list[RelationDraft] | None = None


def cluster(raw: Fields) -> ClusterDraft:
    """Raises Invalid."""
    level = _level(raw)
    return ClusterDraft(
        uuid=_uuid(raw.get("uuid")),
        value=_short("value", raw.get("value")),
        description=_text("description", raw.get("description")),
        source=_text("source", raw.get("source")),
        authors=_authors(raw.get("authors")),
        level=level,
        group=group(raw) if level == SHARING_GROUP else None,
        extends_uuid=_maybe_uuid("extends_uuid", raw.get("extends_uuid")),
        extends_version=c.integer("extends_version", raw.get("extends_version"), 0, c.MAX_TIME),
        version=c.integer("version", raw.get("version"), 0, c.MAX_TIME),
        collection_uuid=_maybe_uuid("collection_uuid", raw.get("collection_uuid")),
        deleted=c.flag("deleted", raw.get("deleted")),
        elements=_elements(raw),
        relations=_relations(raw.get("GalaxyClusterRelation")),
    )


def relation(raw: Fields) -> RelationDraft:
    """Raises Invalid."""
    target = _maybe_uuid(
        "referenced_galaxy_cluster_uuid", raw.get("referenced_galaxy_cluster_uuid")
    )
    if target is None:
        raise Invalid("referenced_galaxy_cluster_uuid", UUID_TEXT)
    level = _level(raw)
    return RelationDraft(
        target,
        (_short("type", raw.get("referenced_galaxy_cluster_type")) or "").strip(),
        level,
        group(raw) if level == SHARING_GROUP else None,
        tag_names(raw),
        _maybe_uuid("galaxy_cluster_uuid", raw.get("galaxy_cluster_uuid")) or "",
    )


def group(raw: Fields) -> GroupRef:
    """The sharing group that is named by number, by UUID, or whole beside the item."""
    embedded = raw.get("SharingGroup")
    if isinstance(embedded, dict) and embedded.get("uuid"):
        return GroupRef(uuid=c.uuid("uuid", embedded["uuid"]))
    value = raw.get("sharing_group_id")
    if isinstance(value, str) and "-" in value:
        return GroupRef(uuid=c.uuid("sharing_group_id", value))
    return GroupRef(id=c.integer("sharing_group_id", value))


def tag_names(raw: Fields) -> list[str] | None:
    """`tags` as names, `Tag` as tags; None: not said."""
    sent = raw.get("Tag", raw.get("tags"))
    if isinstance(sent, str):
        sent = [name for name in sent.split(",") if name.strip()]
    if not isinstance(sent, list):
        return None
    named = [one.get("name") if isinstance(one, dict) else one for one in sent[:MOST]]
    names = [c.text("tags", name).strip()[:255] for name in named]
    return list(dict.fromkeys(name for name in names if name))


def _level(raw: Fields) -> int | None:
    level = c.integer("distribution", raw.get("distribution"), -1)
    if level is not None and level not in LEVELS:
        raise Invalid("distribution", LEVEL_TEXT)
    return level


def _uuid(value: Any) -> str | None:
    try:
        return c.uuid("uuid", value)
    except Invalid as error:
        raise Invalid("uuid", UUID_TEXT) from error


def _maybe_uuid(field: str, value: Any) -> str | None:
    return c.uuid(field, value) if value else None


def _text(field: str, value: Any) -> str | None:
    return None if value is None else c.text(field, value)[:LONGEST]


def _short(field: str, value: Any) -> str | None:
    return None if value is None else c.text(field, value)[:255]


def _authors(value: Any) -> list[str] | None:
    """A list, its JSON text, or names with commas between them."""
    if isinstance(value, str):
        try:
            value = json_text.decode_nested(value)
        except json_text.Malformed:
            value = [name.strip() for name in value.split(",") if name.strip()]
    if value is None:
        return None
    if not isinstance(value, list):
        raise Invalid("authors", "a list of names")
    return [c.text("authors", name)[:255] for name in value[:MOST]]


def _elements(raw: Fields) -> list[tuple[str, str]] | None:
    sent = raw.get("GalaxyElement", raw.get("elements"))
    if sent is None and isinstance(raw.get("meta"), dict):
        # PyMISP sends an empty one along with every cluster, which says nothing.
        return list(_of_meta(raw["meta"])) or None
    if isinstance(sent, str):
        try:
            sent = json_text.decode_nested(sent)
        except json_text.Malformed as error:
            raise Invalid("elements", "a list of keys and values") from error
    if sent is None:
        return None
    if isinstance(sent, dict):
        return list(_of_meta(sent))
    if not isinstance(sent, list) or len(sent) > MOST:
        raise Invalid("elements", f"a list of at most {MOST} keys and values")
    return list(_listed(sent))


def _listed(sent: list[Any]) -> Iterator[tuple[str, str]]:
    for one in sent:
        if not isinstance(one, dict):
            raise Invalid("elements", "keys with values")
        key, value = c.text("key", one.get("key"))[:255], c.text("value", one.get("value"))
        if key:
            yield key, value[:LONGEST]


def _of_meta(meta: Fields) -> Iterator[tuple[str, str]]:
    for key, values in meta.items():
        for value in values if isinstance(values, list) else [values]:
            yield c.text("meta", key)[:255], c.text("meta", value)[:LONGEST]


def _relations(sent: Any) -> list[RelationDraft] | None:
    if not isinstance(sent, list):
        return None
    if len(sent) > MOST:
        raise Invalid("GalaxyClusterRelation", f"at most {MOST} relations")
    return [relation(one) for one in sent if isinstance(one, dict)]
