# SPDX-License-Identifier: EUPL-1.2
"""Two nodes that follow each other's logs: neither can rewrite what it showed the other."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.bridges.ledger.conftest import Node, made
from tests.conftest import copied

from brug.bridges import identity, partners
from brug.bridges.ledger import (
    checkpoints,
    exchanging,
    logs,
    partner_logs,
    proving,
    reopening,
    sequencing,
    verifying,
)
from brug.bridges.partners import BridgeRow
from brug.formats import ledger_proof, merkle, signed_note
from brug.formats.signed_note import BadNote, Checkpoint
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.store.sealing import VARIABLE
from brug.store.server import EmbeddedServer


class Side(Node):
    """A node with one bridge to the other."""

    def __init__(self, url: str, folder: Path, name: str) -> None:
        super().__init__(made(url, name), folder)
        self.url = url
        self.bridge_id, self.account_id = self.bridge("Partner")

    @property
    def row(self) -> BridgeRow:
        with self.database.system() as session:
            return partners.view(session, self.bridge_id)

    def happened(self, *texts: str) -> list[UUID]:
        done = self.record(*texts, bridge=self.bridge_id)
        self.turn()
        return done

    def hear(self, said: dict[str, Any]) -> dict[str, Any]:
        with self.database.system() as session:
            return exchanging.answer(session, self.row, said)

    def say(self, since: int | None = None) -> dict[str, Any]:
        with self.database.system() as session:
            return exchanging.told(session, self.row, since)

    def theirs(self) -> partner_logs.PartnerLog:
        with self.database.system() as session:
            return partner_logs.followed(session, self.row)[0]

    def meet(self, other: "Side") -> str:
        return exchanging.synchronise(self.database, self.row, other.hear)

    def covered(self) -> int:
        """Up to which size the partner stands for this side's log."""
        with self.database.system() as session:
            return exchanging.countersigned(session, logs.of(session, self.row.uuid).id)

    def evidence(self) -> list[partner_logs.Evidence]:
        with self.database.system() as session:
            return partner_logs.evidence(session, self.row)


@pytest.fixture
def sides(
    embedded: EmbeddedServer, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Side, Side]]:
    (tmp_path / "keys").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "keys"))
    with copied(embedded, template) as one, copied(embedded, template) as other:
        a = Side(one, tmp_path / "a", "CSIRT Noordland")
        b = Side(other, tmp_path / "b", "CERT Zuidland")
        for mine, theirs in ((a, b), (b, a)):
            know(mine, theirs)
        with b.database.system() as session:
            session.execute("UPDATE bridge SET uuid = %s", (a.row.uuid,))
        yield a, b
        a.database.close()
        b.database.close()


def know(mine: Side, theirs: Side) -> None:
    """Holds the partner's keys."""
    with theirs.database.system() as session:
        keys = identity.public_keys(session)
    with mine.database.system() as session:
        for key in keys:
            partners.hold_key(session, mine.row.partner_id, key)


def forged(side: Side, size: int, root: bytes) -> signed_note.Note:
    """Another checkpoint under the node's own key."""
    with side.database.system() as session:
        origin = logs.of(session, side.row.uuid).origin
        key, sign = checkpoints.signer(session, origin)
        return signed_note.make(Checkpoint(origin, size, root).text, key, sign)


def test_each_countersigns_what_goes_on_from_before(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one", "two")
    b.happened("of the other side")
    assert a.meet(b) == ""
    assert b.theirs().size == 2
    assert a.theirs().size == 1
    assert a.covered() == 2
    # The line on the checkpoint of the answer comes with what is said next.
    assert b.covered() == 0
    a.happened("three", "four", "five")
    assert a.meet(b) == ""
    assert (b.theirs().size, a.covered(), b.covered()) == (5, 5, 1)
    # Nothing new: nothing is countersigned twice.
    assert b.meet(a) == ""
    assert b.value("SELECT count(*) FROM partner_checkpoint") == 2


def test_a_proof_shows_both_signatures(sides: tuple[Side, Side]) -> None:
    a, b = sides
    (entry,) = a.happened("one")
    a.meet(b)
    with a.database.system() as session:
        proof = proving.proof(session, entry)
    keys = []
    for side in sides:
        with side.database.system() as session:
            keys.append(identity.in_text(identity.current(session).public))
    proved = ledger_proof.check(proof, keys)
    assert [key.type for key in proved.signers] == [signed_note.ED25519, signed_note.COSIGNATURE]
    # The partner's key alone is enough for whoever trusts the partner.
    assert len(ledger_proof.check(proof, keys[1:]).signers) == 1


def test_a_fork_is_not_countersigned_and_is_kept_as_evidence(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one", "two", "three")
    a.meet(b)
    fork = merkle.Edge()
    for text in (b"one", b"two!", b"three", b"four"):
        fork.append(merkle.leaf_hash(text))
    note = forged(a, 4, fork.root())
    answer = b.hear({"kind": "checkpoint", "note": note.text, "since": 3, "proof": []})
    assert "does not go on" in answer["problem"]
    (kept,) = b.evidence()
    assert kept.given == note.text
    assert signed_note.read_checkpoint(signed_note.parse(kept.held).body).size == 3
    assert b.theirs().size == 3
    assert b.value("SELECT count(*) FROM ledger_entry WHERE kind = 'conflict'") == 1
    # From now on nothing of that log is countersigned, the true one neither.
    a.happened("four")
    assert a.meet(b) == ""
    assert a.covered() == 3
    assert len(b.evidence()) == 1
    assert "forked before" in b.hear(a.say())["problem"]


def test_another_root_of_a_size_that_was_countersigned_is_evidence(
    sides: tuple[Side, Side],
) -> None:
    a, b = sides
    for text in ("one", "two", "three"):
        a.happened(text)
        a.meet(b)
    note = forged(a, 2, merkle.leaf_hash(b"other"))
    answer = b.hear({"kind": "checkpoint", "note": note.text, "since": 3, "proof": []})
    assert "same size" in answer["problem"]
    assert len(b.evidence()) == 1


def test_an_older_checkpoint_that_was_long_on_its_way_is_no_fork(
    sides: tuple[Side, Side],
) -> None:
    a, b = sides
    a.happened("one")
    old = a.say()
    b.hear(old)
    a.happened("two")
    b.hear(a.say(1))
    assert b.hear(old)["problem"] == ""
    assert b.evidence() == []
    assert b.theirs().size == 2


def test_a_checkpoint_under_no_valid_key_of_the_partner_is_refused(
    sides: tuple[Side, Side],
) -> None:
    a, b = sides
    a.happened("one")
    said = a.say()
    with b.database.system() as session:
        session.execute("UPDATE partner_key SET revoked = now()")
    with pytest.raises(BadNote, match="none of the known keys"):
        b.hear(said)
    assert b.value("SELECT count(*) FROM partner_log") == 0


def test_a_new_key_of_the_partner_signs_on(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one")
    a.meet(b)
    with a.database.system() as session:
        identity.rotate(session)
    know(b, a)
    a.happened("two")
    assert a.meet(b) == ""
    assert (b.theirs().size, a.covered()) == (2, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"note": 5}, {"note": "x"}, {"proof": "x"}, {"proof": [5]}, {"proof": ["!"]},
        {"proof": ["AAAA"] * 200}, {"line": 7}, {"line": "x"}, {"note": "y" * 100_000},
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_message_is_refused(
    sides: tuple[Side, Side], change: dict[str, Any]
) -> None:
    a, b = sides
    a.happened("one")
    b.happened("one")
    with pytest.raises((Invalid, BadNote)):
        b.hear(a.say() | change)
    assert b.value("SELECT count(*) FROM partner_checkpoint") == 0


def test_a_line_that_is_not_the_partners_is_not_kept(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one")
    b.happened("one")
    a.meet(b)
    line = a.theirs().line
    wrong = signed_note.read_line(line)
    changed = signed_note.Line(wrong.name, wrong.key_id, wrong.signature[::-1])
    b.hear({"kind": "checkpoint", "line": changed.text})
    assert b.covered() == 0
    b.hear({"kind": "checkpoint", "line": line})
    assert b.covered() == 1


def test_a_proof_that_begins_elsewhere_is_asked_for_again(sides: tuple[Side, Side]) -> None:
    """What we think that the partner holds and what it holds need not be the same."""
    a, b = sides
    a.happened("one", "two")
    b.hear(a.say())
    assert a.covered() == 0  # the answer was lost on its way
    a.happened("three")
    assert a.meet(b) == ""
    assert (b.theirs().size, a.covered()) == (3, 3)
    assert b.evidence() == []


def test_two_exchanges_at_once_countersign_no_two_branches(sides: tuple[Side, Side]) -> None:
    a, b = sides
    a.happened("one")
    a.meet(b)
    with b.database.system() as session:
        exchanging.heard(session, b.row, {"kind": "checkpoint"})
        with psycopg.connect(b.url) as other:
            row = other.execute(
                "SELECT pg_try_advisory_xact_lock(hashtext('brug.partner_log'), %s)",
                (b.bridge_id,),
            ).fetchone()
    assert row == (False,)


# A node that was brought back from a backup ----------------------------------------


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
    bring_back(a, 2)
    a.record("after the restore", bridge=a.bridge_id)
    with pytest.raises(checkpoints.SigningStopped):
        a.turn()
    with pytest.raises(checkpoints.SigningStopped):
        a.turn()
    reopen(a, held.note)
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
