# SPDX-License-Identifier: EUPL-1.2
"""A node that was restored: what it signed is remembered by its folder and its partners."""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.bridges.ledger.conftest import Side

from brug.bridges.ledger import (
    checkpoints,
    logs,
    partner_logs,
    proving,
    reopening,
    sequencing,
    verifying,
)
from brug.formats import ledger_proof, signed_note
from brug.formats.signed_note import BadNote, Checkpoint
from brug.model.errors import Forbidden, Invalid, NotFound


@contextlib.contextmanager
def as_owner(side: Side) -> Iterator[psycopg.Connection]:
    with psycopg.connect(make_conninfo(side.url, user="brug_owner"), autocommit=True) as found:
        found.execute("SET search_path = brug")
        yield found


def bring_back(side: Side, to: int) -> None:
    """Takes the database back to when its bridge's log had some size, as a restore does."""
    with as_owner(side) as owner:
        number = side.value(
            "SELECT max(number) FROM ledger_entry WHERE kind = 'head'"
            " AND (payload ->> 'size')::int <= %s",
            to,
        )
        for log_id, last in owner.execute(
            "SELECT log_id, count(*) FILTER (WHERE number <= %s) FROM ledger_position GROUP BY 1",
            (number,),
        ).fetchall():
            owner.execute(
                "DELETE FROM ledger_countersignature WHERE log_id = %s AND size > %s",
                (log_id, last),
            )
            owner.execute(
                "DELETE FROM ledger_checkpoint WHERE log_id = %s AND size > %s", (log_id, last)
            )
            owner.execute(
                "DELETE FROM ledger_position WHERE log_id = %s AND position >= %s", (log_id, last)
            )
            owner.execute(
                "DELETE FROM ledger_node WHERE log_id = %s AND (index + 1) << level > %s",
                (log_id, last),
            )
        owner.execute("DELETE FROM ledger_pending")
        owner.execute("DELETE FROM ledger_entry WHERE number > %s", (number,))


def reopen(side: Side, *known: str) -> None:
    with side.database.system() as session:
        reopening.reopen(session, side.folder, "restored from yesterday's backup", 1, known)
    side.turn()


def test_a_restored_node_signs_nothing_until_it_is_reopened_and_accepted(
    sides: tuple[Side, Side],
) -> None:
    a, b = sides
    a.happened("yesterday", "yesterday too")
    a.meet(b)
    a.happened("today", "today too")
    a.meet(b)
    held = b.theirs()
    assert held.size == 4
    with b.database.system() as session:
        handed = partner_logs.countersigned(session, held.origin)
        assert partner_logs.countersigned(session, "elsewhere.example/ledger/1") is None
        assert partner_logs.origins(session) == [held.origin]
    assert handed is not None
    bring_back(a, 2)
    a.record("after the restore", bridge=a.bridge_id)
    with pytest.raises(checkpoints.SigningStopped):
        a.turn()
    with pytest.raises(checkpoints.SigningStopped):
        a.turn()
    reopen(a, handed.text)
    with a.database.system() as session:
        log = logs.of(session, a.row.uuid)
        first = session.value(
            "SELECT payload FROM ledger_position JOIN ledger_entry USING (number)"
            " WHERE log_id = %s AND position = 0",
            (log.id,),
        )
        assert [one.problems for one in verifying.verify(a.database, a.folder)] == [[]] * 4
    assert log.generation == 2
    assert (first["origin"], first["size"]) == (held.origin, 4)
    assert first["reason"] == "restored from yesterday's backup"
    # At the partner a person sees why before anything is countersigned.
    assert "a person here" in b.hear(a.say())["problem"]
    waiting = b.theirs()
    assert (waiting.origin, waiting.accepted, waiting.size) == (log.origin, None, 0)
    assert waiting.opening == first
    with pytest.raises(Forbidden), b.database.as_user(b.account_id) as session:
        partner_logs.accept(session, b.row, waiting.id)
    with b.database.as_user(1) as session:
        partner_logs.accept(session, b.row, waiting.id)
    with pytest.raises(NotFound), b.database.as_user(1) as session:
        partner_logs.accept(session, b.row, waiting.id)
    assert a.meet(b) == ""
    assert a.covered() == b.theirs().size == 2  # the opening, and what came after the restore
    assert b.evidence() == []


def test_a_node_whose_folder_was_brought_back_as_well_is_told_by_its_partner(
    sides: tuple[Side, Side],
) -> None:
    """A snapshot of the whole machine: database and file agree, and both have forgotten."""
    a, b = sides
    a.happened("yesterday", "yesterday too")
    a.meet(b)
    kept = checkpoints.kept_file(a.folder, 1).read_text()
    a.happened("today", "today too")
    a.meet(b)
    bring_back(a, 2)
    checkpoints.kept_file(a.folder, 1).write_text(kept)
    assert a.turn() == 0  # nothing here says that anything is missing
    a.meet(b)
    a.record("after the restore", bridge=a.bridge_id)
    with pytest.raises(checkpoints.SigningStopped, match="a partner holds a checkpoint of 4"):
        a.turn()
    reopen(a)
    with a.database.system() as session:
        log = logs.of(session, a.row.uuid)
        first = session.value(
            "SELECT payload FROM ledger_position JOIN ledger_entry USING (number)"
            " WHERE log_id = %s AND position = 0",
            (log.id,),
        )
    assert (first["size"], first["checkpoint"]) == (4, b.theirs().note)
    assert b.evidence() == []
    # Told of the old log once more, it goes on.
    a.meet(b)
    a.happened("goes on")


def test_a_checkpoint_that_this_node_never_signed_stops_nothing(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one")
    b.happened("one")
    with a.database.system() as session:
        origin = logs.of(session, a.row.uuid).origin
    with b.database.system() as session:
        key, sign = checkpoints.signer(session, origin)
    lie = signed_note.make(Checkpoint(origin, 99, bytes(32)).text, key, sign).text
    a.hear({"kind": "checkpoint", "holds": {"origin": origin, "size": 99, "note": lie}})
    a.happened("two")
    with pytest.raises((Invalid, BadNote)):
        a.hear({"kind": "checkpoint", "holds": {"origin": origin, "size": 99, "note": 5}})


def test_a_new_log_without_its_opening_is_refused(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one")
    a.meet(b)
    checkpoints.kept_file(a.folder, 1).unlink()
    reopen(a)
    said = a.say()
    for change in ({"opening": None}, {"opening": "x"}):
        with pytest.raises((Invalid, ledger_proof.BadProof)):
            b.hear(said | change)
    assert b.theirs().size == 1


def test_reopening_gives_what_was_not_signed_a_new_place(sides: tuple[Side, Side]) -> None:
    a, _ = sides
    a.happened("signed")
    shutil.rmtree(a.folder)
    (unsigned,) = a.record("placed, and never signed", bridge=a.bridge_id)
    with pytest.raises(checkpoints.SigningStopped):
        a.turn()
    reopen(a)
    with a.database.system() as session:
        placed = proving.entry(session, unsigned)
        assert placed.provable
        assert placed.log is not None
        assert placed.log.generation == 2
        assert [one.problems for one in verifying.verify(a.database, a.folder)] == [[]] * 4
    assert a.turn() == 0


def test_a_backup_that_does_not_know_of_the_last_break_takes_no_name_twice(
    sides: tuple[Side, Side],
) -> None:
    a, b = sides
    a.happened("one")
    a.meet(b)
    checkpoints.kept_file(a.folder, 1).unlink()
    reopen(a)
    with a.database.system() as session:
        second = checkpoints.newest(session, logs.of(session))
    with as_owner(a) as owner:  # as before the break, and the folder is of after it
        for table in ("countersignature", "checkpoint", "position", "node"):
            owner.execute(
                psycopg.sql.SQL(
                    "DELETE FROM {} WHERE log_id IN"
                    " (SELECT id FROM ledger_log WHERE generation = 2)"
                ).format(psycopg.sql.Identifier(f"ledger_{table}"))
            )
        owner.execute("DELETE FROM ledger_log WHERE generation = 2")
        owner.execute("DELETE FROM ledger_pending")
        owner.execute(
            "DELETE FROM ledger_entry WHERE number NOT IN (SELECT number FROM ledger_position)"
        )
        owner.execute("UPDATE ledger_log SET closed = NULL")
    a.record("more")
    with pytest.raises(checkpoints.SigningStopped, match="does not have"):
        a.turn()
    reopen(a)
    with a.database.system() as session:
        log = logs.of(session)
        first = session.value(
            "SELECT payload FROM ledger_position JOIN ledger_entry USING (number)"
            " WHERE log_id = %s AND position = 0",
            (log.id,),
        )
    assert log.generation == 3
    assert first["origin"] == signed_note.read_checkpoint(second.note.body).origin
    assert first["origin"] != log.origin


def test_a_checkpoint_of_somebody_else_is_not_taken_for_ours(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one")
    b.happened("one")
    with b.database.system() as session:
        key, sign = checkpoints.signer(session, "x")
    with a.database.system() as session:
        origin = logs.of(session).origin
    named = signed_note.Key(origin, key.public)
    wrong = signed_note.make(Checkpoint(origin, 99, bytes(32)).text, named, sign)
    with pytest.raises(BadNote):
        reopen(a, wrong.text)
    for reason in ("", "x" * 501):
        with pytest.raises(Invalid), a.database.system() as session:
            reopening.reopen(session, a.folder, reason, 1)
    with a.database.system() as session:
        assert logs.of(session).generation == 1
        assert sequencing.extend(session) == 0


def test_what_came_since_the_backup_is_asked_for_whenever_the_logs_are_reopened(
    sides: tuple[Side, Side],
) -> None:
    """Not since the last entry: a restored node records on, and is reopened days later."""
    a, _ = sides
    a.happened("before the backup")
    with a.database.system() as session:
        session.execute(
            "INSERT INTO channel (bridge_id, authentication_string, version, told_key, told)"
            " VALUES (%s, '', 1, '', '') ON CONFLICT DO NOTHING",
            (a.bridge_id,),
        )
    with as_owner(a) as owner:
        owner.execute("UPDATE ledger_checkpoint SET at = at - interval '10 days'")
    a.record("after the restore", bridge=a.bridge_id)
    with a.database.system() as session:
        signed = session.value("SELECT max(at) FROM ledger_checkpoint")
        reopening.reopen(session, a.folder, "restored from a backup", 1)
        missed = session.value(
            "SELECT missed_since FROM channel WHERE bridge_id = %s", (a.bridge_id,)
        )
    assert missed == signed - timedelta(hours=1)
