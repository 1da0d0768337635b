# SPDX-License-Identifier: EUPL-1.2
"""A new major version of PostgreSQL: nothing lost, the old kept, interruptions survived."""

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from brug.store import binaries, cluster
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.server_errors import AlreadySupervised, WrongMajor
from brug.store.server_user import ServerUser
from brug.store.supervision import Supervision
from brug.store.upgrade_major import upgrade_major

Make = Callable[..., EmbeddedServer]


@pytest.fixture
def made_once(node_folder: Path) -> Home:
    """One that has the schema."""
    return Home(node_folder)


def fill(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn("brug_owner")) as connection:
        connection.execute("insert into setting (name, value) values ('kept', '\"ja\"')")


def kept(server: EmbeddedServer) -> object:
    with server.ensure(), psycopg.connect(server.dsn("brug_owner")) as connection:
        return connection.execute("select value from setting where name = 'kept'").fetchall()


@pytest.fixture
def old_programs(place: Path) -> Path:
    """An installation elsewhere, as an earlier version would be."""
    (place / "opt").mkdir()
    return binaries.keep(place / "opt").prefix


@pytest.fixture
def filled(make_server: Make) -> EmbeddedServer:
    server = make_server()
    with server:
        fill(server)
    return server


def test_the_upgrade_converts_everything_and_keeps_the_old_data(
    filled: EmbeddedServer, old_programs: Path
) -> None:
    heard: list[str] = []
    aside = upgrade_major(filled.home, old_programs, heard.append)
    assert aside is not None
    assert (aside / "PG_VERSION").read_text() == "18\n"
    assert "dumping the old data" in heard
    assert kept(filled) == [("ja",)]
    assert not list(filled.home.path.glob("*.dump"))
    assert not filled.home.upgraded.exists()


def test_nothing_is_done_where_the_version_is_right(filled: EmbeddedServer) -> None:
    assert upgrade_major(filled.home) is None


def test_missing_old_programs_are_asked_for(filled: EmbeddedServer) -> None:
    (filled.home.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(WrongMajor, match="--old-binaries"):
        upgrade_major(filled.home)


def test_programs_of_a_third_version_are_refused(
    filled: EmbeddedServer, old_programs: Path
) -> None:
    (filled.home.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(WrongMajor, match="is PostgreSQL 18; the data are of 17"):
        upgrade_major(filled.home, old_programs)


def test_a_node_in_use_is_not_upgraded(filled: EmbeddedServer, old_programs: Path) -> None:
    with filled, pytest.raises(AlreadySupervised):
        upgrade_major(filled.home, old_programs)
    assert kept(filled) == [("ja",)]


def test_what_an_interrupted_upgrade_left_at_work_is_thrown_away(
    filled: EmbeddedServer, old_programs: Path
) -> None:
    left = Supervision(filled.home, data=filled.home.upgraded)
    owner = filled.home.data.stat()
    user = ServerUser(owner.st_uid, owner.st_gid)
    cluster.create(binaries.keep(filled.home.programs), filled.home.upgraded, user)
    left.bring_up(lambda _: None)
    left.let_go()
    assert upgrade_major(filled.home, old_programs) is not None
    assert kept(filled) == [("ja",)]


def test_an_upgrade_interrupted_between_the_renames_is_finished(filled: EmbeddedServer) -> None:
    home = filled.home
    shutil.copytree(home.data, home.path / "data.of-18", symlinks=True)
    home.data.rename(home.upgraded)
    for act in (filled.start, filled.initialise):
        with pytest.raises(WrongMajor, match="brug upgrade"):
            act()
    assert upgrade_major(home) == home.path / "data.of-18"
    assert kept(filled) == [("ja",)]
