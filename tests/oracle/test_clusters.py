# SPDX-License-Identifier: EUPL-1.2
"""Own clusters, their elements and relations: every route and page against the sharing rule.

A cluster that is not published is its holder's. A published one is seen as its level says;
its elements with it; its relations as their own level narrows that, the holder's always.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import copied
from tests.oracle.rule import Level, World, admits
from tests.oracle.test_sharing_rule import ask, browse
from tests.oracle.thoroughness import of_worlds
from tests.oracle.worlds import (
    ORGANISATIONS,
    Built,
    _groups,
    _organisations,
    _settle_groups,
    chances,
)
from tests.whole import application

from brug.api.misp.dispatch import ENDPOINTS
from brug.intel.adding import add
from brug.intel.vocabulary import cluster_changes, galaxies, galaxy_changes
from brug.intel.vocabulary.cluster_drafts import ClusterDraft, RelationDraft
from brug.intel.vocabulary.clusters import cluster as cluster_of
from brug.model.new_event import GroupRef, NewEvent, NewTag
from brug.store.server import EmbeddedServer
from brug.store.session import Database
from brug.web.pages import PROBES

LEVELS = (0, 0, 1, 2, 3, 4, 4)
MARK = re.compile(r"(?:clus|elem|rela)mark\d{3}z")


@dataclass
class Relation:
    marker: str
    level: Level
    target: int


@dataclass
class Cluster:
    marker: str
    element: str
    holder: int
    level: Level
    published: bool
    relations: list[Relation] = field(default_factory=list)


@st.composite
def clusters(draw: st.DrawFn) -> tuple[World, list[Cluster]]:
    chance = draw(chances())
    several = [
        Cluster(
            chance.marker("clus"), chance.marker("elem"), chance.organisation(),
            chance.level(*LEVELS), not chance.happens(3),
        )
        for _ in range(4)
    ]  # fmt: skip
    for one in several:
        one.relations = [
            Relation(chance.marker("rela"), chance.level(*LEVELS), target)
            for target in sorted(chance.some(0, 2))
        ]
    return World(ORGANISATIONS, chance.groups(), [], False, 0), several


def visible(world: World, several: list[Cluster], org: int) -> set[str]:
    seen: set[str] = set()
    for one in several:
        if one.holder != org and not (one.published and admits(world, one.level, org, one.holder)):
            continue
        seen |= {one.marker, one.element}
        seen |= {r.marker for r in one.relations if admits(world, r.level, org, one.holder)}
    return seen


@pytest.fixture
def fresh(embedded: EmbeddedServer, template: str) -> Callable[[], Any]:
    @contextmanager
    def make() -> Iterator[Database]:
        with copied(embedded, template) as url, Database(url, size=2) as database:
            yield database

    return make


def store(database: Database, world: World, several: list[Cluster]) -> tuple[Built, int]:
    readers, keys = _organisations(database, world)
    groups = _groups(database, world)
    with database.as_user(1) as session:
        galaxy = galaxy_changes.add(session, {"name": "Actors", "type": "actor"})

    def given_level(level: Level) -> dict[str, Any]:
        group = None if level.group is None else GroupRef(id=groups[level.group])
        return {"level": level.level, "group": group}

    made = []
    for one in several:
        draft = ClusterDraft(
            value=one.marker, elements=[("synonyms", one.element)], **given_level(one.level)
        )
        with database.as_user(readers[one.holder]) as session:
            made.append(cluster_changes.add(session, galaxies.galaxy(session, galaxy.id), draft))
    for one, stored in zip(several, made, strict=True):
        relations = [
            RelationDraft(made[r.target].uuid, r.marker, tags=[], **given_level(r.level))
            for r in one.relations
        ]
        with database.as_user(readers[one.holder]) as session:
            found = cluster_of(session, stored.id)
            cluster_changes.edit(session, found, ClusterDraft(relations=relations))
            cluster_changes.set_published(session, cluster_of(session, stored.id), one.published)
    with database.as_user(readers[0]) as session:
        tags = [NewTag(stored.tag_name) for stored in made]
        event = add(session, NewEvent(None, "open", distribution=3, tags=tags))
    _settle_groups(database, world, groups)
    with database.system() as session:
        ids = {
            "cluster": [stored.id for stored in made],
            "cluster_relation": [
                row[0] for row in session.all("SELECT id FROM galaxy_cluster_relation")
            ],
            "galaxy": [galaxy.id],
            "event": [event.event_id],
            "attribute": [],
        }
    return Built(database, readers, keys, ids), event.event_id


CONTROLLERS = {"galaxies", "galaxyclusters", "galaxyclusterrelations", "galaxyelements"}


def probes(built: Built) -> Iterator[tuple[str, str, Any]]:
    listed = [p for key, e in ENDPOINTS.items() if key[0] in CONTROLLERS for p in e.probes]
    yield from filled([(m, p.replace("tea-matrix", "actor"), b) for m, p, b in listed], built)
    yield "GET", "/galaxies/view/actor", None
    yield "POST", "/galaxy_clusters/index/actor", {"context": "all", "searchall": "mark"}
    yield "POST", "/galaxy_clusters/restSearch", {"elements": {"synonyms": "%mark%"}}
    for event in built.ids["event"]:
        yield "GET", f"/events/view/{event}", None
        yield "POST", "/events/restSearch", {"eventid": event}


def filled(several: list[tuple[str, str, Any]], built: Built) -> Iterator[tuple[str, str, Any]]:
    for method, path, body in several:
        name = re.search(r"\{(\w+)\}", path)
        for item in built.ids[name[1]] if name else [0]:
            yield method, path.replace("{" + name[1] + "}", str(item)) if name else path, body


def pages(built: Built) -> list[str]:
    wanted = [p for p in PROBES if re.search("galax|cluster|intelligence/events/{event}$", p.path)]
    found = [path for _, path, _ in filled([("GET", p.path, None) for p in wanted], built)]
    event = built.ids["event"][0]
    return [*found, f"/intelligence/events/{event}/clusters?text=mark"]


@given(world=clusters())
@of_worlds(6)
def test_clusters_elements_and_relations_are_seen_by_the_rule_alone(
    fresh: Callable[[], Any], world: tuple[World, list[Cluster]]
) -> None:
    with fresh() as database:
        built, _ = store(database, *world)
        paths, transport = pages(built), application(built.database)
        for org, key in enumerate(built.keys):
            may_see, shown = visible(*world, org), set()
            for method, path, body in probes(built):
                found = set(MARK.findall(ask(built, key, method, path, body).decode()))
                assert not found - may_see, (org, method, path, body, found - may_see)
                shown |= found
            assert shown == may_see, org
            shown = set()
            reader = built.readers[org]
            for path, content in zip(paths, browse(built, transport, reader, paths), strict=True):
                found = set(MARK.findall(content.decode()))
                assert not found - may_see, (org, path, found - may_see)
                shown |= found
            assert shown == may_see, org
