# SPDX-License-Identifier: EUPL-1.2
"""Which cluster was forked from which, and which relate to which."""

import msgspec

from brug.intel.vocabulary import clusters
from brug.intel.vocabulary.clusters import Cluster, Relation
from brug.store.session import Session

MOST = 2000  # relations in one graph: more is no picture
DEEPEST = 20


class Branch(msgspec.Struct):
    """A cluster, and what was forked from it, by its version at that time."""

    cluster: Cluster
    forks: dict[int, list["Branch"]]


def forks(session: Session, galaxy_id: int) -> list[Branch]:
    """The clusters of a galaxy that have forks, each with all of them below it."""
    forked = [
        Cluster(*row)
        for row in session.execute(
            """
            SELECT id, uuid::text, galaxy_id, collection_uuid::text, type, value, tag_name,
                   description, source, authors, version, distribution, sharing_group_id, org_id,
                   orgc_id, is_default, locked, extends_uuid::text, extends_version, published,
                   deleted
            FROM galaxy_cluster
            WHERE galaxy_id = %s AND extends_uuid IS NOT NULL AND NOT deleted ORDER BY id
            """,
            [galaxy_id],
        )
    ]
    wanted = {one.extends_uuid for one in forked if one.extends_uuid}
    rows = session.all(
        "SELECT DISTINCT ON (uuid) id FROM galaxy_cluster WHERE uuid = ANY (%s) AND NOT deleted"
        " ORDER BY uuid, NOT is_default, id",
        (sorted(wanted),),
    )
    origins = clusters.by_ids(session, [row[0] for row in rows])
    known = {one.uuid: Branch(one, {}) for one in [*forked, *origins.values()]}
    clusters.complete(session, [branch.cluster for branch in known.values()])
    for one in forked:
        parent = known.get(one.extends_uuid or "")
        if parent is not None and not _is_below(known, parent, one):
            parent.forks.setdefault(one.extends_version, []).append(known[one.uuid])
    below = {child.cluster.id for b in known.values() for f in b.forks.values() for child in f}
    return [b for b in known.values() if b.forks and b.cluster.id not in below]


def _is_below(known: dict[str, Branch], parent: Branch, child: Cluster) -> bool:
    """Whether the parent is itself forked from the child: a circle ends there."""
    above: Branch | None = parent
    for _ in range(DEEPEST):
        if above is None:
            return False
        if above.cluster.uuid == child.uuid:
            return True
        above = known.get(above.cluster.extends_uuid or "")
    return True


def graph(session: Session, galaxy_id: int) -> tuple[list[Cluster], list[Relation]]:
    """Clusters and the relations among them in which the galaxy has a part."""
    rows = session.all(
        """
        SELECT r.id, s.id, s.uuid::text, t.id, t.uuid::text, r.referenced_galaxy_cluster_type,
               r.distribution, r.sharing_group_id, r.is_default, r.tags
        FROM galaxy_cluster_relation r
        JOIN galaxy_cluster s ON s.id = r.galaxy_cluster_id AND NOT s.deleted
        JOIN galaxy_cluster t ON t.uuid = r.referenced_galaxy_cluster_uuid AND NOT t.deleted
        WHERE s.galaxy_id = %(galaxy)s OR t.galaxy_id = %(galaxy)s ORDER BY r.id LIMIT %(most)s
        """,
        {"galaxy": galaxy_id, "most": MOST},
    )
    links = [Relation(*row) for row in rows]
    ids = {link.source_id for link in links} | {link.target_id for link in links if link.target_id}
    return list(clusters.by_ids(session, sorted(ids)).values()), links
