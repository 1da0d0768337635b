# SPDX-License-Identifier: EUPL-1.2
"""A disk that fills while a node sends or receives, and is emptied again.

The database's files are on a small disk in memory, its journal is not: what fills is what
grows. Where this account may not mount one, there is nothing to see.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.bridges.crossing.conftest import added, new_event
from tests.bridges.crossing.rulebook import Agreed
from tests.bridges.crossing.three_nodes import Node, connect, made
from tests.bridges.crossing.wire import Wire
from tests.conftest import copied, drop_database

from brug.bridges.crossing import inward
from brug.model.errors import BrugError
from brug.store.failing import NoRoom
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

MEGABYTES = 64
TABLESPACE, SMALL = "small_disk", "on_a_small_disk"
EACH = 400


class Disk:
    """A small one, that can be filled and emptied."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 4096):
                continue

    def empty(self) -> None:
        self._filler.unlink()


@pytest.fixture
def disk(server_folder: Path, embedded: EmbeddedServer) -> Iterator[Disk]:
    folder = server_folder / "small"
    folder.mkdir(exist_ok=True)
    owner = embedded.home.data.stat()
    options = f"size={MEGABYTES}m,uid={owner.st_uid},gid={owner.st_gid},mode=0700"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk of its own: {mounted.stderr.decode().strip()}")
    place = folder / "data"
    try:
        place.mkdir()
        subprocess.run(["chown", f"{owner.st_uid}:{owner.st_gid}", place], check=True)
        with psycopg.connect(embedded.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("create tablespace {} location {}").format(
                    sql.Identifier(TABLESPACE), sql.Literal(str(place))
                )
            )
            yield Disk(folder)
            connection.execute(sql.SQL("drop tablespace {}").format(sql.Identifier(TABLESPACE)))
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def on_it(server: EmbeddedServer, template: str) -> Iterator[str]:
    """A database whose files are on that disk."""
    with psycopg.connect(server.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "create database {} template {} strategy file_copy owner brug_owner tablespace {}"
            ).format(sql.Identifier(SMALL), sql.Identifier(template), sql.Identifier(TABLESPACE))
        )
        connection.execute(
            sql.SQL("grant connect, temporary on database {} to brug_app, brug_jobs").format(
                sql.Identifier(SMALL)
            )
        )
    yield server.dsn("brug_app", SMALL)
    drop_database(server, SMALL)


class Two:
    """Nodes with a bridge and an agreement; the disk is the second one's."""

    def __init__(self, roomy: Node, small: Node) -> None:
        self.roomy, self.small = roomy, small
        self.wire = Wire([roomy, small], lambda *_: None)

    def work(self, node: Node) -> None:
        other = self.small if node is self.roomy else self.roomy
        for _ in range(60):
            if not node.work(self.wire, [other]):
                return
        raise AssertionError("there is always something left to do")

    def agree(self) -> None:
        connect(self.wire, self.roomy, self.small)
        self.roomy.propose(self.small, Agreed(frozenset({self.roomy.org, self.small.org})))
        self.work(self.roomy)
        assert self.small.accept(self.roomy)
        self.work(self.small)


@pytest.fixture
def two(embedded: EmbeddedServer, template: str, tmp_path: Path, disk: Disk) -> Iterator[Two]:
    assert disk
    inward.register()
    with (
        copied(embedded, template) as first,
        on_it(embedded, template) as second,
        Database(first, size=6) as one,
        Database(second, size=6) as other,
    ):
        folders = [tmp_path / "one", tmp_path / "other"]
        for folder in folders:
            folder.mkdir()
        roomy = made("CSIRT Noordland", one, "http://127.0.0.1:20011", folders[0])
        small = made("CERT Zuidmark", other, "http://127.0.0.1:20012", folders[1])
        found = Two(roomy, small)
        found.agree()
        yield found


def large_event(name: str) -> list[tuple[str, str]]:
    return [("domain", f"h{n}.{name}.{'x' * 50}.example") for n in range(EACH)]


def whole(two: Two, sender: Node, receiver: Node, uuids: list[str]) -> None:
    """All has arrived once, and both sides have the same on record."""
    for uuid in uuids:
        copy = receiver.copy(uuid)
        assert copy
        assert len(copy.items) == EACH
        (out,) = [c for c in sender.crossings(event_uuid=uuid) if c.state == "received"]
        assert out.receipt in [c.receipt for c in receiver.crossings(event_uuid=uuid)]
    for node, partner in ((sender, receiver), (receiver, sender)):
        node.exchange(two.wire, [partner])
        assert node.verified() == []


def test_a_receiver_whose_disk_is_full_says_so_and_misses_nothing(two: Two, disk: Disk) -> None:
    sender, receiver = two.roomy, two.small
    uuids = [added(sender, new_event(*large_event("before")))]
    two.work(sender)
    disk.fill()
    uuids += [added(sender, new_event(*large_event(f"during{n}"))) for n in range(12)]
    for _ in range(3):
        sender.work(two.wire, [receiver])
    for uuid in uuids:
        if any(c.state == "received" for c in sender.crossings(event_uuid=uuid)):
            assert receiver.copy(uuid), "what was acknowledged is there"
    assert receiver.copy(uuids[-1]) is None, "the disk was full"
    with sender.database.system() as session:
        problem = session.value("SELECT problem FROM bridge_progress")
    assert NoRoom.public in problem
    disk.empty()
    two.work(sender)
    whole(two, sender, receiver, uuids)


def test_a_sender_whose_disk_is_full_says_so_and_goes_on(two: Two, disk: Disk) -> None:
    sender, receiver = two.small, two.roomy
    uuids = [added(sender, new_event(*large_event(f"before{n}"))) for n in range(5)]
    disk.fill()
    with pytest.raises(NoRoom, match="DiskFull"):
        uuids.extend(added(sender, new_event(*large_event(f"during{n}"))) for n in range(50))
    for _ in range(5):
        try:
            sender.work(two.wire, [receiver])
        except BrugError as error:
            assert isinstance(error, NoRoom)  # noqa: PT017 — it may be enough for a round
    disk.empty()
    uuids.append(added(sender, new_event(*large_event("after"))))
    two.work(sender)
    whole(two, sender, receiver, uuids)
    with receiver.database.system() as session:
        assert session.value("SELECT count(*) FROM event") == len(uuids)
