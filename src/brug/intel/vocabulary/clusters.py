# SPDX-License-Identifier: EUPL-1.2
"""Galaxy clusters: found by galaxy, by text, and in bulk by the tags that stand for them."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from brug.intel.vocabulary.galaxies import Galaxy, by_id
from brug.intel.vocabulary.templates import reference
from brug.model.errors import NotFound
from brug.store.session import Session

Context = Literal["all", "default", "custom", "org", "orgc", "deleted"]


# The library has hundreds of thousands of elements and relations: what cannot be in a cycle
# is not looked at by the garbage collector.
class Element(msgspec.Struct, frozen=True, gc=False):
    id: int
    key: str
    value: str


class Relation(msgspec.Struct, frozen=True, gc=False):
    """From one cluster to another; `target_id` is None where the node does not know that one."""

    id: int
    source_id: int
    source_uuid: str
    target_id: int | None
    target_uuid: str
    type: str
    distribution: int
    sharing_group_id: int | None
    is_default: bool
    tags: list[str]


class Cluster(msgspec.Struct):
    id: int
    uuid: str
    galaxy_id: int
    collection_uuid: str | None
    type: str
    value: str
    tag_name: str
    description: str
    source: str
    authors: list[str]
    version: int
    distribution: int
    sharing_group_id: int | None
    org_id: int | None
    orgc_id: int | None
    is_default: bool
    locked: bool
    extends_uuid: str | None
    extends_version: int
    published: bool
    deleted: bool
    galaxy: Galaxy | None = None
    elements: list[Element] = []
    relations: list[Relation] = []
    targeting: list[Relation] = []

    @property
    def meta(self) -> dict[str, list[str]]:
        """Its elements by key, as events carry them."""
        meta: dict[str, list[str]] = {}
        for element in self.elements:
            meta.setdefault(element.key, []).append(element.value)
        return meta


def clusters(
    session: Session, galaxy_id: int, context: Context = "all", search: str | None = None
) -> list[Cluster]:
    """A galaxy's clusters by id, without elements; `search`: part of a value, a description,
    an element's value, or a UUID.
    """
    rows = session.execute(
        """
        SELECT id, uuid::text, galaxy_id, collection_uuid::text, type, value, tag_name,
               description, source, authors, version, distribution, sharing_group_id, org_id,
               orgc_id, is_default, locked, extends_uuid::text, extends_version, published,
               deleted
        FROM galaxy_cluster c
        WHERE galaxy_id = %(galaxy)s AND deleted = (%(context)s = 'deleted')
          AND CASE %(context)s WHEN 'default' THEN is_default
                               WHEN 'custom' THEN NOT is_default
                               WHEN 'org' THEN org_id = %(org)s
                               WHEN 'orgc' THEN orgc_id = %(org)s ELSE true END
          AND (%(search)s::text IS NULL
            OR position(lower(%(search)s) IN lower(value || ' ' || description)) > 0
            OR uuid::text = lower(%(search)s)
            OR EXISTS (SELECT FROM galaxy_element e WHERE e.galaxy_cluster_id = c.id
                       AND position(lower(%(search)s) IN lower(e.value)) > 0))
        ORDER BY id
        """,
        {
            "galaxy": galaxy_id,
            "context": context,
            "org": session.principal.org_id,
            "search": search or None,
        },
    )
    return [Cluster(*row) for row in rows]


def cluster(session: Session, ref: str | int) -> Cluster:
    """By id, UUID or tag, with elements and relations both ways; raises NotFound.

    A UUID that stands in several galaxies means the one that is not deprecated.
    """
    row = session.one(
        """
        SELECT c.id, c.uuid::text, c.galaxy_id, c.collection_uuid::text, c.type, c.value,
               c.tag_name, c.description, c.source, c.authors, c.version, c.distribution,
               c.sharing_group_id, c.org_id, c.orgc_id, c.is_default, c.locked,
               c.extends_uuid::text, c.extends_version, c.published, c.deleted
        FROM galaxy_cluster c JOIN galaxy g ON g.id = c.galaxy_id
        WHERE c.id = %(id)s OR c.uuid = %(uuid)s OR c.tag_key = lower(%(name)s)
        ORDER BY g.namespace = 'deprecated', NOT c.is_default, c.id LIMIT 1
        """,
        reference(ref),
    )
    if row is None:
        raise NotFound(f"no galaxy cluster {ref!r}")
    found = Cluster(*row)
    complete(session, [found], relations=True)
    return found


def named(session: Session, text: str, limit: int) -> list[Cluster]:
    """Clusters of enabled galaxies with the text in their name or a synonym, best first."""
    rows = session.execute(
        """
        SELECT c.id, c.uuid::text, galaxy_id, collection_uuid::text, c.type, value, tag_name,
               c.description, source, authors, c.version, c.distribution, sharing_group_id,
               c.org_id, c.orgc_id, c.is_default, locked, extends_uuid::text, extends_version,
               published, deleted
        FROM galaxy_cluster c JOIN galaxy g ON g.id = c.galaxy_id
        WHERE NOT deleted AND g.enabled AND (position(lower(%(text)s) IN lower(value)) > 0
            OR c.id IN (SELECT galaxy_cluster_id FROM galaxy_element e WHERE e.key = 'synonyms'
                        AND position(lower(%(text)s) IN lower(e.value)) > 0))
        ORDER BY lower(value) <> lower(%(text)s), g.namespace = 'deprecated', length(value), c.id
        LIMIT %(limit)s
        """,
        {"text": text, "limit": limit},
    )
    return [Cluster(*row) for row in rows]


def by_ids(session: Session, ids: Sequence[int]) -> dict[int, Cluster]:
    """Clusters by number, without what belongs to them; hidden ones are left out."""
    rows = session.execute(
        """
        SELECT id, uuid::text, galaxy_id, collection_uuid::text, type, value, tag_name,
               description, source, authors, version, distribution, sharing_group_id, org_id,
               orgc_id, is_default, locked, extends_uuid::text, extends_version, published,
               deleted
        FROM galaxy_cluster WHERE id = ANY (%s)
        """,
        [list(ids)],
    )
    return {row[0]: Cluster(*row) for row in rows}


def clusters_by_tag(
    session: Session, names: Sequence[str], *, relations: bool = False
) -> dict[str, Cluster]:
    """The cluster that each tag stands for, with galaxy and elements; tags without one are
    left out. Names compare without case, as tags do.
    """
    wanted = [name for name in dict.fromkeys(names) if name.lower().startswith("misp-galaxy:")]
    if not wanted:
        return {}
    # Folded before the join: beside a policy, only plain comparisons reach the index.
    rows = session.execute(
        """
        WITH given AS MATERIALIZED (
            SELECT name, lower(name) AS key FROM unnest(%s::text[]) AS asked (name))
        SELECT DISTINCT ON (given.name) given.name,
               c.id, c.uuid::text, c.galaxy_id, c.collection_uuid::text, c.type, c.value,
               c.tag_name, c.description, c.source, c.authors, c.version, c.distribution,
               c.sharing_group_id, c.org_id, c.orgc_id, c.is_default, c.locked,
               c.extends_uuid::text, c.extends_version, c.published, c.deleted
        FROM given JOIN galaxy_cluster c ON c.tag_key = given.key
        WHERE NOT c.deleted
        ORDER BY given.name, NOT c.is_default, c.id
        """,
        [wanted],
    )
    found = {name: Cluster(*row) for name, *row in rows}
    complete(session, found.values(), relations=relations)
    return found


def complete(session: Session, incomplete: Iterable[Cluster], *, relations: bool = False) -> None:
    """Adds galaxies, elements and, if asked, relations both ways."""
    several = {one.id: one for one in incomplete}
    if not several:
        return
    galaxies = by_id(session, {one.galaxy_id for one in several.values()})
    elements: dict[int, list[Element]] = {}
    for cluster_id, number, key, value in session.all(
        """
        SELECT galaxy_cluster_id, e.id, key, value
        FROM galaxy_element e JOIN unnest(%s::int[]) AS wanted (id) ON wanted.id = galaxy_cluster_id
        ORDER BY e.id
        """,
        [list(several)],
    ):
        elements.setdefault(cluster_id, []).append(Element(number, key, value))
    for one in several.values():
        one.galaxy = galaxies.get(one.galaxy_id)
        one.elements = elements.get(one.id, [])
    if relations:
        _add_relations(session, several)


def _add_relations(session: Session, several: dict[int, Cluster]) -> None:
    params: list[Any] = [list(several)]
    outward = session.all(
        """
        SELECT r.id, s.id, s.uuid::text,
               (SELECT min(t.id) FROM galaxy_cluster t
                WHERE t.uuid = r.referenced_galaxy_cluster_uuid),
               r.referenced_galaxy_cluster_uuid::text, r.referenced_galaxy_cluster_type,
               r.distribution, r.sharing_group_id, r.is_default, r.tags
        FROM unnest(%s::int[]) AS wanted (id)
        JOIN galaxy_cluster s ON s.id = wanted.id
        JOIN galaxy_cluster_relation r ON r.galaxy_cluster_id = s.id
        ORDER BY r.id
        """,
        params,
    )
    for row in outward:
        relation = Relation(*row)
        several[relation.source_id].relations.append(relation)
    inward = session.all(
        """
        SELECT r.id, s.id, s.uuid::text, t.id, t.uuid::text, r.referenced_galaxy_cluster_type,
               r.distribution, r.sharing_group_id, r.is_default, r.tags
        FROM unnest(%s::int[]) AS wanted (id)
        JOIN galaxy_cluster t ON t.id = wanted.id
        JOIN galaxy_cluster_relation r ON r.referenced_galaxy_cluster_uuid = t.uuid
        JOIN galaxy_cluster s ON s.id = r.galaxy_cluster_id
        ORDER BY r.id
        """,
        params,
    )
    for row in inward:
        several[row[3]].targeting.append(Relation(*row))
