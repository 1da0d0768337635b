# SPDX-License-Identifier: EUPL-1.2
"""A case with a bit of everything in it, and its archive."""

import io
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from tests.cases.conftest import Node, made

from brug.bridges import case_proofs
from brug.bridges.ledger import sequencer
from brug.cases import documents, keeping
from brug.cases.acts import Decided, Joined, Marked, Planned, Recorded, Said
from brug.cases.documents import Told
from brug.cases.exporting import leaving
from brug.directory import identity_keys
from brug.store.session import Database

LOG = b"09:14 the pump stopped\n" * 40
AGE = b"age-encryption.org/v1\n-> X25519 abc\nxyz\n--- mac\n" + bytes(range(200))


class Archived(msgspec.Struct):
    """The node, its case, the archive as bytes, and the key that it is verified with."""

    node: Node
    number: str
    part: str
    data: bytes
    key: str
    folder: Path

    def export(self, user: int, *, catch_up: bool = True) -> bytes:
        """By somebody else, or once more."""
        return exported(self.node.database, user, self.number, self.folder, catch_up=catch_up)


def exported(
    database: Database, user: int, number: str, folder: Path, *, catch_up: bool = True
) -> bytes:
    if catch_up:
        sequencer.catch_up(database, folder)
    out = io.BytesIO()
    with database.as_user(user) as session:
        of = leaving.given(session, number)
        leaving.as_zip(session, of, out, lambda entries: case_proofs.proofs(session, entries))
    return out.getvalue()


@pytest.fixture(scope="module")
def archived(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archived]:
    folder = tmp_path_factory.mktemp("ledger")
    with Database(module_database_url, 4) as database:
        node = made(database)
        part = str(uuid4())
        with database.as_user(node.host) as session:
            file = keeping.open_case(session, "incident", "Pumps stopped", {"summary": "Two pumps"})
            number = file.number
            joining = Joined(
                participant=part, org=node.orgs["entity"], name="Zuidmark", role="entity"
            )
            for act in (
                joining,
                Recorded(fact="aware_at", at="2026-11-26T10:00:00Z", zone="Europe/Amsterdam",
                         of=part),
                Marked(tlp="amber"),
                Said(text="Seen by all: Ελληνικά, кириллица"),
                Decided(question="Tell the press?", outcome="No", because="on Monday"),
                Planned(task=str(uuid4()), title="Image the server", due="2026-11-28T12:00:00Z"),
            ):  # fmt: skip
                keeping.act(session, number, act)
            keeping.act(session, number, Said(text="For the entity alone"), [part])
            for name, content in (("pump log.txt", LOG), ("плат.txt", b"x"), ("plan.age", AGE)):
                sealed = ("Anna",) if name.endswith("age") else ()
                told = Told(name=name, sealed_for=sealed)
                documents.attach(session, number, io.BytesIO(content), told)
            told = Told(name="dropper.exe", is_malware=True)
            documents.attach(session, number, io.BytesIO(b"MZ malware"), told)
            key = identity_keys.stored(session)[0].key_id
        data = exported(database, node.host, number, folder)
        yield Archived(node, number, part, data, key, folder)
