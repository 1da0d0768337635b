# SPDX-License-Identifier: EUPL-1.2
"""A served node with a case in it, and people of every relation to the case."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from tests.conftest import copied
from tests.listening import NO_TLS, free_port, listening

from brug.api.cases import serve
from brug.api.cases.serve import Served
from brug.bridges.ledger import sequencer
from brug.cases import documents, keeping, templates
from brug.cases.acts import AnyAct, Joined, Left, Recorded, Said
from brug.cases.entries import Entry
from brug.directory import account_changes, keys, organisations
from brug.directory.node import create_node
from brug.edge.exchange import Sent
from brug.edge.exports import Exports
from brug.edge.strangers import Strangers
from brug.store.server import EmbeddedServer
from brug.store.session import Database

WORKS = ["auth", "add", "modify", "case", "case_lead"]
SECRET = "albatross"
OPEN_WORD = "pelican"
# Who, of which organisation, with which rights of the role.
PEOPLE = {
    "lead": ("CSIRT Noordland", WORKS),
    "officer": ("Zuidmark Waterworks", WORKS),
    "peer": ("CSIRT Westland", WORKS),
    "former": ("Oostmeer Energy", WORKS),
    "never": ("Bank of Eiland", WORKS),
    "site_admin": ("Host", [*WORKS, "site_admin", "admin"]),
    "trainee": ("CSIRT Noordland", ["auth", "add"]),
    "in_person": ("University of Heide", ["auth", "add"]),
    "disabled": ("CSIRT Noordland", WORKS),
}


class Reply(msgspec.Struct):
    """An answer; `body` is its JSON."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.raw)


class World:
    """The node's people by name, their keys, and the case by its number."""

    def __init__(self, database: Database, url: str, ledger: Path) -> None:
        self.database, self._ledger = database, ledger
        self.url = url
        self.client = httpx.Client(base_url=url, trust_env=False, verify=NO_TLS, timeout=60)
        self.keys: dict[str, str] = {"stranger": "x" * 40, "nobody": ""}
        self.ids: dict[str, int] = {}
        self.orgs: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        with database.system() as session:
            create_node(session, "Host", "admin@host.example", "http://node.example")
            for who, (name, rights) in PEOPLE.items():
                self._add(session, who, name, rights)
            self.keys["read_only"] = keys.add(session, self.ids["lead"], {"read_only": True}).text
            account_changes.edit(session, self.ids["disabled"], {"disabled": True})
        with database.as_user(self.ids["lead"]) as session:
            self.file = keeping.open_case(
                session, "incident", "Pumps stopped", {"summary": f"A {OPEN_WORD} in the pump"}
            )
            templates.add(session, templates.Template(name="Known", kind="incident", title="Known"))
        self.number = self.file.number
        for who, role in (("officer", "entity"), ("peer", "csirt"), ("former", "csirt")):
            self.join(who, role)
        self.join("in_person", "handler", self.ids["in_person"])
        self.act("lead", Left(participant=self.parts["former"]))
        received = Recorded(
            fact="early_warning_received_at", at="2026-11-20T08:00:00Z", zone="UTC",
            of=self.parts["peer"],
        )  # fmt: skip
        self.act("peer", received)
        self.attach("report.txt")
        self.attach(f"{SECRET}.txt", [self.parts["officer"]])
        self.narrow = self.act("lead", Said(text=f"the {SECRET} flies"), [self.parts["officer"]])

    def _add(self, session: Any, who: str, name: str, rights: list[str]) -> None:
        found = session.one("SELECT id, uuid::text FROM organisation WHERE name = %s", (name,))
        if found is None:
            made = organisations.add(session, {"name": name})
            found = (made.id, str(made.uuid))
        self.orgs[who] = found[1]
        role = session.value(
            "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (who, rights)
        )
        new = {"email": f"{who}@people.example", "org_id": found[0], "role_id": role}
        account = account_changes.add(session, new | {"password": "Correct-horse-1"}).account
        self.ids[who] = account.id
        self.keys[who] = keys.add(session, account.id).text

    def join(self, who: str, role: str, user: int | None = None) -> None:
        self.parts[who] = str(uuid4())
        doing = Joined(
            participant=self.parts[who], org=self.orgs[who], name=who, role=role, user=user
        )
        self.act("lead", doing)

    def act(self, who: str, doing: AnyAct, to: list[str] | None = None) -> Entry:
        with self.database.as_user(self.ids[who]) as session:
            return keeping.act(session, self.number, doing, to or [])

    def attach(self, name: str, to: list[str] | None = None) -> None:
        told = documents.Told(name=name)
        with self.database.as_user(self.ids["lead"]) as session:
            documents.attach(session, self.number, BytesIO(b"a report"), told, to or [])

    def place(self) -> None:
        """Has every entry its place in the ledger, or an archive waits for it."""
        sequencer.catch_up(self.database, self._ledger)

    def ask(self, who: str, method: str, path: str, body: Any = None, **more: str) -> Reply:
        """Over HTTP; bytes go as they are."""
        headers = {"content-type": "application/json"} | more
        if self.keys[who]:
            headers["authorization"] = self.keys[who]
        got = self.client.request(method, path, content=_bytes(body), headers=headers)
        return Reply(got.status_code, dict(got.headers), got.content)

    def asked_within(
        self, who: str, method: str, path: str, body: Any = None, exports: Exports | None = None
    ) -> Reply:
        """The same without a server between, for what is asked thousands of times."""
        made = exports or Exports()
        served = Served(self.database, Strangers(), "http://node.example", 10**6, made)
        path, _, query = path.partition("?")
        headers = {"authorization": self.keys[who], "content-type": "application/json"}
        sent = Sent(method, path, query, headers, _bytes(body) or b"", "192.0.2.7")
        status, told, content = serve.answer(served, sent)
        return Reply(status, told, content if isinstance(content, bytes) else b"".join(content))


def _bytes(body: Any) -> bytes | None:
    return body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)


@pytest.fixture(scope="module")
def world(
    embedded: EmbeddedServer, template: str, keys_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:  # fmt: skip
    """For the tests of one module, which then share what they write."""
    with (
        copied(embedded, template) as dsn,
        listening(dsn, free_port()) as url,
        Database(dsn, size=4) as database,
    ):
        made = World(database, url, tmp_path_factory.mktemp("ledger"))
        with made.client:
            yield made
