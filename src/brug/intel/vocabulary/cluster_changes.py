# SPDX-License-Identifier: EUPL-1.2
"""Changing clusters of one's own: adding, editing, publishing, deleting, restoring.

A published vocabulary's cluster is never edited; a site admin may hide one by deleting it
softly, which updates of the vocabulary respect. Every edit makes a cluster unpublished and
gives it a newer version, which is the time in seconds, as in MISP.
"""

import time
from uuid import uuid4

import msgspec

from brug.intel.levels import group_id
from brug.intel.vocabulary import cluster_relations
from brug.intel.vocabulary.cluster_drafts import LEVEL_TEXT, ClusterDraft
from brug.intel.vocabulary.clusters import Cluster, cluster
from brug.intel.vocabulary.galaxies import Galaxy
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.event import SHARING_GROUP
from brug.model.new_event import GroupRef
from brug.store import audit
from brug.store.session import Session


class Refused(Invalid):
    """Fields of a cluster that do not fit, in MISP's words."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__("GalaxyCluster", ", ".join(texts))
        self.public = ", ".join(texts)


class Known(Conflict):
    """A cluster with that UUID is there."""

    code = "cluster_known"
    public = "Cluster with that UUID already exists."


class Claimed(msgspec.Struct, frozen=True):
    """A cluster that this transaction may write to, locked until it ends."""

    id: int
    uuid: str
    org_id: int | None
    is_default: bool


def claim(session: Session, cluster_id: int) -> Claimed:
    """The right to write to a visible cluster. Raises Forbidden."""
    row = session.one(
        "SELECT id, uuid::text, org_id, is_default FROM claim_cluster(%s)", (cluster_id,)
    )
    if row is None or row[0] is None:
        raise Forbidden(f"user {session.principal.user_id} may not change cluster {cluster_id}")
    return Claimed(*row)


def claim_own(session: Session, cluster_id: int) -> Claimed:
    """The same, of a cluster that no vocabulary publishes. Raises Forbidden."""
    claimed = claim(session, cluster_id)
    if claimed.is_default:
        raise Forbidden(f"cluster {cluster_id} is a published vocabulary's")
    return claimed


def level_of(session: Session, level: int, group: GroupRef | None) -> tuple[int, int | None]:
    """The level and group to store. Raises GroupRefused."""
    return level, group_id(session, group) if level == SHARING_GROUP else None


def add(session: Session, galaxy: Galaxy, draft: ClusterDraft) -> Cluster:
    """A new cluster of the session's organisation. Raises Refused, Known, GroupRefused."""
    if draft.level is None:
        raise Refused([LEVEL_TEXT])
    if not draft.value or not draft.value.strip():
        raise Refused(["A cluster needs a value."])
    uuid = draft.uuid or str(uuid4())
    if session.value("SELECT 1 FROM galaxy_cluster WHERE uuid = %s", (uuid,)):
        raise Known(f"cluster {uuid}")
    level, group = level_of(session, draft.level, draft.group)
    cluster_id = session.value(
        "INSERT INTO galaxy_cluster (uuid, galaxy_id, type, value, tag_name, description, source,"
        " authors, version, distribution, sharing_group_id, org_id, orgc_id, extends_uuid,"
        " extends_version) VALUES (%(uuid)s, %(galaxy)s, %(type)s, %(value)s, %(tag)s,"
        " %(description)s, %(source)s, %(authors)s, %(version)s, %(level)s, %(group)s, %(org)s,"
        " %(org)s, %(extends)s, %(extends_version)s) RETURNING id",
        {
            "uuid": uuid,
            "galaxy": galaxy.id,
            "type": galaxy.type,
            "value": draft.value,
            "tag": tag_name(galaxy.type, uuid),
            "description": draft.description or "",
            "source": draft.source or "",
            "authors": draft.authors or [],
            "version": int(time.time()),
            "level": level,
            "group": group,
            "org": session.principal.org_id,
            "extends": draft.extends_uuid,
            "extends_version": draft.extends_version or 0,
        },
    )
    claim(session, cluster_id)
    put_elements(session, cluster_id, draft.elements or [])
    for relation in draft.relations or []:
        cluster_relations.insert(session, cluster_id, relation)
    audit.record(session, "add", "GalaxyCluster", cluster_id, draft.value, {"uuid": uuid})
    return cluster(session, cluster_id)


def tag_name(kind: str, uuid: str) -> str:
    """The tag that stands for a cluster of a node's own."""
    return f'misp-galaxy:{kind}="{uuid}"'


def edit(session: Session, found: Cluster, draft: ClusterDraft) -> Cluster:
    """Changes what is given. Raises Forbidden, Refused, GroupRefused."""
    claim_own(session, found.id)
    if draft.value is not None and not draft.value.strip():
        raise Refused(["A cluster needs a value."])
    level, group = found.distribution, found.sharing_group_id
    if draft.level is not None:
        level, group = level_of(session, draft.level, draft.group)
    session.execute(
        "UPDATE galaxy_cluster SET value = coalesce(%(value)s, value),"
        " description = coalesce(%(description)s, description),"
        " source = coalesce(%(source)s, source), authors = coalesce(%(authors)s, authors),"
        " distribution = %(level)s, sharing_group_id = %(group)s, published = false,"
        " extends_uuid = coalesce(%(extends)s, extends_uuid),"
        " extends_version = coalesce(%(extends_version)s, extends_version),"
        " version = greatest(%(now)s, version + 1) WHERE id = %(id)s",
        {
            "value": draft.value,
            "description": draft.description,
            "source": draft.source,
            "authors": draft.authors,
            "level": level,
            "group": group,
            "extends": draft.extends_uuid,
            "extends_version": draft.extends_version,
            "now": int(time.time()),
            "id": found.id,
        },
    )
    if draft.elements is not None:
        put_elements(session, found.id, draft.elements)
    if draft.relations is not None:
        cluster_relations.replace(session, found.id, draft.relations)
    audit.record(session, "edit", "GalaxyCluster", found.id, draft.value or found.value)
    return cluster(session, found.id)


def put_elements(session: Session, cluster_id: int, elements: list[tuple[str, str]]) -> None:
    """Replaces the elements of the claimed cluster."""
    session.execute("DELETE FROM galaxy_element WHERE galaxy_cluster_id = %s", (cluster_id,))
    add_elements(session, cluster_id, elements)


def add_elements(session: Session, cluster_id: int, elements: list[tuple[str, str]]) -> None:
    """Adds elements to the claimed cluster."""
    if not elements:
        return
    session.execute(
        "INSERT INTO galaxy_element (galaxy_cluster_id, key, value, audience)"
        " SELECT %s, key, value, 0 FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY"
        " AS e (key, value, place) ORDER BY place",
        (cluster_id, [key for key, _ in elements], [value for _, value in elements]),
    )


def set_published(session: Session, found: Cluster, published: bool) -> bool:
    """Whether that changed anything. Raises Forbidden."""
    claim_own(session, found.id)
    if found.published == published:
        return False
    session.execute("UPDATE galaxy_cluster SET published = %s WHERE id = %s", (published, found.id))
    act = "publish" if published else "unpublish"
    audit.record(session, act, "GalaxyCluster", found.id, found.value)
    if published:
        session.execute("SELECT queue_server_push('cluster', %s)", (found.uuid,))
    return True


def delete(session: Session, found: Cluster, *, hard: bool) -> None:
    """Marks a cluster as deleted, or removes it. Raises Forbidden.

    One that is removed is on the list of what does not come in again (36_collections.sql).
    """
    claimed = claim(session, found.id)
    if hard and not claimed.is_default:
        session.execute("DELETE FROM galaxy_cluster WHERE id = %s", (found.id,))
    else:
        session.execute(
            "UPDATE galaxy_cluster SET deleted = true, published = false WHERE id = %s",
            (found.id,),
        )
    audit.record(session, "delete", "GalaxyCluster", found.id, found.value, {"hard": hard})


def restore(session: Session, found: Cluster) -> None:
    """Takes the mark off again. Raises Forbidden, NotFound."""
    claim(session, found.id)
    if not found.deleted:
        raise NotFound(f"cluster {found.id} is not deleted")
    session.execute("UPDATE galaxy_cluster SET deleted = false WHERE id = %s", (found.id,))
    audit.record(session, "restore", "GalaxyCluster", found.id, found.value)
