# SPDX-License-Identifier: EUPL-1.2
"""A node in one file, and back: whole or not at all."""

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, LiteralString

import psycopg
import pyrage
import pytest
import zstandard

from brug.store.archive import Writer
from brug.store.backup import backup, restore
from brug.store.bootstrap import bootstrap
from brug.store.dump import dump
from brug.store.dump import restore as load
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.server_errors import BadBackup, DumpFailed, NotEmpty

Make = Callable[..., EmbeddedServer]


@pytest.fixture
def made_once(node_folder: Path) -> Home:
    """One that has the schema."""
    return Home(node_folder)


def fill(server: EmbeddedServer) -> None:
    """A row, an attachment and a key."""
    with psycopg.connect(server.dsn("brug_owner")) as connection:
        connection.execute("insert into brug.setting (name, value) values ('kept', '\"ja\"')")
    (server.home.files / "ab").mkdir()
    (server.home.files / "ab" / "abcdef").write_bytes(os.urandom(3_000_000))
    (server.home.keys / "node.key").write_bytes(b"a key")
    (server.home.keys / "link").symlink_to("/etc/hostname")
    (server.home.config / "deadlines.toml").write_bytes(b"# a correction")
    (server.home.config / "authorities.toml").write_bytes(b"# an address")


def kept(server: EmbeddedServer) -> object:
    with psycopg.connect(server.dsn("brug_owner")) as connection:
        return connection.execute("select value from brug.setting where name = 'kept'").fetchall()


CATALOGUES: tuple[LiteralString, ...] = (
    """select relname, relkind, relrowsecurity, relacl::text from pg_class
       where relnamespace = 'brug'::regnamespace order by 1""",
    """select policyname, tablename, roles::text, qual, with_check from pg_policies
       where schemaname = 'brug' order by 1, 2""",
    """select proname, proacl::text, prosecdef from pg_proc
       where pronamespace = 'brug'::regnamespace order by 1, 2, 3""",
    "select nspname, nspacl::text from pg_namespace where nspname = 'brug'",
)


def is_encrypted(file: Path) -> bool:
    return file.read_bytes().startswith(b"age-encryption.org/")


def shape(server: EmbeddedServer) -> object:
    """Everything that the catalogues say about our schema."""
    with psycopg.connect(server.dsn("brug_owner")) as connection:
        return [connection.execute(question).fetchall() for question in CATALOGUES]


def test_a_backup_of_a_running_node_restores_on_another_folder(
    make_server: Make, place: Path
) -> None:
    """One that is not encrypted is restored in tests/store/test_bootstrap.py."""
    identity = pyrage.x25519.Identity.generate()
    server = make_server()
    with server:
        fill(server)
        before = shape(server)
        backup(server.home, place / "node.backup", [str(identity.to_public())])
        assert server.running()
    assert is_encrypted(place / "node.backup")
    assert (place / "node.backup").stat().st_mode & 0o077 == 0

    copy = Home(place / "copy")
    restore(copy, place / "node.backup", [str(identity)])
    with EmbeddedServer(copy) as restored:
        assert kept(restored) == [("ja",)]
        assert shape(restored) == before
    attachment = Path("ab", "abcdef")
    assert (copy.files / attachment).read_bytes() == (server.home.files / attachment).read_bytes()
    assert (copy.keys / "node.key").read_bytes() == b"a key"
    assert not (copy.keys / "link").exists()
    assert (copy.config / "deadlines.toml").read_bytes() == b"# a correction"
    assert (copy.config / "authorities.toml").read_bytes() == b"# an address"
    assert (copy.keys / "node.key").stat().st_mode & 0o077 == 0


def test_the_wrong_key_and_no_key_open_nothing(make_server: Make, place: Path) -> None:
    server = make_server()
    with server:
        fill(server)
        identity = pyrage.x25519.Identity.generate()
        backup(server.home, place / "b", [str(identity.to_public())])
    copy = Home(place / "copy")
    other = str(pyrage.x25519.Identity.generate())
    for keys in ([], [other], ["not a key"]):
        with pytest.raises(BadBackup):
            restore(copy, place / "b", keys)
        assert not copy.path.exists()


def test_a_cut_backup_restores_nothing(make_server: Make, place: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    with make_server() as server:
        fill(server)
        backup(server.home, place / "plain")
        backup(server.home, place / "closed", [str(identity.to_public())])
    assert [is_encrypted(place / name) for name in ("plain", "closed")] == [False, True]
    for name, part in (("plain", 0.3), ("plain", 0.999), ("closed", 0.9), ("closed", 0.999)):
        whole = (place / name).read_bytes()
        (place / "b").write_bytes(whole[: int(len(whole) * part)])
        copy = Home(place / f"copy-{name}-{part}")
        with pytest.raises((BadBackup, DumpFailed)):
            restore(copy, place / "b", [str(identity)])
        assert not copy.path.exists() or list(copy.path.iterdir()) == []


def test_a_failed_backup_leaves_no_file_and_spares_the_last_one(
    make_server: Make, place: Path
) -> None:
    server = make_server("empty")
    (place / "b").write_bytes(b"the last one")
    with server, pytest.raises(DumpFailed, match="brug"):
        backup(server.home, place / "b")
    assert (place / "b").read_bytes() == b"the last one"
    assert sorted(path.name for path in place.iterdir()) == ["b", "empty"]


def test_nothing_is_restored_over_a_node(make_server: Make, place: Path) -> None:
    server = make_server()
    with pytest.raises(NotEmpty):
        restore(server.home, place / "any")
    assert server.home.exists()


def archive(entries: list[tuple[tarfile.TarInfo, bytes]]) -> BinaryIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for header, content in entries:
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return target


def named(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, link
    return header


MANIFEST = (named("manifest.json"), b'{"format":1,"brug":"0","made":"2026-01-01T00:00:00Z"}')


@pytest.mark.parametrize(
    "entries",
    [
        [(named("/etc/brug-was-here"), b"x")],
        [(named("files/../../brug-was-here"), b"x")],
        [(named("files/./x"), b"x")],
        [(named("files//x"), b"x")],
        [(named("files\\..\\x"), b"x")],
        [(named("data/PG_VERSION"), b"18")],
        [(named("config/local.conf"), b"x")],
        [(named("files/link", tarfile.SYMTYPE, "/etc"), b"")],
        [(named("files/link", tarfile.LNKTYPE, "node.json"), b"")],
        [(named("files/device", tarfile.CHRTYPE), b"")],
        [(named("files/pipe", tarfile.FIFOTYPE), b"")],
        [(named("files/" + "x" * 300), b"x")],
        [(named("database/00000000"), b"x" * (8 * 1024 * 1024 + 1))],
        [(named("keys/large"), b"x" * (1024 * 1024 + 1))],
        [MANIFEST, (named("files/a"), b"1"), (named("files/a"), b"2")],
        [MANIFEST, (named("node.json"), b'{"server_user": 7}')],
        [MANIFEST, (named("node.json"), b"\xff")],
        [MANIFEST],
        [],
    ],
    ids=lambda entries: "+".join(header.name[:30] for header, _ in entries) or "empty",
)
def test_a_hostile_archive_writes_nothing(
    place: Path, entries: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    content = archive(entries).getvalue()  # type: ignore[attr-defined]
    (place / "b").write_bytes(zstandard.compress(content))
    copy = Home(place / "copy")
    with pytest.raises((BadBackup, DumpFailed)):
        restore(copy, place / "b")
    assert not copy.path.exists() or list(copy.path.iterdir()) == []
    assert not Path("/etc/brug-was-here").exists()
    assert not (place / "brug-was-here").exists()


def test_an_archive_with_another_digest_is_refused(place: Path) -> None:
    target = io.BytesIO()
    writer = Writer(target)
    writer.add_bytes(MANIFEST[0].name, MANIFEST[1])
    writer.add_bytes("files/a", b"first")
    writer.finish()
    changed = target.getvalue().replace(b"first", b"other")
    (place / "b").write_bytes(zstandard.compress(changed))
    with pytest.raises((BadBackup, DumpFailed)):
        restore(Home(place / "copy"), place / "b")


def test_noise_is_not_a_backup(place: Path) -> None:
    (place / "b").write_bytes(b"MZ" + os.urandom(1000))
    with pytest.raises(BadBackup, match="neither"):
        restore(Home(place / "copy"), place / "b")


def test_a_dump_fills_an_empty_database_and_no_other(make_server: Make, place: Path) -> None:
    with make_server() as server:
        fill(server)
        dump(server.dsn("brug_owner"), place / "dump")
        bootstrap(server.maintenance(), "second")
        second = server.dsn("brug_owner", "second")
        load(second, place / "dump")
        with psycopg.connect(second) as connection:
            found = connection.execute("select value from setting where name = 'kept'")
            assert found.fetchall() == [("ja",)]
        with pytest.raises(NotEmpty):
            load(second, place / "dump")
