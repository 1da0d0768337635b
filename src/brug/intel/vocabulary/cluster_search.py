# SPDX-License-Identifier: EUPL-1.2
"""Searching clusters by their fields: what galaxy_clusters/restSearch asks.

Every condition holds; a condition of several values is one of them. Texts compare without
case, `%` stands for anything.
"""

from collections.abc import Sequence
from typing import LiteralString

import msgspec

from brug.intel.vocabulary.clusters import Cluster
from brug.store.session import Session


class Wanted(msgspec.Struct):
    """None: any."""

    ids: Sequence[int] | None = None
    uuids: Sequence[str] | None = None
    galaxies: Sequence[int] | None = None
    galaxy_uuids: Sequence[str] | None = None
    types: Sequence[str] | None = None
    versions: Sequence[int] | None = None
    levels: Sequence[int] | None = None
    orgs: Sequence[int] | None = None
    orgcs: Sequence[int] | None = None
    tags: Sequence[str] | None = None
    values: Sequence[str] | None = None
    descriptions: Sequence[str] | None = None
    extends: Sequence[str] | None = None
    custom: bool | None = None
    published: bool | None = None
    deleted: bool = False
    keys: Sequence[str] = ()
    key_values: Sequence[Sequence[str]] = ()
    after: int = 0
    limit: int | None = None
    offset: int = 0


_WHERE: LiteralString = """
    FROM galaxy_cluster c WHERE c.deleted = %(deleted)s AND c.id > %(after)s
    AND (%(ids)s::int[] IS NULL OR c.id = ANY (%(ids)s))
    AND (%(uuids)s::uuid[] IS NULL OR c.uuid = ANY (%(uuids)s))
    AND (%(galaxies)s::int[] IS NULL OR c.galaxy_id = ANY (%(galaxies)s))
    AND (%(galaxy_uuids)s::uuid[] IS NULL OR c.galaxy_id IN (
        SELECT id FROM galaxy WHERE uuid = ANY (%(galaxy_uuids)s)))
    AND (%(types)s::text[] IS NULL OR c.type = ANY (%(types)s))
    AND (%(versions)s::bigint[] IS NULL OR c.version = ANY (%(versions)s))
    AND (%(levels)s::int[] IS NULL OR c.distribution = ANY (%(levels)s))
    AND (%(orgs)s::int[] IS NULL OR coalesce(c.org_id, 0) = ANY (%(orgs)s))
    AND (%(orgcs)s::int[] IS NULL OR coalesce(c.orgc_id, 0) = ANY (%(orgcs)s))
    AND (%(tags)s::text[] IS NULL OR c.tag_key LIKE ANY (%(tags)s))
    AND (%(values)s::text[] IS NULL OR lower(c.value) LIKE ANY (%(values)s))
    AND (%(descriptions)s::text[] IS NULL OR lower(c.description) LIKE ANY (%(descriptions)s))
    AND (%(extends)s::uuid[] IS NULL OR c.extends_uuid = ANY (%(extends)s))
    AND (%(custom)s::bool IS NULL OR c.is_default <> %(custom)s)
    AND (%(published)s::bool IS NULL OR c.published = %(published)s OR c.is_default)
    AND (%(keys)s::text[] IS NULL OR (
        SELECT count(DISTINCT w.place) FROM unnest(%(keys)s::text[], %(patterns)s::text[],
            %(places)s::int[]) AS w (key, pattern, place)
        JOIN galaxy_element e ON e.galaxy_cluster_id = c.id AND lower(e.key) = w.key
            AND lower(e.value) LIKE w.pattern) = %(wanted)s)
"""
_COLUMNS: LiteralString = (
    "c.id, c.uuid::text, c.galaxy_id, c.collection_uuid::text, c.type, c.value, c.tag_name,"
    " c.description, c.source, c.authors, c.version, c.distribution, c.sharing_group_id, c.org_id,"
    " c.orgc_id, c.is_default, c.locked, c.extends_uuid::text, c.extends_version, c.published,"
    " c.deleted"
)


def pattern(text: str) -> str:
    """A LIKE pattern of lower case; only `%` is special."""
    return text.lower().replace("\\", "\\\\").replace("_", "\\_")


def _params(wanted: Wanted) -> dict[str, object]:
    params: dict[str, object] = msgspec.structs.asdict(wanted)
    flat = [
        (key.lower(), pattern(value), place)
        for place, (key, values) in enumerate(zip(wanted.keys, wanted.key_values, strict=True))
        for value in values
    ]
    for name in ("tags", "values", "descriptions"):
        given = params[name]
        params[name] = None if given is None else [pattern(one) for one in given]  # type: ignore[attr-defined]
    return params | {
        "keys": [key for key, _, _ in flat] if wanted.keys else None,
        "patterns": [one for _, one, _ in flat],
        "places": [place for _, _, place in flat],
        "wanted": len(wanted.keys),
        "limit": wanted.limit,
    }


def found(session: Session, wanted: Wanted) -> list[Cluster]:
    """By number, without what belongs to them."""
    rows = session.all(
        "SELECT " + _COLUMNS + _WHERE + " ORDER BY c.id LIMIT %(limit)s OFFSET %(offset)s",
        _params(wanted),
    )
    return [Cluster(*row) for row in rows]


def versions(session: Session, wanted: Wanted) -> list[tuple[str, int]]:
    """UUIDs with versions, by number: what a synchronising server compares."""
    return session.all(
        "SELECT c.uuid::text, c.version"
        + _WHERE
        + " ORDER BY c.id LIMIT %(limit)s OFFSET %(offset)s",
        _params(wanted),
    )
