# SPDX-License-Identifier: EUPL-1.2
"""The server's walls: accounts, modes, folders, authentication."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from brug.store.home import Home, NodeFile
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.server_errors import (
    NotInitialised,
    ServerFailed,
    UnknownAccount,
    Unreachable,
    UnsafeFolder,
)
from brug.store.server_user import ServerUser
from brug.store.socket_folder import socket_folder

Make = Callable[..., EmbeddedServer]
Account = Callable[..., str]

LONG = "/".join(["a-folder-with-a-rather-long-name"] * 4)
STRANGER = 54321
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")

CONNECT = """
try:
    print(os.listdir(sys.argv[1]))
except PermissionError:
    print("closed folder")
try:
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.path.join(sys.argv[1], ".s.PGSQL.5432"))
    print("connected")
except PermissionError:
    print("closed socket")
"""

LIVE = """
home = Home(sys.argv[1])
home.create()
server = EmbeddedServer(home)
server.initialise()
with server, psycopg.connect(server.dsn("postgres", "postgres")) as connection:
    print(connection.execute("select current_user").fetchone()[0], server.dsn())
"""


OTHER_RUNTIME_FOLDER = """
os.environ["XDG_RUNTIME_DIR"] = sys.argv[2]
home = Home(sys.argv[1])
home.create()
server = EmbeddedServer(home)
server.initialise()
with server:
    used = server.dsn()
    del os.environ["XDG_RUNTIME_DIR"]
    with EmbeddedServer(home).ensure() as verb:
        print(verb.dsn() == used, verb.pid() == server.pid(), used)
"""


def folder_of(server: EmbeddedServer) -> Path:
    found = server.home.data.stat()
    return socket_folder(server.home.path, ServerUser(found.st_uid, found.st_gid))


@pytest.fixture
def squatted(make_server: Make) -> Iterator[tuple[EmbeddedServer, Path]]:
    """A node with a long path, and the short folder that it will want."""
    server = make_server(LONG)
    folder = folder_of(server)
    yield server, folder
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        folder.rmdir()


@pytest.mark.parametrize("path", ["node", "with, comma", "met spatie", "naïve", LONG])
def test_the_socket_lies_in_a_folder_closed_to_others(
    make_server: Make, as_account: Account, path: str
) -> None:
    with make_server(path) as server:
        folder = folder_of(server)
        assert stat.S_IMODE(folder.lstat().st_mode) == 0o700
        assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= 107
        said = as_account(STRANGER, CONNECT, str(folder))
        assert said.splitlines() == ["closed folder", "closed socket"]
    if not folder.is_relative_to(server.home.path):
        folder.rmdir()


def test_every_line_of_the_authentication_table_is_peer_with_a_map(make_server: Make) -> None:
    with (
        make_server() as server,
        psycopg.connect(server.dsn(SUPERUSER, "postgres")) as connection,
    ):
        lines = connection.execute(
            "select type, auth_method, options, error from pg_hba_file_rules"
        ).fetchall()
        assert lines == [("local", "peer", ["map=brug"], None)]
        assert connection.execute("show listen_addresses").fetchone() == ("",)


@needs_root
def test_a_second_account_that_reaches_the_socket_is_still_refused(
    make_server: Make, as_account: Account
) -> None:
    text = (
        "try:\n    psycopg.connect(sys.argv[1])\n"
        "except psycopg.OperationalError as error:\n    print(error)\n"
    )
    with make_server() as server:
        folder = folder_of(server)
        server.home.path.chmod(0o755)
        folder.chmod(0o755)
        (folder / ".s.PGSQL.5432").chmod(0o777)
        said = as_account(1, text, server.dsn(SUPERUSER, "postgres"))
        folder.chmod(0o700)
        assert "Peer authentication failed" in said


@needs_root
def test_the_server_of_root_has_dropped_user_group_and_groups(make_server: Make) -> None:
    with make_server() as server:
        status = Path(f"/proc/{server.pid()}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        owner = server.home.data.stat()
        assert set(fields["Uid"].split()) == {str(owner.st_uid)} != {"0"}
        assert set(fields["Gid"].split()) == {str(owner.st_gid)} != {"0"}
        assert fields["Groups"].split() == []
        assert int(fields["CapEff"], 16) == 0


@needs_root
def test_an_account_without_a_name_runs_the_server(make_server: Make) -> None:
    with make_server(server_user=f"{STRANGER}:{STRANGER + 1}") as server:
        assert Path(f"/proc/{server.pid()}").stat().st_uid == STRANGER
        owners = {(p.lstat().st_uid, p.lstat().st_gid) for p in server.home.data.rglob("*")}
        assert owners == {(STRANGER, STRANGER + 1)}


@needs_root
@pytest.mark.parametrize("name", ["root", "0", "no-such-account-here"])
def test_root_and_unknown_accounts_do_not_run_the_server(make_server: Make, name: str) -> None:
    with pytest.raises(UnknownAccount):
        make_server(server_user=name)


@needs_root
def test_the_server_cannot_change_who_may_enter(make_server: Make) -> None:
    with make_server() as server:
        for path in (server.home.config, *server.home.config.iterdir()):
            found = path.stat()
            assert found.st_uid == 0
            assert not found.st_mode & 0o022


@needs_root
def test_an_ordinary_account_runs_a_node_of_its_own(place: Path, as_account: Account) -> None:
    own = place / "own"
    own.mkdir(mode=0o755)
    os.chown(own, 65534, 65534)
    said = as_account(65534, LIVE, str(own / "node"))
    assert said.startswith("postgres host="), said


@needs_root
def test_a_verb_without_the_runtime_folder_of_the_session_finds_the_server(
    place: Path, as_account: Account
) -> None:
    for name, mode in (("own", 0o755), ("runtime", 0o700)):
        (place / name).mkdir(mode=mode)
        os.chown(place / name, 65534, 65534)
    home = place / "own" / LONG / "node"
    said = as_account(65534, OTHER_RUNTIME_FOLDER, str(home), str(place / "runtime"))
    assert said.startswith(f"True True host={place}/runtime/brug-65534-"), said


@needs_root
def test_links_that_the_server_puts_in_place_of_its_files_are_not_followed(
    make_server: Make, place: Path
) -> None:
    server = make_server()
    secret = place / "secret"
    secret.write_text("1\nonly root may know this\n")
    secret.chmod(0o600)
    (server.home.data / "postmaster.pid").symlink_to(secret)
    assert not server.running()
    with pytest.raises(ServerFailed):
        server.start()
    (server.home.data / "postmaster.pid").unlink()
    (server.home.data / "PG_VERSION").unlink()
    (server.home.data / "PG_VERSION").symlink_to(secret)
    with pytest.raises(NotInitialised) as raised:
        server.start()
    assert "know" not in str(raised.value)
    assert secret.stat().st_uid == 0


@needs_root
def test_an_ordinary_account_without_a_name_is_told_why_not(
    place: Path, as_account: Account
) -> None:
    own = place / "own"
    own.mkdir(mode=0o755)
    os.chown(own, STRANGER, STRANGER)
    said = as_account(STRANGER, LIVE, str(own / "node"))
    assert "UnknownAccount" in said
    assert "BRUG_DATABASE_URL" in said


def test_nothing_above_the_node_changes_its_mode_or_owner(make_server: Make, place: Path) -> None:
    above = place / "one" / "two"
    above.mkdir(parents=True)
    above.chmod(0o751)

    def look() -> list[tuple[int, int, int]]:
        seen = [folder.stat() for folder in (above, *above.parents)]
        return [(found.st_mode, found.st_uid, found.st_gid) for found in seen]

    before = look()
    with make_server("one/two/node"):
        assert look() == before
    assert look() == before


@needs_root
def test_a_closed_parent_is_named_and_stays_closed(make_server: Make, place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Unreachable, match="closed"):
        make_server("closed/node")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
def test_a_short_folder_of_someone_else_is_refused(
    squatted: tuple[EmbeddedServer, Path],
) -> None:
    server, folder = squatted
    folder.mkdir(mode=0o700)
    os.chown(folder, STRANGER, STRANGER)
    with pytest.raises(UnsafeFolder, match="belongs to"):
        server.start()
    assert folder.stat().st_uid == STRANGER


def test_a_short_folder_that_is_a_link_is_refused(
    squatted: tuple[EmbeddedServer, Path], place: Path
) -> None:
    server, folder = squatted
    folder.symlink_to(place)
    before = place.stat()
    with pytest.raises(UnsafeFolder, match="link"):
        server.start()
    assert (place.stat().st_mode, place.stat().st_uid) == (before.st_mode, before.st_uid)


def test_a_short_folder_that_others_can_enter_is_refused(
    squatted: tuple[EmbeddedServer, Path],
) -> None:
    server, folder = squatted
    folder.mkdir()
    folder.chmod(0o755)
    found = server.home.data.stat()
    os.chown(folder, found.st_uid, found.st_gid)
    with pytest.raises(UnsafeFolder, match="others can enter"):
        server.start()


def test_a_folder_with_other_things_in_it_does_not_become_a_node(place: Path) -> None:
    (place / "letter.txt").write_text("mine")
    before = place.stat().st_mode
    with pytest.raises(UnsafeFolder, match="other things"):
        Home(place).create()
    assert place.stat().st_mode == before
    assert list(place.iterdir()) == [place / "letter.txt"]


def test_a_node_that_others_can_write_to_is_refused(place: Path) -> None:
    home = Home(place / "node")
    home.create()
    home.path.chmod(0o770)
    with pytest.raises(UnsafeFolder, match="chmod go-w"):
        EmbeddedServer(home).start()


@needs_root
def test_a_node_of_another_account_is_refused(place: Path) -> None:
    home = Home(place / "node")
    home.create()
    os.chown(home.path, STRANGER, STRANGER)
    with pytest.raises(UnsafeFolder, match="belongs to account"):
        home.create()


def test_what_is_secret_is_closed_whatever_the_umask(place: Path) -> None:
    before = os.umask(0)
    try:
        home = Home(place / "node")
        home.create(NodeFile())
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.node_file.stat().st_mode) == 0o600
    for folder in (home.files, home.keys, home.log, home.config):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
