# SPDX-License-Identifier: EUPL-1.2
"""Documents: who has one, what is left when something fails, and what a case makes of rubbish."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from tests.cases.conftest import Node

from brug.cases import documents, entry_rows, files, keeping, sweeping
from brug.cases.acts import Attached, Joined, Left
from brug.cases.case import Case
from brug.cases.documents import NotHere, TakenBack, Told
from brug.cases.entries import Entry
from brug.cases.files import File
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Conflict, Invalid, NotFound
from brug.store.session import Database


@pytest.fixture
def top(node: Node) -> Iterator[Path]:
    """The folder of all documents; what other tests left is none of ours."""
    with node.database.system() as session:
        yield documents.folder(session)


def opened(node: Node) -> File:
    with node.database.as_user(node.host) as session:
        return keeping.open_case(session, "incident", "Pumps stopped")


def joined(node: Node, file: File, name: str, role: str = "entity") -> str:
    part = str(uuid4())
    with node.database.as_user(node.host) as session:
        act = Joined(participant=part, org=node.orgs[name], name=name, role=role)
        keeping.act(session, file.number, act)
    return part


def attached(
    node: Node, user: int, file: File, content: bytes, to: tuple[str, ...] = (), **told: str
) -> Entry:
    with node.database.as_user(user) as session:
        said = Told(name=told.pop("name", "a.bin"))
        return documents.attach(session, file.uuid, io.BytesIO(content), said, to)


def fetched(node: Node, user: int, file: File, entry: Entry) -> bytes:
    assert isinstance(entry.act, Attached)
    with node.database.as_user(user) as session:
        found, case = files.view(session, file.uuid)
        one = documents.find(case, entry.act.document)
        return b"".join(documents.content(session, found, one))


def lying(top: Path, file: File) -> list[str]:
    """The folders of content of a case."""
    return sorted(one.name for one in (top / file.uuid).iterdir())


def rows_seen(database: Database, user: int) -> int:
    with database.as_user(user) as session:
        return int(session.value("SELECT count(*) FROM case_document"))


# Who has it ----------------------------------------------------------------------------


def test_whoever_takes_part_has_it_and_nobody_else(node: Node) -> None:
    file = opened(node)
    entry = attached(node, node.host, file, b"the log")
    for user in (node.entity, node.other, node.without):
        with pytest.raises(NotFound):
            fetched(node, user, file, entry)
        assert rows_seen(node.database, user) == 0
    joined(node, file, "entity")
    assert fetched(node, node.entity, file, entry) == b"the log"
    assert rows_seen(node.database, node.entity) == 1


def test_whoever_left_has_it_no_more(node: Node) -> None:
    file = opened(node)
    part = joined(node, file, "entity")
    entry = attached(node, node.entity, file, b"our log")
    with node.database.as_user(node.host) as session:
        keeping.act(session, file.number, Left(participant=part))
    with pytest.raises(NotFound):
        fetched(node, node.entity, file, entry)
    assert rows_seen(node.database, node.entity) == 0
    assert fetched(node, node.host, file, entry) == b"our log"


def test_what_is_for_some_is_for_them_and_whoever_attached_it(node: Node) -> None:
    file = opened(node)
    part = joined(node, file, "entity")
    joined(node, file, "other", "csirt")
    entry = attached(node, node.host, file, b"for the entity alone", (part,))
    assert fetched(node, node.entity, file, entry) == b"for the entity alone"
    with pytest.raises(NotFound):
        fetched(node, node.other, file, entry)
    assert rows_seen(node.database, node.other) == 0


def test_whoever_has_the_same_document_in_another_case_has_it_there_alone(
    node: Node, top: Path
) -> None:
    first, second = opened(node), opened(node)
    joined(node, second, "entity")
    here = attached(node, node.host, first, b"the same")
    there = attached(node, node.host, second, b"the same")
    assert fetched(node, node.entity, second, there) == b"the same"
    with pytest.raises(NotFound):
        fetched(node, node.entity, first, here)
    with node.database.as_user(node.entity) as session:
        found, case = files.view(session, second.uuid)
        stolen = msgspec.structs.replace(next(iter(case.documents.values())), entry=here.id)
        with pytest.raises(NotFound):
            documents.content(session, found, stolen)
    assert lying(top, first) != lying(top, second)


def test_the_same_content_lies_once_in_a_case(node: Node, top: Path) -> None:
    file = opened(node)
    several = [attached(node, node.host, file, b"the same" * 1000) for _ in range(3)]
    other = attached(node, node.host, file, b"another")
    assert len(lying(top, file)) == 2
    for entry in several:
        assert fetched(node, node.host, file, entry) == b"the same" * 1000
    assert fetched(node, node.host, file, other) == b"another"


def test_whoever_looks_on_attaches_nothing(node: Node, top: Path) -> None:
    file = opened(node)
    joined(node, file, "entity", "observer")
    with pytest.raises(NotYours):
        attached(node, node.entity, file, b"mine")
    assert not (top / file.uuid).exists()


def test_a_document_is_taken_back_by_its_organisation_or_a_lead(node: Node) -> None:
    file = opened(node)
    part = joined(node, file, "entity")
    joined(node, file, "other")
    entry = attached(node, node.entity, file, b"a mistake", (part,))
    assert isinstance(entry.act, Attached)
    shared = attached(node, node.entity, file, b"for all")
    assert isinstance(shared.act, Attached)
    with node.database.as_user(node.other) as session, pytest.raises(NotYours):
        documents.take_back(session, file.uuid, shared.act.document)
    with node.database.as_user(node.entity) as session:
        undone = documents.take_back(session, file.uuid, entry.act.document)
    assert undone.to == (part,), "who did not have it does not hear of it"
    with pytest.raises(TakenBack):
        fetched(node, node.entity, file, entry)
    with node.database.as_user(node.host) as session:
        documents.take_back(session, file.uuid, shared.act.document)
        with pytest.raises(TakenBack):
            documents.take_back(session, file.uuid, shared.act.document)


# What an entry may say -------------------------------------------------------------------

FINE = Attached(
    document="", name="a.txt", size=1, sha256="0" * 64, media_type="text/plain"
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"document": "1"}, "document"), ({"name": ""}, "name"), ({"name": "a/b"}, "name"),
        ({"name": "a\0"}, "name"), ({"name": "a\n"}, "name"), ({"name": "."}, "name"),
        ({"name": "\ud800"}, "name"), ({"name": "x" * 201}, "name"), ({"size": -1}, "size"),
        ({"size": 2**40}, "size"), ({"sha256": "A" * 64}, "sha256"), ({"sha256": ""}, "sha256"),
        ({"sample": "1"}, "sample"), ({"media_type": ""}, "media_type"),
        ({"media_type": "text/plain; charset=x"}, "media_type"),
        ({"said_type": "text/html\r\nX: y"}, "said_type"), ({"sealed_for": ("",)}, "sealed_for"),
        ({"sealed_for": ("a",) * 101}, "sealed_for"), ({"is_undone": True}, "document"),
    ],
)  # fmt: skip
def test_what_an_entry_says_of_a_document_has_its_form(
    node: Node, change: dict[str, object], field: str
) -> None:
    file = opened(node)
    doing = msgspec.structs.replace(FINE, **({"document": str(uuid4())} | change))
    with node.database.as_user(node.host) as session:
        with pytest.raises(Invalid) as caught:
            keeping.act(session, file.number, doing)
        assert caught.value.field == field
        assert len(entry_rows.uuids_of(session, file.id)) == 1


def test_what_was_attached_is_not_attached_anew_nor_changed(node: Node) -> None:
    file = opened(node)
    entry = attached(node, node.host, file, b"once")
    assert isinstance(entry.act, Attached)
    undone = msgspec.structs.replace(entry.act, is_undone=True)
    with node.database.as_user(node.host) as session:
        with pytest.raises(Conflict):
            keeping.act(session, file.number, entry.act)
        with pytest.raises(Invalid):
            keeping.act(session, file.number, msgspec.structs.replace(undone, name="other"))
        keeping.act(session, file.number, undone)
        with pytest.raises(Conflict):
            keeping.act(session, file.number, undone)


def test_an_entry_without_its_content_says_so(node: Node) -> None:
    file = opened(node)
    doing = msgspec.structs.replace(FINE, document=str(uuid4()))
    with node.database.as_user(node.host) as session:
        entry = keeping.act(session, file.number, doing)
        found, case = files.view(session, file.uuid)
        assert not documents.is_here(session, found, case.documents[doing.document])
    with pytest.raises(NotHere):
        fetched(node, node.host, file, entry)


def test_only_what_is_encrypted_is_said_to_be(node: Node) -> None:
    file = opened(node)
    told = Told(name="a.age", sealed_for=("Anna",))
    plain = io.BytesIO(b"in the clear")
    with node.database.as_user(node.host) as session, pytest.raises(Invalid, match="sealed_for"):
        documents.attach(session, file.uuid, plain, told)


# What is left when something fails ---------------------------------------------------------


class Cut(Exception):
    """The sender is gone, or the process."""


class Half(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 2**21:
            raise Cut
        return super().read(size)


def test_an_upload_that_was_cut_off_leaves_nothing(node: Node, top: Path) -> None:
    file = opened(node)
    with node.database.as_user(node.host) as session, pytest.raises(Cut):
        documents.attach(session, file.uuid, Half(bytes(2**22)), Told(name="a"))
    assert lying(top, file) == []
    with node.database.as_user(node.host) as session:
        assert len(entry_rows.uuids_of(session, file.id)) == 1


def killed_before_commit(node: Node, file: File, content: bytes) -> None:
    """All is written and placed, and the transaction never ends."""

    def killed() -> None:
        with node.database.as_user(node.host) as session:
            documents.attach(session, file.uuid, io.BytesIO(content), Told(name="a"))
            raise Cut

    with pytest.raises(Cut):
        killed()


def test_what_was_not_committed_is_swept_away_and_what_was_stays(node: Node, top: Path) -> None:
    file = opened(node)
    entry = attached(node, node.host, file, b"kept")
    kept = lying(top, file)
    killed_before_commit(node, file, b"not kept")
    assert len(lying(top, file)) == 2
    with node.database.as_user(node.host) as session:
        assert len(files.view(session, file.uuid)[1].documents) == 1
    sweeping.sweep(node.database)
    assert lying(top, file) == kept
    assert fetched(node, node.host, file, entry) == b"kept"


def test_what_was_left_over_does_not_stand_in_the_way(node: Node) -> None:
    file = opened(node)
    killed_before_commit(node, file, b"the log")
    entry = attached(node, node.host, file, b"the log")
    assert fetched(node, node.host, file, entry) == b"the log"


def test_an_upload_under_way_is_left_alone_until_it_is_old(node: Node, top: Path) -> None:
    file = opened(node)
    upload = top / file.uuid / f"{documents.UPLOAD}{uuid4()}"
    upload.mkdir(parents=True)
    elsewhere = top / str(uuid4())
    elsewhere.mkdir()
    sweeping.sweep(node.database)
    assert upload.exists()
    assert elsewhere.exists()
    for path in (upload, elsewhere):
        os.utime(path, (0, 0))
    sweeping.sweep(node.database)
    assert not upload.exists()
    assert not elsewhere.exists()


def test_a_read_only_key_attaches_nothing(node: Node) -> None:
    file = opened(node)
    with node.database.as_user(node.host) as session:
        session.principal = msgspec.structs.replace(session.principal, read_only=True)
        with pytest.raises(BrugError):
            documents.attach(session, file.uuid, io.BytesIO(b"x"), Told(name="a"))


def test_a_case_for_machines_tells_of_its_documents(node: Node) -> None:
    file = opened(node)
    entry = attached(node, node.host, file, b"12345")
    with node.database.as_user(node.host) as session:
        case: Case = files.view(session, file.uuid)[1]
    (one,) = documents.shown(case)
    assert (one.entry, one.act.size, one.author) == (entry.id, 5, entry.author)


KILLED = """
import io, os, signal, sys
from brug.cases import documents
from brug.cases.documents import Told
from brug.store.session import Database

class Source(io.BytesIO):
    def read(self, size=-1):
        if sys.argv[4] == "reading" and self.tell() >= 2**21:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(size)

with Database(sys.argv[1], 1) as database, database.as_user(int(sys.argv[2])) as session:
    documents.attach(session, sys.argv[3], Source(bytes(2**22)), Told(name="a"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["reading", "before commit"])
def test_whoever_is_killed_leaves_no_entry_and_nothing_that_stays(
    node: Node, top: Path, when: str
) -> None:
    file = opened(node)
    with node.database.system() as session:
        url = session.connection.info.dsn
    arguments = [sys.executable, "-c", KILLED, url, str(node.host), file.uuid, when]
    done = subprocess.run(arguments, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = lying(top, file)
    assert left.startswith(documents.UPLOAD) == (when == "reading")
    with node.database.as_user(node.host) as session:
        assert len(entry_rows.uuids_of(session, file.id)) == 1
    for path in (top / file.uuid).iterdir():
        os.utime(path, (0, 0))
    sweeping.sweep(node.database)
    assert lying(top, file) == []
    entry = attached(node, node.host, file, bytes(2**22))
    assert fetched(node, node.host, file, entry) == bytes(2**22)
