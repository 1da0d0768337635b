# SPDX-License-Identifier: EUPL-1.2
"""Relations from a cluster of one's own to any other, each with a level and tags.

A relation is seen where its cluster is, narrowed by its own level. What it points to may be
unknown here; which of the two it is, nobody is told.
"""

from collections.abc import Sequence
from typing import LiteralString

import msgspec

from brug.intel.levels import group_id
from brug.intel.vocabulary.cluster_drafts import RelationDraft
from brug.intel.vocabulary.clusters import Relation
from brug.model.errors import Invalid, NotFound
from brug.model.event import SHARING_GROUP
from brug.model.naming import number_in
from brug.store import audit
from brug.store.session import Session

DEFAULT_LEVEL = 3
PAGE = 1000  # how many relations one answer lists at most: the published ones are 50,000

_COLUMNS: LiteralString = (
    "r.id, s.id, s.uuid::text, (SELECT min(t.id) FROM galaxy_cluster t"
    " WHERE t.uuid = r.referenced_galaxy_cluster_uuid), r.referenced_galaxy_cluster_uuid::text,"
    " r.referenced_galaxy_cluster_type, r.distribution, r.sharing_group_id, r.is_default, r.tags"
    " FROM galaxy_cluster_relation r JOIN galaxy_cluster s ON s.id = r.galaxy_cluster_id"
)


class Page(msgspec.Struct, frozen=True):
    """Which relations of the node a list shows: `context` as MISP names them."""

    limit: int = PAGE
    offset: int = 0
    context: str = "all"


def relations(session: Session, page: Page) -> list[Relation]:
    """By number."""
    rows = session.all(
        "SELECT " + _COLUMNS + " WHERE CASE %(context)s WHEN 'default' THEN r.is_default"
        " WHEN 'custom' THEN NOT r.is_default WHEN 'org' THEN s.org_id = %(org)s ELSE true END"
        " ORDER BY r.id LIMIT %(limit)s OFFSET %(offset)s",
        {
            "context": page.context,
            "org": session.principal.org_id,
            "limit": min(page.limit, PAGE),
            "offset": page.offset,
        },
    )
    return [Relation(*row) for row in rows]


def relation(session: Session, ref: str | int) -> Relation:
    """By number; raises NotFound."""
    text = str(ref)
    row = session.one("SELECT " + _COLUMNS + " WHERE r.id = %s", (number_in(text),))
    if row is None:
        raise NotFound(f"no relation {text[:60]!r}")
    return Relation(*row)


def insert(session: Session, cluster_id: int, draft: RelationDraft) -> int:
    """Adds a relation to the claimed cluster. Raises Invalid, GroupRefused."""
    if not draft.type:
        raise Invalid("referenced_galaxy_cluster_type", "the kind of the relation")
    level = DEFAULT_LEVEL if draft.level is None else draft.level
    return int(
        session.value(
            "INSERT INTO galaxy_cluster_relation (galaxy_cluster_id,"
            " referenced_galaxy_cluster_uuid, referenced_galaxy_cluster_type, distribution,"
            " sharing_group_id, tags, audience) VALUES (%s, %s, %s, %s, %s, %s, 0) RETURNING id",
            (
                cluster_id,
                draft.target,
                draft.type,
                level,
                group_id(session, draft.group) if level == SHARING_GROUP else None,
                draft.tags or [],
            ),
        )
    )


def replace(session: Session, cluster_id: int, drafts: Sequence[RelationDraft]) -> None:
    """The relations of the claimed cluster become these; those that stay keep their number."""
    wanted = {(draft.target, draft.type): draft for draft in drafts}
    for held in session.all(
        "SELECT id, referenced_galaxy_cluster_uuid::text, referenced_galaxy_cluster_type"
        " FROM galaxy_cluster_relation WHERE galaxy_cluster_id = %s",
        (cluster_id,),
    ):
        draft = wanted.pop((held[1], held[2]), None)
        if draft is None:
            session.execute("DELETE FROM galaxy_cluster_relation WHERE id = %s", (held[0],))
        else:
            _update(session, held[0], draft)
    for draft in wanted.values():
        insert(session, cluster_id, draft)


def add(session: Session, cluster_id: int, drafts: Sequence[RelationDraft]) -> None:
    """Those of some that the claimed cluster does not have. Raises Invalid, GroupRefused."""
    here = session.all(
        "SELECT referenced_galaxy_cluster_uuid::text, referenced_galaxy_cluster_type"
        " FROM galaxy_cluster_relation WHERE galaxy_cluster_id = %s",
        (cluster_id,),
    )
    for draft in drafts:
        if (draft.target, draft.type) not in here:
            insert(session, cluster_id, draft)


def edit(session: Session, found: Relation, draft: RelationDraft) -> None:
    """Changes a relation of the claimed cluster. Raises Invalid, GroupRefused."""
    _update(session, found.id, draft)
    audit.record(session, "edit", "GalaxyClusterRelation", found.id, draft.type or found.type)


def _update(session: Session, relation_id: int, draft: RelationDraft) -> None:
    group = group_id(session, draft.group) if draft.level == SHARING_GROUP else None
    session.execute(
        "UPDATE galaxy_cluster_relation SET referenced_galaxy_cluster_uuid = %(target)s,"
        " referenced_galaxy_cluster_type ="
        "   coalesce(nullif(%(type)s, ''), referenced_galaxy_cluster_type),"
        " distribution = coalesce(%(level)s, distribution),"
        " sharing_group_id = CASE WHEN %(level)s::int IS NULL THEN sharing_group_id"
        "   ELSE %(group)s END, tags = coalesce(%(tags)s, tags) WHERE id = %(id)s",
        {
            "target": draft.target,
            "type": draft.type,
            "level": draft.level,
            "group": group,
            "tags": draft.tags,
            "id": relation_id,
        },
    )


def delete(session: Session, found: Relation) -> None:
    """Removes a relation of the claimed cluster."""
    session.execute("DELETE FROM galaxy_cluster_relation WHERE id = %s", (found.id,))
    audit.record(session, "delete", "GalaxyClusterRelation", found.id, found.type)
