# SPDX-License-Identifier: EUPL-1.2
"""A node for all tests of a module, which make cases of their own in it."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.conftest import copied

from brug.cases import files, keeping
from brug.cases.acts import AnyAct, Joined
from brug.cases.case import Case
from brug.cases.entries import Entry
from brug.cases.files import File
from brug.directory import identity_keys
from brug.store import settings
from brug.store.server import EmbeddedServer
from brug.store.session import Database

RIGHTS = ["auth", "add", "modify", "publish", "case", "case_lead"]
# Who, of which organisation, with which rights.
PEOPLE = {
    "lead": ("CSIRT Noordland", RIGHTS),
    "colleague": ("CSIRT Noordland", RIGHTS),
    "officer": ("Zuidmark Waterworks", RIGHTS),
    "peer": ("CSIRT Westland", RIGHTS),
    "trainee": ("University of Heide", ["auth", "add"]),
    "admin": ("Bank of Eiland", [*RIGHTS, "site_admin", "admin"]),
    "never": ("Oostmeer Energy", RIGHTS),
}
AT = {"at": "2026-11-20T08:00:00Z", "zone": "UTC"}


class World(msgspec.Struct):
    """People by name: their accounts, and the UUIDs of their organisations."""

    database: Database
    ids: dict[str, int]
    orgs: dict[str, str]

    def open(self, title: str = "Pumps stopped", who: str = "lead", kind: str = "incident",
             **fields: Any) -> File:  # fmt: skip
        with self.database.as_user(self.ids[who]) as session:
            return keeping.open_case(session, kind, title, fields)

    def act(self, file: File, doing: AnyAct, who: str = "lead", to: Sequence[str] = ()) -> Entry:
        with self.database.as_user(self.ids[who]) as session:
            return keeping.act(session, file.uuid, doing, to)

    def join(
        self, file: File, whom: str, role: str, who: str = "lead", *, alone: bool = False
    ) -> str:
        doing = Joined(
            participant=str(uuid4()), org=self.orgs[whom], name=whom, role=role,
            user=self.ids[whom] if alone else None,
        )  # fmt: skip
        self.act(file, doing, who)
        return doing.participant

    def seen(self, file: File, who: str = "lead") -> Case:
        with self.database.as_user(self.ids[who]) as session:
            return files.view(session, file.uuid)[1]

    def row(self, file: File, who: str = "lead") -> File:
        with self.database.as_user(self.ids[who]) as session:
            return files.find(session, file.uuid)


@pytest.fixture(scope="module")
def world(embedded: EmbeddedServer, template: str) -> Iterator[World]:
    with copied(embedded, template) as dsn, Database(dsn, 6) as database:
        made = World(database, {}, {})
        with database.system() as session:
            identity_keys.make(session)
            settings.set_value(session, "node.uuid", str(uuid4()))
            for who, (name, rights) in PEOPLE.items():
                _add(session, made, who, name, rights)
        yield made


def _add(session: Any, made: World, who: str, name: str, rights: list[str]) -> None:
    session.execute(
        "INSERT INTO organisation (uuid, name, local) SELECT gen_random_uuid(), %(name)s, true"
        " WHERE NOT EXISTS (SELECT 1 FROM organisation WHERE name = %(name)s)",
        {"name": name},
    )
    org_id, made.orgs[who] = session.one(
        "SELECT id, uuid::text FROM organisation WHERE name = %s", (name,)
    )
    role = session.value(
        "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (f"role of {who}", rights)
    )
    made.ids[who] = session.value(
        "INSERT INTO account (email, org_id, role_id) VALUES (%s, %s, %s) RETURNING id",
        (f"{who}@people.example", org_id, role),
    )
