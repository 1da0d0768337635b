# SPDX-License-Identifier: EUPL-1.2
"""The people of tests/cases on one database a module: what a test writes, others may find."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
import pytest
from tests.cases import conftest
from tests.cases.conftest import Node
from tests.cases.reports.made import ENTITY, FULL, GIVEN, NOW, case

from brug.cases import documents, due, files
from brug.cases.authority import notification, received, receiving
from brug.cases.authority.notification import Notification
from brug.cases.authority.received import Received
from brug.cases.case import Case
from brug.cases.clocks.facts import Moment, moment
from brug.cases.files import File
from brug.cases.reports import REPORTS, filled, telling
from brug.store.session import Database, Session

CAME = moment(NOW - timedelta(hours=3))


@pytest.fixture(scope="module")
def node(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    top = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patch, Database(module_database_url, 4) as database:
        patch.setattr(documents, "folder", lambda _: top)
        yield conftest.made(database)


def told(key: str = "nis2-early-warning", **fields: object) -> bytes:
    """A form's JSON, as another node would give it."""
    facts = {"aware_at": "2026-11-26T10:00:00Z"}
    made = case(FULL | fields, facts)
    form = filled(made, made.participants[ENTITY], REPORTS[key], GIVEN)
    sent = {"sent": {"at": "2026-11-26T20:00:00Z", "zone": "Europe/Amsterdam", "because": ""}}
    return telling.as_json(telling.document(form) | sent)


class Authority(msgspec.Struct):
    """The host's people, who receive."""

    node: Node

    @contextmanager
    def session(self, user: int | None = None) -> Iterator[Session]:
        with self.node.database.as_user(user or self.node.host) as session:
            yield session

    def take(self, one: Notification | bytes, at: Moment = CAME, **more: str) -> File:
        read = notification.read(one) if isinstance(one, bytes) else one
        with self.session() as session:
            return receiving.take(session, read, at, **more)

    def case(self, file: File, user: int | None = None) -> Case:
        with self.session(user) as session:
            return files.view(session, file.uuid)[1]

    def rows(self, file: File, now: datetime = NOW) -> list[Received]:
        with self.session() as session:
            found = files.find(session, file.uuid)
            return received.of_file(session, found, due.rules_here(session), now)

    def row(self, file: File, now: datetime = NOW) -> Received:
        (row,) = self.rows(file, now)
        return row

    def say(self, file: File, doing: Callable[[Session, str], object]) -> Case:
        with self.session() as session:
            doing(session, file.uuid)
        return self.case(file)


@pytest.fixture
def authority(node: Node) -> Authority:
    return Authority(node)
