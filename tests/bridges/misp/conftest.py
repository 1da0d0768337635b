# SPDX-License-Identifier: EUPL-1.2
"""A node that takes the place of the recorded server D, and servers for it to work with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.api.conftest import served, served_node, settled, spare_world, world
from tests.conftest import copied
from tests.sync.recorded import ORG_C, ORG_D, ORG_X, SYNC_USER, NodeForC

from brug.api.misp import all as every_route
from brug.bridges.misp import runs
from brug.bridges.misp.runs import Run
from brug.bridges.misp.working import work_once
from brug.directory import account_changes, keys, organisations, servers
from brug.directory.node import create_node
from brug.store import settings
from brug.store.server import EmbeddedServer
from brug.store.session import Database

__all__ = ["NodeForD", "node", "served", "served_node", "settled", "spare_world", "world"]
KEY = "s" * 40


class NodeForD(NodeForC):
    """A node with the organisations of the recording, which pulls from and pushes to C."""

    side = "D"

    def __init__(self, database: Database, dsn: str) -> None:
        every_route.load()
        self.database, self.dsn = database, dsn
        self.numbers: dict[tuple[str, str], str] = {}
        with database.system() as session:
            made = create_node(session, "ORG-D", "admin@org-d.example", "http://d.example")
            organisations.edit(session, made.organisation_uuid, {"uuid": ORG_D})
            self.org_c = organisations.add(session, {"name": "ORG-C", "uuid": ORG_C}).id
            organisations.add(session, {"name": "ORG-X", "uuid": ORG_X, "local": False})
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
        self.keys = {"D": made.api_key}

    def add_server(self, url: str, **fields: Any) -> int:
        given = {
            "name": "C", "url": url, "authkey": KEY, "remote_org_id": self.org_c,
            "pull": True, "push": True, "push_sightings": True, "push_galaxy_clusters": True,
            "push_analyst_data": True, "pull_galaxy_clusters": True, "pull_analyst_data": True,
        } | fields  # fmt: skip
        with self.database.as_user(1) as session:
            return servers.add(session, given).id

    def let_in(self) -> None:
        """An account for C on this node, which brings sightings here."""
        new = {"email": "sync-c@org-c.example", "org_id": self.org_c, "role_id": SYNC_USER}
        with self.database.system() as session:
            made = account_changes.add(session, new | {"password": "Correct-horse-1"})
            self.keys["C"] = keys.add(session, made.account.id).text

    def run(self, server_id: int, kind: Any, technique: str) -> Run:
        """Asks for a run and does it."""
        with self.database.as_user(1) as session:
            wanted = runs.queue(session, server_id, kind, technique)
        while work_once(self.database) != wanted:
            pass
        return self.result(wanted)

    def result(self, run_id: int) -> Run:
        with self.database.system() as session:
            return runs.view(session, run_id)

    def work(self) -> list[Run]:
        """Does all that is due."""
        done: list[int] = []
        while (number := work_once(self.database)) is not None:
            done.append(number)
        return [self.result(number) for number in done]

    def event(self, uuid: str) -> dict[str, Any]:
        path = f"/events/view/{uuid}/deleted[]:0/deleted[]:1"
        return dict(self.ask("D", "GET", path, None).body["Event"])


@contextmanager
def a_node(embedded: EmbeddedServer, template: str) -> Iterator[NodeForD]:
    with copied(embedded, template) as url, Database(url, size=4) as database:
        yield NodeForD(database, url)


@pytest.fixture
def node(embedded: EmbeddedServer, template: str) -> Iterator[NodeForD]:
    with a_node(embedded, template) as made:
        yield made
