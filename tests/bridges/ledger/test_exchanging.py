# SPDX-License-Identifier: EUPL-1.2
"""Two nodes that follow each other's logs: neither can rewrite what it showed the other."""

from typing import Any

import psycopg
import pytest
from tests.bridges.ledger.conftest import Side, forged, know

from brug.bridges import identity
from brug.bridges.ledger import (
    exchanging,
    proving,
)
from brug.formats import ledger_proof, merkle, signed_note
from brug.formats.signed_note import BadNote
from brug.model.errors import Invalid


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
    # What is newer than what the partner countersigned takes nothing off a proof.
    (later,) = a.happened("two")
    with a.database.system() as session:
        proof, alone = proving.proof(session, entry), proving.proof(session, later)
    keys = []
    for side in sides:
        with side.database.system() as session:
            keys.append(identity.in_text(identity.current(session).public))
    proved = ledger_proof.check(proof, keys)
    assert [key.type for key in proved.signers] == [signed_note.ED25519, signed_note.COSIGNATURE]
    # The partner's key alone is enough for whoever trusts the partner.
    assert len(ledger_proof.check(proof, keys[1:]).signers) == 1
    assert [key.type for key in ledger_proof.check(alone, keys).signers] == [signed_note.ED25519]


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
