# SPDX-License-Identifier: EUPL-1.2
"""Entries get dense positions and provable places, whoever commits when."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from tests.bridges.ledger.conftest import Node

from brug.bridges import ledger
from brug.bridges.ledger import checkpoints, logs, sequencer, sequencing
from brug.directory import account_changes, organisations
from brug.formats import signed_note
from brug.model.errors import Forbidden, Invalid
from brug.store.failing import Crossed
from brug.store.home import Home
from brug.store.session import Database, Session

LONGEST_DELAY = 3.0  # seconds from commit to checkpoint, on a busy machine


def texts(session: Session, bridge: int | None = None) -> list[str]:
    """What the tests wrote, in the order of their positions in one log."""
    rows = session.all(
        "SELECT e.payload ->> 'text' FROM ledger_position p JOIN ledger_entry e USING (number)"
        " WHERE e.kind = 'test' AND e.bridge_id IS NOT DISTINCT FROM %s ORDER BY p.position",
        (bridge,),
    )
    return [text for (text,) in rows]


def assert_dense(session: Session) -> None:
    rows = session.all(
        "SELECT log_id, count(*), min(position), max(position) FROM ledger_position GROUP BY 1"
    )
    assert rows
    assert all((first, last) == (0, count - 1) for _, count, first, last in rows)


def test_entries_get_their_places_in_order_and_a_signed_checkpoint(node: Node) -> None:
    node.record("a", "b", "c")
    assert node.turn() > 3
    assert node.turn() == 0
    with node.database.system() as session:
        assert texts(session) == ["a", "b", "c"]
        assert_dense(session)
        log = logs.of(session)
        signed = checkpoints.newest(session, log)
        key, _ = checkpoints.signer(session, log.origin)
    assert signed_note.signers(signed.note, [key]) == [key]
    said = signed_note.read_checkpoint(signed.note.body)
    assert said.size == signed.size > 3
    assert log.origin.startswith("node.example/brug/ledger/")
    kept = checkpoints.kept_file(node.folder, 1).read_text()
    assert kept == signed.note.text


def test_a_transaction_that_commits_late_is_not_passed_over(node: Node) -> None:
    """Its number is lower than those that have their places already."""
    node.turn()
    with node.database.system() as late:
        ledger.record(late, "test", {"text": "late"})
        with node.database.system() as later:
            ledger.record(later, "test", {"text": "later"})
            node.record("first")
            assert node.turn() == 1
        assert node.turn() == 1
        node.record("between")
        assert node.turn() == 1
    assert node.turn() == 1
    with node.database.system() as session:
        assert texts(session) == ["first", "later", "between", "late"]
        assert_dense(session)


def test_what_is_rolled_back_leaves_no_trace_and_no_gap(node: Node) -> None:
    node.turn()

    with pytest.raises(Invalid), node.database.system() as session:  # noqa: PT012
        ledger.record(session, "test", {"text": "never"})
        raise Invalid("anything", "something else")
    node.record("after")
    assert node.turn() == 1
    with node.database.system() as session:
        assert texts(session) == ["after"]
        assert_dense(session)


def test_writers_do_not_wait_for_the_sequencer_nor_it_for_them(node: Node) -> None:
    node.turn()
    with node.database.system() as working, node.database.system() as writing:
        working.execute(sequencing.TREE_LOCK)
        ledger.record(writing, "test", {"text": "written meanwhile"})
        node.record("committed meanwhile")
    with node.database.system() as writing:
        ledger.record(writing, "test", {"text": "open"})
        assert node.turn() == 2


def test_two_sequencers_at_once_give_every_entry_one_place(node: Node, database_url: str) -> None:
    node.record(*(f"{n}" for n in range(20)))
    others = [Database(database_url, size=3).open() for _ in range(3)]
    errors: list[BaseException] = []

    def work(database: Database) -> None:
        try:
            for _ in range(15):
                with database.system() as session:
                    sequencing.extend(session, most=7)
                with database.system() as session:
                    checkpoints.sign_heads(session, node.folder)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(database,)) for database in others]
    for thread in threads:
        thread.start()
    node.record(*(f"{n}" for n in range(20, 60)))
    for thread in threads:
        thread.join()
    for database in others:
        database.close()
    assert errors == []
    node.turn()
    with node.database.system() as session:
        assert sorted(texts(session), key=int) == [f"{n}" for n in range(60)]
        assert_dense(session)
        assert session.value("SELECT count(*) FROM ledger_pending") == 0


def test_the_heads_of_bridges_are_entries_of_the_nodes_log(node: Node) -> None:
    one, _ = node.bridge("Zuidland")
    other, _ = node.bridge("Westland")
    node.record("to the south", "again", bridge=one)
    node.record("to the west", bridge=other)
    node.turn()
    with node.database.system() as session:
        assert texts(session, one) == ["to the south", "again"]
        assert_dense(session)
        for bridge, size in ((one, 2), (other, 1)):
            uuid = session.value("SELECT uuid FROM bridge WHERE id = %s", (bridge,))
            log = logs.of(session, uuid)
            assert log.origin == f"{logs.node_name(session)}/{uuid}"
            root = logs.edge(session, log).root().hex()
            said = {"origin": log.origin, "size": size, "root": root}
            heads = session.all("SELECT payload FROM ledger_entry WHERE kind = 'head'")
            assert (said,) in heads
            assert checkpoints.newest(session, log).size == size
        own = checkpoints.newest(session, logs.of(session))
        assert own.size == logs.size(session, logs.of(session))
    assert node.turn() == 0


def test_a_served_node_signs_within_a_bounded_delay(node: Node, database_url: str) -> None:
    home = Home(node.folder.parent)
    with ledger.Sequencer(database_url, home):
        for n in range(5):
            (made,) = node.record(f"{n}")
            begun = time.monotonic()
            while not node.value(
                "SELECT EXISTS (SELECT 1 FROM ledger_position p JOIN ledger_entry e USING (number)"
                " JOIN ledger_checkpoint c ON c.log_id = p.log_id AND c.size > p.position"
                " WHERE e.id = %s)",
                made,
            ):
                assert time.monotonic() - begun < LONGEST_DELAY


def test_further_rounds_run_alone_even_while_nothing_is_signed(
    node: Node, database_url: str
) -> None:
    home, done, inside = Home(node.folder.parent), threading.Event(), list[int]()
    node.turn()
    checkpoints.kept_file(node.folder, 1).unlink()
    node.record("not signed")

    def once(database: Database) -> float:
        inside.append(1)
        assert len(inside) == 1
        with sequencer.alone(database) as is_alone:
            assert not is_alone
        inside.pop()
        done.set()
        return 0.0

    with ledger.Sequencer(database_url, home, [once]), ledger.Sequencer(database_url, home, [once]):
        assert done.wait(LONGEST_DELAY)
        done.clear()
        assert done.wait(LONGEST_DELAY)
    assert node.value("SELECT count(*) FROM ledger_checkpoint") == 1


def test_a_further_round_that_fails_keeps_nobody_waiting(node: Node, database_url: str) -> None:
    done = threading.Event()

    failed: list[float] = []

    def fails(database: Database) -> float:
        failed.append(time.monotonic())
        raise Invalid("round", "one that works")

    def works(database: Database) -> float:
        done.set()
        return 0.1

    with ledger.Sequencer(database_url, Home(node.folder.parent), [fails, works]):
        for n in range(3):
            done.clear()
            assert done.wait(LONGEST_DELAY)
            node.record(f"{n}")
            begun = time.monotonic()
            while node.value("SELECT EXISTS (SELECT 1 FROM ledger_pending)"):
                assert time.monotonic() - begun < LONGEST_DELAY
    assert len(failed) == 1  # it is left alone for a while


# Who may what ---------------------------------------------------------------------


def people(node: Node) -> dict[str, int]:
    """An auditor and a releaser of the host, an ordinary user, somebody of another organisation."""
    made = {}
    with node.database.system() as session:
        other = organisations.add(session, {"name": "Elsewhere"}).id
        for name, rights, org in (
            ("auditor", ["auditor"], 1), ("releaser", ["release"], 1), ("user", ["add"], 1),
            ("foreign", ["auditor", "release"], other),
        ):  # fmt: skip
            role = session.value(
                "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (name, rights)
            )
            given = {"email": f"{name}@csirt.example", "org_id": org, "role_id": role}
            made[name] = account_changes.add(session, given).account.id
    return made


def test_entries_are_seen_by_whose_work_it_is(node: Node) -> None:
    bridge, account = node.bridge("Zuidland")
    node.record("of the node")
    node.record("of the bridge", bridge=bridge)
    node.turn()
    who = people(node) | {"site admin": 1, "partner": account}
    seen = {}
    for name, user_id in who.items():
        with node.database.as_user(user_id) as session:
            rows = session.all("SELECT payload ->> 'text' FROM ledger_entry WHERE kind = 'test'")
            logs_seen = session.value("SELECT count(*) FROM ledger_log")
            seen[name] = ({text for (text,) in rows}, logs_seen)
    both = {"of the node", "of the bridge"}
    assert seen == {
        "auditor": (both, 2), "site admin": (both, 2), "releaser": ({"of the bridge"}, 2),
        "user": (set(), 0), "foreign": (set(), 0), "partner": (set(), 0),
    }  # fmt: skip


def test_an_entry_says_who_recorded_it_whatever_they_say(node: Node) -> None:
    user_id = people(node)["user"]
    with node.database.as_user(user_id) as session:
        ledger.record(session, "test", {"text": "mine"})
        with session.as_system():
            ledger.record(session, "test", {"text": "noted by the node of what I did"})
    query = "SELECT array_agg(DISTINCT by_user) FROM ledger_entry WHERE kind = 'test'"
    assert node.value(query) == [user_id]
    for column in ("by_user", "recorded", "salt", "bridge_uuid", "erased"):
        with (
            pytest.raises(Forbidden),
            node.database.as_user(user_id) as session,
        ):
            session.execute(
                sql.SQL(
                    "INSERT INTO ledger_entry (kind, payload, {}) VALUES ('x', '{{}}', NULL)"
                ).format(sql.Identifier(column))
            )


COLUMN = {
    "ledger_log": "closed", "ledger_entry": "payload", "ledger_pending": "number",
    "ledger_position": "number", "ledger_node": "hash", "ledger_checkpoint": "note",
}  # fmt: skip
TABLES = list(COLUMN)
ALL_OF = {
    table: sql.SQL("SELECT array_agg(t::text) FROM {} t").format(sql.Identifier(table))
    for table in TABLES
}


@pytest.mark.parametrize("table", TABLES)
def test_nobody_changes_or_removes_what_is_in_the_ledger(node: Node, table: str) -> None:
    """A policy that lets nothing through raises nothing; a right that is missing does."""
    node.record("a", "b")
    node.turn()
    node.record("pending")
    before = node.value(ALL_OF[table])
    name = sql.Identifier(table)
    for user_id in (1, people(node)["auditor"]):
        for change in (
            sql.SQL("DELETE FROM {}").format(name),
            sql.SQL("UPDATE {} SET {} = NULL").format(name, sql.Identifier(COLUMN[table])),
        ):
            with (
                suppress(Forbidden),
                node.database.as_user(user_id) as session,
            ):
                assert session.execute(change).rowcount == 0
    kept = set(before or []) - set(node.value(ALL_OF[table]) or [])
    assert kept == set()


def test_a_site_admin_gives_no_positions_and_signs_nothing(node: Node) -> None:
    node.turn()
    with (
        pytest.raises(Forbidden),
        node.database.as_user(1) as session,
    ):
        session.execute("INSERT INTO ledger_checkpoint (log_id, size, note) VALUES (1, 999, 'x')")
    node.record("pending")
    with (
        pytest.raises(Forbidden),
        node.database.as_user(1) as session,
    ):
        sequencing.extend(session)


# What an entry may hold -----------------------------------------------------------


@pytest.mark.parametrize("value", [1.5, 2**53, "nul\0", "\ud800", b"x", {1: 2}, object()])
def test_what_would_not_come_back_as_it_was_is_refused(node: Node, value: object) -> None:
    with pytest.raises(Invalid, match="test"), node.database.system() as session:
        ledger.record(session, "test", {"inner": [value]})


@pytest.mark.parametrize("raw", ["1.5", "1e30", "-9007199254740992"])
def test_the_database_takes_no_number_that_readers_may_take_for_another(
    node: Node, raw: str
) -> None:
    with pytest.raises(Crossed, match="CheckViolation"), node.database.system() as session:
        session.execute(
            "INSERT INTO ledger_entry (kind, payload) VALUES ('x', %s)",
            (Jsonb({"a": [{"b": float(raw)}]}),),
        )


def test_an_entry_of_a_bridge_that_is_not_there_is_refused(node: Node) -> None:
    with pytest.raises(psycopg.errors.NoDataFound), node.database.system() as session:
        ledger.record(session, "test", {}, bridge_id=4711)


def test_entries_outlive_their_bridge(node: Node) -> None:
    bridge, _ = node.bridge("Zuidland")
    node.record("before", bridge=bridge)
    with node.database.system() as session:
        session.execute("DELETE FROM bridge WHERE id = %s", (bridge,))
    assert node.turn() > 0
    with node.database.system() as session:
        assert texts(session, bridge) == ["before"]


def test_salts_are_never_the_same(node: Node) -> None:
    node.record(*("the same",) * 30)
    assert node.value("SELECT count(DISTINCT salt) = count(*) FROM ledger_entry")
    made = node.value("SELECT id FROM ledger_entry LIMIT 1")
    assert isinstance(made, UUID)


def test_the_kept_file_is_for_the_nodes_account_alone(node: Node) -> None:
    node.turn()
    path: Path = checkpoints.kept_file(node.folder, 1)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_what_a_killed_writer_left_in_the_folder_is_in_nobodys_way(node: Node) -> None:
    node.turn()
    (node.folder / f".checkpoint-1.{os.getpid()}.part").write_text("half")
    node.record("more")
    node.turn()
    assert [path.name for path in node.folder.iterdir()] == ["checkpoint-1"]


def test_looking_for_what_has_grown_asks_as_often_however_many_logs_there_are(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.record("a")
    node.turn()
    asked = list[str]()
    execute = Session.execute

    def counting(self: Session, query: Any, params: Any = None) -> Any:
        asked.append(str(query))
        return execute(self, query, params)

    def looks() -> int:
        asked.clear()
        with monkeypatch.context() as patched, node.database.system() as session:
            patched.setattr(Session, "execute", counting)
            patched.setattr(Session, "all", lambda self, q, p=None: counting(self, q, p).fetchall())
            patched.setattr(
                Session, "value",
                lambda self, q, p=None: (counting(self, q, p).fetchone() or (None,))[0],
            )  # fmt: skip
            assert checkpoints.sign_heads(session, node.folder) == 0
        return len(asked)

    alone = looks()
    with node.database.system() as session:
        for _ in range(5):
            session.execute(
                "INSERT INTO ledger_log (bridge_uuid, generation, origin)"
                " VALUES (gen_random_uuid(), 1, gen_random_uuid()::text)"
            )
    assert looks() == alone
