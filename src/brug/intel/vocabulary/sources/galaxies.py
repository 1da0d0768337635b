# SPDX-License-Identifier: EUPL-1.2
"""Galaxies and their clusters (the MISP galaxy project).

A galaxy's own description and its clusters stand in two files with one name; their digests
together tell whether anything changed. Ids of clusters survive an update. What a publisher
withdraws goes; the node's own clusters and what it switched stay.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from brug.intel.vocabulary.sources import files, rows


class Galaxy(msgspec.Struct):
    uuid: str
    name: str
    type: str
    description: str = ""
    version: int = 1
    icon: str = ""
    namespace: str = ""
    kill_chain_order: dict[str, list[str]] | None = None


class Relation(msgspec.Struct):
    uuid: str = msgspec.field(name="dest-uuid")
    type: str = ""
    tags: list[str] = []


class Cluster(msgspec.Struct):
    uuid: str
    value: str
    description: str = ""
    meta: dict[str, str | list[str]] = {}
    related: list[Relation] = []


class Collection(msgspec.Struct):
    uuid: str
    type: str
    values: list[Cluster]
    source: str = ""
    authors: list[str] = []
    version: int = 1


_GALAXY = msgspec.json.Decoder(Galaxy, strict=False)
_COLLECTION = msgspec.json.Decoder(Collection, strict=False)

_CLUSTER = (
    "galaxy_id", "uuid", "collection_uuid", "type", "value", "tag_name", "description", "source",
    "authors", "version",
)  # fmt: skip

_RELATION = (
    "galaxy_cluster_id", "referenced_galaxy_cluster_uuid", "referenced_galaxy_cluster_type",
    "tags", "is_default",
)  # fmt: skip


def install(connection: rows.Connection) -> int:
    """The number of galaxies that are new or changed."""
    known = dict(
        connection.execute(
            "SELECT uuid::text, source_digest FROM galaxy WHERE is_default"
        ).fetchall()
    )
    collections = {file.slug: file for file in files.read("clusters", "*.json")}
    changed: dict[int, Collection] = {}
    for file in files.read("galaxies", "*.json"):
        clusters = collections.get(file.slug)
        if clusters is None:
            continue
        galaxy = file.decode(_GALAXY)
        digest = hashlib.blake2b(file.digest + clusters.digest, digest_size=16).digest()
        if known.get(galaxy.uuid.lower()) == digest:
            continue
        galaxy_id = _put(connection, galaxy, digest)
        if galaxy_id is not None:
            changed[galaxy_id] = clusters.decode(_COLLECTION)
    _put_clusters(connection, changed)
    ids = _ids(connection, changed)
    _replace_details(connection, changed, ids)
    return len(changed)


def _put(connection: rows.Connection, galaxy: Galaxy, digest: bytes) -> int | None:
    chain = galaxy.kill_chain_order
    row = connection.execute(
        """
        INSERT INTO galaxy (uuid, name, type, description, version, icon, namespace,
                            kill_chain_order, is_default, source_digest)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, true, %s)
        ON CONFLICT (uuid) DO UPDATE SET
            name = excluded.name, type = excluded.type, description = excluded.description,
            version = excluded.version, icon = excluded.icon, namespace = excluded.namespace,
            kill_chain_order = excluded.kill_chain_order,
            source_digest = excluded.source_digest, modified = now()
        WHERE galaxy.is_default
        RETURNING id
        """,
        [
            galaxy.uuid,
            galaxy.name,
            galaxy.type,
            galaxy.description,
            galaxy.version,
            galaxy.icon,
            galaxy.namespace,
            None if chain is None else msgspec.json.encode(chain).decode(),
            digest,
        ],
    ).fetchone()
    return row[0] if row else None


def _put_clusters(connection: rows.Connection, changed: dict[int, Collection]) -> None:
    connection.execute(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS published_cluster (
            position int GENERATED ALWAYS AS IDENTITY, galaxy_id int, uuid uuid,
            collection_uuid uuid, type text, value text, tag_name text, description text,
            source text, authors text[], version bigint
        ) ON COMMIT DROP
        """
    )
    connection.execute("TRUNCATE published_cluster")
    rows.copy(connection, "published_cluster", _CLUSTER, _clusters(changed))
    connection.execute(
        """
        DELETE FROM galaxy_cluster c USING unnest(%s::int[]) AS changed (galaxy_id)
        WHERE c.galaxy_id = changed.galaxy_id AND c.is_default AND NOT EXISTS (
            SELECT FROM published_cluster p WHERE p.galaxy_id = c.galaxy_id AND p.uuid = c.uuid)
        """,
        [list(changed)],
    )
    connection.execute(
        """
        INSERT INTO galaxy_cluster (galaxy_id, uuid, collection_uuid, type, value, tag_name,
                                    description, source, authors, version, is_default)
        SELECT galaxy_id, uuid, collection_uuid, type, value, tag_name, description, source,
               authors, version, true
        FROM published_cluster ORDER BY position
        ON CONFLICT (uuid, galaxy_id, org_id) DO UPDATE SET
            collection_uuid = excluded.collection_uuid, type = excluded.type,
            value = excluded.value, tag_name = excluded.tag_name,
            description = excluded.description, source = excluded.source,
            authors = excluded.authors, version = excluded.version
        """
    )


def _clusters(changed: dict[int, Collection]) -> Iterator[tuple[Any, ...]]:
    for galaxy_id, collection in changed.items():
        kind = collection.type
        for cluster in {cluster.uuid.lower(): cluster for cluster in collection.values}.values():
            yield (
                galaxy_id,
                cluster.uuid,
                collection.uuid,
                kind,
                cluster.value,
                f'misp-galaxy:{kind}="{cluster.value}"',
                cluster.description,
                collection.source,
                collection.authors,
                collection.version,
            )


def _ids(connection: rows.Connection, changed: dict[int, Collection]) -> dict[tuple[int, str], int]:
    found = connection.execute(
        "SELECT galaxy_id, uuid::text, id FROM galaxy_cluster"
        " WHERE is_default AND galaxy_id = ANY(%s)",
        [list(changed)],
    )
    return {(galaxy_id, uuid): cluster_id for galaxy_id, uuid, cluster_id in found}


def _replace_details(
    connection: rows.Connection, changed: dict[int, Collection], ids: dict[tuple[int, str], int]
) -> None:
    described = [
        (ids[galaxy_id, cluster.uuid.lower()], cluster)
        for galaxy_id, collection in changed.items()
        for cluster in collection.values
    ]
    theirs = [list(ids.values())]
    with (
        rows.checked_at_the_end(connection, "galaxy_element"),
        rows.checked_at_the_end(connection, "galaxy_cluster_relation"),
    ):
        connection.execute("DELETE FROM galaxy_element WHERE galaxy_cluster_id = ANY(%s)", theirs)
        connection.execute(
            "DELETE FROM galaxy_cluster_relation WHERE is_default AND galaxy_cluster_id = ANY(%s)",
            theirs,
        )
        _copy_details(connection, described)


def _copy_details(connection: rows.Connection, described: list[tuple[int, Cluster]]) -> None:
    rows.copy(
        connection,
        "galaxy_element",
        ("galaxy_cluster_id", "key", "value", "is_default"),
        (
            (cluster_id, key, value, True)
            for cluster_id, cluster in described
            for key, values in cluster.meta.items()
            for value in ([values] if isinstance(values, str) else values)
        ),
    )
    rows.copy(
        connection,
        "galaxy_cluster_relation",
        _RELATION,
        (
            (cluster_id, relation.uuid, relation.type, relation.tags, True)
            for cluster_id, cluster in described
            for relation in cluster.related
            if relation.uuid  # a few published ones lead nowhere
        ),
    )
