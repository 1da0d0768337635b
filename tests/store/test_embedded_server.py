# SPDX-License-Identifier: EUPL-1.2
"""The life of a node's server: made, started, used by many, killed, found again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from brug.store import postmaster
from brug.store.cluster_files import (
    free_shared_memory,
    memory_settings,
    shared_memory_setting,
)
from brug.store.home import Home
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.server_errors import (
    AlreadySupervised,
    NotInitialised,
    ServerFailed,
    WrongMajor,
)

MIB = 1024 * 1024
Make = Callable[..., EmbeddedServer]


def ask(server: EmbeddedServer, question: str) -> object:
    with psycopg.connect(server.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall() if cursor.description else None


def test_a_server_runs_while_it_is_supervised_and_no_longer(make_server: Make) -> None:
    server = make_server()
    assert not server.running()
    with server:
        assert server.running()
        assert ask(server, "select 1") == [(1,)]
    assert not server.running()
    assert postmaster.processes_of(server.home.data) == []


def test_data_is_utf8_with_checksums_and_folds_case_of_every_script(make_server: Make) -> None:
    with make_server() as server:
        assert ask(server, "select lower('ПРИВЕТ'), upper('αθήνα')") == [("привет", "ΑΘΉΝΑ")]
        assert ask(server, "show data_checksums") == [("on",)]
        assert ask(server, "show server_encoding") == [("UTF8",)]
        found = ask(
            server, "select distinct datlocprovider::text, datlocale, datctype from pg_database"
        )
        assert found == [("b", "C.UTF-8", "C.UTF-8")]


def test_making_it_twice_keeps_what_is_there(make_server: Make) -> None:
    with make_server() as server:
        ask(server, "create table kept as select 1 as n")
    server.initialise()
    with server:
        assert ask(server, "select n from kept") == [(1,)]


def test_an_interrupted_making_is_done_again(make_server: Make, place: Path) -> None:
    (place / "node").mkdir(mode=0o700)
    Home(place / "node").create()
    half = place / "node" / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with make_server() as server:
        assert server.running()
    assert not half.exists()


def test_a_folder_without_database_says_what_makes_one(place: Path) -> None:
    home = Home(place / "empty")
    home.create()
    with pytest.raises(NotInitialised, match="brug init"):
        EmbeddedServer(home).start()


def test_verbs_start_the_server_and_the_last_one_stops_it(make_server: Make) -> None:
    server = make_server()
    with server.ensure():
        with EmbeddedServer(server.home).ensure() as other:
            pid = other.pid()
            assert pid == server.pid()
        assert server.pid() == pid
    assert not server.running()


def test_verbs_leave_a_supervised_server_alone(make_server: Make) -> None:
    with make_server() as server:
        pid = server.pid()
        with EmbeddedServer(server.home).ensure() as verb:
            assert verb.pid() == pid
        assert server.pid() == pid


def test_a_server_still_in_use_is_left_to_its_users(make_server: Make) -> None:
    server = make_server()
    server.start()
    with EmbeddedServer(server.home).ensure() as verb:
        server.stop()
        assert verb.running()
    assert not server.running()


def test_two_supervisors_are_one_too_many(make_server: Make) -> None:
    with make_server() as server, pytest.raises(AlreadySupervised):
        EmbeddedServer(server.home).start()


def test_what_was_committed_survives_a_killed_server_whose_recovery_is_shown(
    make_server: Make,
) -> None:
    server = make_server()
    heard: list[str] = []
    with server:
        ask(server, "create table kept (n int)")
        ask(server, "insert into kept select generate_series(1, 500000)")
        pid = server.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        server.start(heard.append)
        assert server.pid() != pid
        assert ask(server, "select count(*) from kept") == [(500000,)]
    assert any("redo" in line or "recovery" in line for line in heard), heard


def test_a_busy_orphan_of_a_killed_server_is_outwaited(make_server: Make) -> None:
    with make_server() as server, psycopg.connect(server.dsn(SUPERUSER, "postgres")) as busy:
        orphan = busy.info.backend_pid
        os.kill(orphan, signal.SIGSTOP)
        pid = server.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        heard: list[str] = []

        def wake(line: str) -> None:
            if not heard:
                os.kill(orphan, signal.SIGCONT)
            heard.append(line)

        server.start(wake)
        assert server.running()
        assert "waiting for processes of a database that was killed" in heard
        assert orphan not in postmaster.processes_of(server.home.data)


def test_the_server_of_a_killed_supervisor_is_taken_over(make_server: Make) -> None:
    server = make_server()
    text = (
        "import sys\nfrom brug.store.home import Home\n"
        "from brug.store.server import EmbeddedServer\n"
        "server = EmbeddedServer(Home(sys.argv[1]))\nserver.start()\n"
        "print(server.pid(), flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", text, str(server.home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        with pytest.raises(AlreadySupervised):
            server.start()
        supervisor.kill()
    server.start()
    assert server.pid() == pid
    server.stop()
    assert not server.running()
    assert postmaster.processes_of(server.home.data) == []


def test_a_stale_pid_file_that_names_a_live_process_stops_nobody(make_server: Make) -> None:
    server = make_server()
    found = server.home.data.stat()
    root = os.geteuid() == 0
    drop = {"user": found.st_uid, "group": found.st_gid} if root else {}
    with subprocess.Popen(["sleep", "600"], **drop) as bystander:  # type: ignore[call-overload]
        stale = server.home.data / "postmaster.pid"
        stale.write_text(f"{bystander.pid}\n{server.home.data}\n1700000000\n5432\n\n\n\n")
        os.chown(stale, found.st_uid, found.st_gid)
        server.home.run.mkdir(mode=0o700)
        os.chown(server.home.run, found.st_uid, found.st_gid)
        lock = server.home.run / ".s.PGSQL.5432.lock"
        lock.write_text(f"{bystander.pid}\n{server.home.data}\n1700000000\n5432\n")
        assert not server.running()
        with server:
            assert server.pid() != bystander.pid
            assert bystander.poll() is None
        assert bystander.poll() is None
        bystander.kill()


def test_data_of_another_major_version_is_refused_and_the_way_named(make_server: Make) -> None:
    server = make_server()
    (server.home.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(WrongMajor, match="brug upgrade"):
        server.start()
    assert (server.home.data / "PG_VERSION").read_text() == "17\n"


def test_a_server_that_will_not_start_is_quoted(make_server: Make) -> None:
    server = make_server()
    (server.home.config / "local.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ServerFailed, match="no_such_setting"):
        server.start()
    (server.home.config / "local.conf").write_text("work_mem = '9MB'\n")
    with server:
        assert ask(server, "show work_mem") == [("9MB",)]


def test_parallel_queries_work_without_shared_memory_of_the_system(make_server: Make) -> None:
    server = make_server()
    (server.home.config / "local.conf").write_text("dynamic_shared_memory_type = mmap\n")
    with server:
        ask(server, "create table many as select generate_series(1, 100000) as n")
        ask(server, "alter system set debug_parallel_query = on")
        ask(server, "select pg_reload_conf()")
        found = ask(server, "select count(*) from many a join many b using (n)")
        assert found == [(100000,)]


@pytest.mark.parametrize(
    ("free", "expected"),
    [(None, "mmap"), (0, "mmap"), (64 * MIB, "mmap"), (256 * MIB, "posix")],
)
def test_a_small_dev_shm_is_not_relied_upon(free: int | None, expected: str) -> None:
    assert shared_memory_setting(free) == {"dynamic_shared_memory_type": expected}


def test_an_absent_dev_shm_is_noticed(tmp_path: Path) -> None:
    assert free_shared_memory(tmp_path / "absent") is None
    assert free_shared_memory(tmp_path) is not None


@pytest.mark.parametrize(
    ("gib", "buffers", "cache"), [(1, "32MB", "512MB"), (24, "128MB", "12288MB")]
)
def test_memory_follows_the_machine_within_the_idle_limit(
    gib: int, buffers: str, cache: str
) -> None:
    found = memory_settings(gib * 1024 * MIB)
    assert found == {"shared_buffers": buffers, "effective_cache_size": cache}
