# SPDX-License-Identifier: EUPL-1.2
"""Clusters of one's own travel with the events that use them, whole: elements, relations, groups.

Outward the partner's session says which of them it sees; the hop rule lowers each and its
relations, and the gate decides on each as it does on what hangs on an event. Inward they are
stored as a synchronising server's are: as they came, locked, a newer version replacing an
older one. What a published vocabulary holds everybody has, so of it only the tag travels.
Those of the receiver's own organisation are its own to change: it takes them from nobody, but for
what it asks back after a restore (`own_words`).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
import structlog

from brug.bridges.gate.hop import org_in, rows
from brug.bridges.gate.known import attributes
from brug.bridges.gate.parts import is_public, uuid_of
from brug.bridges.terms import Terms
from brug.directory import brought_groups, sharing_groups
from brug.intel.vocabulary import cluster_exchange, cluster_search, clusters_as_misp
from brug.intel.vocabulary import clusters as stored_clusters
from brug.intel.vocabulary.cluster_search import Wanted
from brug.model.event import SHARING_GROUP
from brug.moving.documents import group_json
from brug.store.session import Session

log = structlog.get_logger("brug.bridges.clusters")

Document = dict[str, Any]
_FIELDS = frozenset({
    "uuid", "collection_uuid", "type", "value", "tag_name", "description", "source", "authors",
    "version", "distribution", "default", "extends_uuid", "extends_version", "published",
    "deleted", "meta",
})  # fmt: skip
_RELATION = frozenset({
    "referenced_galaxy_cluster_uuid", "referenced_galaxy_cluster_type", "galaxy_cluster_uuid",
    "distribution", "default",
})  # fmt: skip
_GALAXY = frozenset({"uuid", "name", "type", "description", "version", "icon", "namespace"})


def complete(session: Session, document: Document) -> Document:
    """The document whose own clusters say all that the other side needs; itself, changed."""
    own = {uuid_of(one) for galaxy in _galaxies(document) for one in _own(galaxy)}
    if not own:
        return document
    whole = _whole(session, sorted(own))
    for galaxy in _galaxies(document):
        inside = rows(galaxy, "GalaxyCluster")
        if any(not is_public(one) for one in inside):
            kept = {name: value for name, value in galaxy.items() if name in _GALAXY}
            galaxy.clear()
            galaxy.update(
                kept,
                GalaxyCluster=[
                    one if is_public(one) else whole[uuid_of(one)]
                    for one in inside
                    if is_public(one) or uuid_of(one) in whole
                ],
            )
    return document


def _galaxies(document: Document) -> Iterator[Document]:
    for holder in (document, *attributes(document)):
        yield from rows(holder, "Galaxy")


def _own(galaxy: Document) -> list[Document]:
    return [one for one in rows(galaxy, "GalaxyCluster") if not is_public(one)]


def _whole(session: Session, uuids: list[str]) -> dict[str, Document]:
    """By UUID, what crosses of each: no number of this node, nothing that was not published."""
    found = cluster_search.found(session, Wanted(uuids=uuids, custom=True, published=True))
    stored_clusters.complete(session, found, relations=True)
    shown = msgspec.to_builtins(clusters_as_misp.whole_clusters_json(session, found))
    ids = {one.sharing_group_id for one in found if one.sharing_group_id}
    ids |= {r.sharing_group_id for one in found for r in one.relations if r.sharing_group_id}
    groups = {g.id: group_json(g) for g in sharing_groups.of_ids(session, sorted(ids))}
    return {
        one.uuid: _shared(raw, _FIELDS, groups)
        | {
            "meta": one.meta,
            "Orgc": {"uuid": raw["Orgc"]["uuid"], "name": raw["Orgc"]["name"]},
            "GalaxyClusterRelation": [
                _shared(r, _RELATION, groups)
                | {"Tag": [{"name": tag["name"]} for tag in r.get("Tag") or []]}
                for r in raw["GalaxyClusterRelation"]
            ],
        }
        for one, raw in zip(found, shown, strict=True)
    }


def _shared(raw: Document, names: frozenset[str], groups: Mapping[int, Document]) -> Document:
    """Some fields of an item, and the group that it is shared with."""
    made = {name: value for name, value in raw.items() if name in names}
    if str(raw.get("distribution")) == str(SHARING_GROUP):
        made["SharingGroup"] = groups.get(int(raw.get("sharing_group_id") or 0))
    return made


def leave_out(document: Document, org: str) -> None:
    """Takes those that an organisation made out of a document."""
    for galaxy in _galaxies(document):
        if any(org_in(one, "Orgc") == org for one in _own(galaxy)):
            inside = rows(galaxy, "GalaxyCluster")
            galaxy["GalaxyCluster"] = [
                one for one in inside if is_public(one) or org_in(one, "Orgc") != org
            ]


def made_by(document: Document, org: str) -> list[Document]:
    """The clusters of an organisation that are used in an event, each once, in their galaxies."""
    found: list[Document] = []
    seen: set[str] = set()
    for galaxy in _galaxies(document):
        theirs = {uuid_of(one): one for one in _own(galaxy) if org_in(one, "Orgc") == org}
        new = [one for uuid, one in theirs.items() if uuid not in seen]
        seen.update(theirs)
        if new:
            found.append({name: galaxy[name] for name in galaxy.keys() & _GALAXY})
            found[-1]["GalaxyCluster"] = new
    return found


def put_back(session: Session, document: Document, org: str, since: datetime) -> int:
    """Stores as its own those of the session's organisation that were changed since; how many.

    What is older is here, or was removed.
    """
    sent = [
        {**one, "Galaxy": galaxy}
        for galaxy in made_by(document, org)
        for one in galaxy["GalaxyCluster"]
    ]
    taken = cluster_exchange.put_back(session, sent, int(since.timestamp()))
    for refusal in taken.refusals:
        log.info("not put back", reason=refusal)
    return taken.imported


def take(session: Session, terms: Terms | None, document: Document) -> int:
    """Stores the own clusters of an event that came, as far as agreed; how many.

    They are taken out of the document: whatever else reads it does not store them again.
    """
    sent = []
    for galaxy in _galaxies(document):
        own = _own(galaxy)
        if own:
            galaxy["GalaxyCluster"] = [
                one for one in rows(galaxy, "GalaxyCluster") if is_public(one)
            ]
            about = {name: value for name, value in galaxy.items() if name in _GALAXY}
            sent += [{**one, "Galaxy": about} for one in own]
    if not sent or terms is None or "cluster" not in terms.kinds:
        return 0
    for one in sent:
        brought_groups.bring(session, one)
    each = {uuid_of(one): one for one in sent}
    return cluster_exchange.take(session, list(each.values())).imported
