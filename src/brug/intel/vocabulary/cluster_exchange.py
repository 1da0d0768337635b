# SPDX-License-Identifier: EUPL-1.2
"""Clusters that other nodes push or people import, and galaxies on their way out.

What is brought is stored as it came, with its creator, UUID, version and level, and locked;
only a newer version of it replaces it. What a node made itself is never overwritten, and a
published vocabulary's cluster is not an own one, whoever sends it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from brug.directory.capturing import capture as capture_organisation
from brug.formats.misp import coercion as c
from brug.intel.blocklists import is_blocked
from brug.intel.levels import GroupRefused
from brug.intel.vocabulary import cluster_drafts, cluster_relations
from brug.intel.vocabulary.cluster_changes import claim, level_of, put_elements, tag_name
from brug.intel.vocabulary.clusters import Cluster
from brug.intel.vocabulary.galaxies import Galaxy
from brug.model.errors import Forbidden, Invalid
from brug.model.event import OrganisationRef
from brug.store import audit
from brug.store.session import Session

Fields = Mapping[str, Any]
Outcome = Literal["imported", "ignored"]
DEFAULT_LEVEL = 0  # said nothing: its holder's


class Taken(msgspec.Struct):
    """How many were stored, were known, could not be read; and why those."""

    imported: int = 0
    ignored: int = 0
    failed: int = 0
    refusals: list[str] = msgspec.field(default_factory=list)


def take(session: Session, sent: Sequence[Any]) -> Taken:
    """Stores clusters one by one; what is refused is counted and named."""
    return _take(session, sent, None)


def put_back(session: Session, sent: Sequence[Any], since: int) -> Taken:
    """Stores what the session's organisation made and lost, as its own.

    Of versions from a time on, in seconds. One that is here is replaced by a later one, and keeps
    its relations beside those of that: the ones that stayed here for their level nobody has.
    """
    return _take(session, sent, since)


def _take(session: Session, sent: Sequence[Any], since: int | None) -> Taken:
    taken = Taken()
    for place, one in enumerate(sent):
        raw = one.get("GalaxyCluster", one) if isinstance(one, dict) else None
        try:
            if _capture(session, raw, since) == "imported":
                taken.imported += 1
            else:
                taken.ignored += 1
        except (Invalid, Forbidden, GroupRefused) as error:
            taken.failed += 1
            taken.refusals.append(f"{place}: {error.public}")
    return taken


def _capture(session: Session, raw: Fields | None, since: int | None) -> Outcome:
    if not isinstance(raw, dict):
        raise Invalid("GalaxyCluster", "a cluster")
    draft = cluster_drafts.cluster(raw)
    galaxy = raw.get("Galaxy")
    if draft.uuid is None or not draft.value:
        raise Invalid("uuid", "a cluster with a UUID and a value")
    is_own, own = since is not None, session.principal
    creator = None if is_own else _creator(session, raw)
    maker = own.org_uuid if creator is None else creator.uuid
    if c.flag("default", raw.get("default")) or is_blocked(session, "cluster", draft.uuid, maker):
        return "ignored"
    version = draft.version or 0
    stored = _held(session, draft.uuid, is_own=is_own)
    if version < (since or 0) or (stored and (not stored[2] or stored[1] >= version)):
        return "ignored"
    level, group = level_of(
        session, DEFAULT_LEVEL if draft.level is None else draft.level, draft.group
    )
    fields = {
        "uuid": draft.uuid,
        "value": draft.value,
        "description": draft.description or "",
        "source": draft.source or "",
        "authors": draft.authors or [],
        "version": draft.version or 1,
        "level": level,
        "group": group,
        "extends": draft.extends_uuid,
        "extends_version": draft.extends_version or 0,
        "collection": draft.collection_uuid,
        "published": c.flag("published", raw.get("published")),
        "deleted": draft.deleted,
        "locked": not is_own,
    }
    if stored is None:
        kind = _galaxy(session, galaxy if isinstance(galaxy, dict) else {}, raw)
        made_by = own.org_id if creator is None else capture_organisation(session, creator)
        cluster_id = _insert(session, fields, kind, made_by)
    else:
        cluster_id = _update(session, fields, stored[0])
    put_elements(session, cluster_id, draft.elements or [])
    add_relations = cluster_relations.add if is_own else cluster_relations.replace
    add_relations(session, cluster_id, draft.relations or [])
    audit.record(session, "import", "GalaxyCluster", cluster_id, draft.value, {"uuid": draft.uuid})
    return "imported"


def _held(session: Session, uuid: str, *, is_own: bool) -> tuple[int, int, bool] | None:
    """The session's copy, else one that a published vocabulary or somebody else shows it; with
    its version, and whether what is sent may replace it.
    """
    row = session.one(
        "SELECT id, version, CASE WHEN %(own)s THEN NOT locked AND orgc_id = %(org)s"
        " AND org_id = %(org)s ELSE locked AND (org_id = %(org)s OR %(all)s) END"
        " FROM galaxy_cluster"
        " WHERE uuid = %(uuid)s ORDER BY org_id IS NOT DISTINCT FROM %(org)s DESC, id LIMIT 1",
        {
            "uuid": uuid,
            "org": session.principal.org_id,
            "all": session.principal.is_site_admin,
            "own": is_own,
        },
    )
    return None if row is None else (int(row[0]), int(row[1]), bool(row[2]))


def _creator(session: Session, raw: Fields) -> OrganisationRef | None:
    """The organisation that made it, where it is named and the sender may speak for others."""
    principal, orgc = session.principal, raw.get("Orgc")
    if not isinstance(orgc, dict) or orgc.get("uuid") in {None, "", "0", 0}:
        return None
    if not (principal.may("sync") or principal.is_site_admin):
        return None
    uuid = c.uuid("uuid", orgc["uuid"])
    name = c.text("name", orgc.get("name"))[:255] or str(uuid)
    return OrganisationRef(0, name, str(uuid), False)


def _galaxy(session: Session, galaxy: Fields, raw: Fields) -> tuple[int, str]:
    """Number and type of the galaxy that a cluster belongs to."""
    kind = c.text("type", galaxy.get("type") or raw.get("type"))[:255]
    uuid = c.uuid("uuid", galaxy.get("uuid"))
    if uuid is None and kind:
        uuid = session.value("SELECT uuid::text FROM galaxy WHERE type = %s LIMIT 1", (kind,))
    if uuid is None or not kind:
        raise Invalid("Galaxy", "a galaxy with a UUID and a type")
    found = session.value(
        "SELECT capture_galaxy(%s, %s, %s, %s, %s, %s, %s)",
        (
            uuid,
            kind,
            c.text("name", galaxy.get("name"))[:255] or kind,
            c.text("description", galaxy.get("description"))[: cluster_drafts.LONGEST],
            c.integer("version", galaxy.get("version")) or 1,
            c.text("icon", galaxy.get("icon"))[:255],
            c.text("namespace", galaxy.get("namespace"))[:255],
        ),
    )
    return int(found), kind


def _insert(session: Session, fields: dict[str, Any], galaxy: tuple[int, str], orgc: int) -> int:
    galaxy_id, kind = galaxy
    made = session.value(
        "INSERT INTO galaxy_cluster (uuid, galaxy_id, collection_uuid, type, value, tag_name,"
        " description, source, authors, version, distribution, sharing_group_id, org_id, orgc_id,"
        " locked, extends_uuid, extends_version, published, deleted)"
        " VALUES (%(uuid)s, %(galaxy)s, %(collection)s, %(type)s, %(value)s, %(tag)s,"
        " %(description)s, %(source)s, %(authors)s, %(version)s, %(level)s, %(group)s, %(org)s,"
        " %(orgc)s, %(locked)s, %(extends)s, %(extends_version)s, %(published)s, %(deleted)s)"
        " RETURNING id",
        fields
        | {
            "galaxy": galaxy_id,
            "type": kind,
            "tag": tag_name(kind, fields["uuid"]),
            "org": session.principal.org_id,
            "orgc": orgc,
        },
    )
    claim(session, int(made))
    return int(made)


def _update(session: Session, fields: dict[str, Any], cluster_id: int) -> int:
    claim(session, cluster_id)
    session.execute(
        "UPDATE galaxy_cluster SET value = %(value)s, description = %(description)s,"
        " source = %(source)s, authors = %(authors)s, version = %(version)s,"
        " distribution = %(level)s, sharing_group_id = %(group)s, extends_uuid = %(extends)s,"
        " extends_version = %(extends_version)s, published = %(published)s, deleted = %(deleted)s"
        " WHERE id = %(id)s",
        fields | {"id": cluster_id},
    )
    return cluster_id


def as_project(galaxy: Galaxy, several: Sequence[Cluster]) -> dict[str, Any]:
    """A galaxy with clusters in the format of the MISP galaxy project."""
    authors = dict.fromkeys(name for one in several for name in one.authors)
    return {
        "name": galaxy.name,
        "type": galaxy.type,
        "authors": list(authors),
        "version": max((one.version for one in several), default=0),
        "values": [_project_value(one) for one in several],
    } | ({"uuid": several[0].collection_uuid} if several and several[0].collection_uuid else {})


def _project_value(one: Cluster) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "uuid": one.uuid,
        "value": one.value,
        "description": one.description,
        "meta": one.meta,
    }
    if one.relations:
        shown["related"] = [
            {"dest-uuid": r.target_uuid, "type": r.type, "tags": r.tags} for r in one.relations
        ]
    return shown
