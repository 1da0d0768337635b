# SPDX-License-Identifier: EUPL-1.2
"""Whatever is changed behind the node's back is found: by its owner, in the database itself."""

from collections.abc import Callable, Iterator
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.bridges.ledger.conftest import Node

from brug.bridges.ledger import checkpoints, sequencing, verifying
from brug.formats import signed_note
from brug.store.session import Session

ENTRIES = 13


@pytest.fixture
def owner(database_url: str, node: Node) -> Iterator[psycopg.Connection]:
    """Whoever owns the tables, for whom no policy holds; the node has a ledger by then."""
    bridge, _ = node.bridge("Zuidland")
    node.record(*(f"{n}" for n in range(ENTRIES)), bridge=bridge)
    node.record(*(f"{n}" for n in range(ENTRIES)))
    node.turn()
    node.record("the last one")
    node.turn()
    with psycopg.connect(make_conninfo(database_url, user="brug_owner"), autocommit=True) as found:
        found.execute("SET search_path = brug")
        yield found


def problems(node: Node) -> list[str]:
    found = verifying.verify(node.database, node.folder)
    return [f"{one.origin}: {text}" for one in found for text in one.problems]


def test_an_untouched_ledger_is_in_order(node: Node, owner: psycopg.Connection) -> None:
    found = verifying.verify(node.database, node.folder)
    assert [one.problems for one in found] == [[], []]
    assert found[1].size == ENTRIES
    assert found[0].size == found[0].signed > ENTRIES
    assert found[0].checkpoints == 2


SEVENTH: LiteralString = (
    " WHERE number = (SELECT number FROM ledger_entry WHERE payload ->> 'text' = '7' LIMIT 1)"
)
BRIDGES: LiteralString = "(SELECT id FROM ledger_log WHERE bridge_uuid IS NOT NULL)"
_SWAP: LiteralString = (
    "UPDATE ledger_position p SET number = q.number, commitment = q.commitment"
    " FROM ledger_position q WHERE p.log_id = q.log_id AND p.position + q.position = 5"
    " AND p.position IN (2, 3)"
)
_CUT: LiteralString = (
    "DELETE FROM ledger_position WHERE (log_id, position) IN"
    " (SELECT log_id, max(position) FROM ledger_position GROUP BY 1)"
)
NOT_COMMITTED = "is not the one that was committed to"
CHANGES: dict[str, tuple[str, list[LiteralString]]] = {
    "a changed payload": (
        NOT_COMMITTED, ["UPDATE ledger_entry SET payload = '{\"text\": \"7!\"}'" + SEVENTH],
    ),
    "another author": (NOT_COMMITTED, ["UPDATE ledger_entry SET by_user = 4711" + SEVENTH]),
    "another time": (
        NOT_COMMITTED,
        ["UPDATE ledger_entry SET recorded = recorded + interval '1 millisecond'" + SEVENTH],
    ),
    "another kind": (NOT_COMMITTED, ["UPDATE ledger_entry SET kind = 'other'" + SEVENTH]),
    "another salt": (
        NOT_COMMITTED,
        ["UPDATE ledger_entry SET salt = set_byte(salt, 3, get_byte(salt, 3) # 1)" + SEVENTH],
    ),
    "a commitment with another bit": (
        "another hash",
        ["UPDATE ledger_position SET commitment = set_bit(commitment, 77, 1 -"
         " get_bit(commitment, 77)) WHERE position = 4 AND log_id = " + BRIDGES],
    ),
    "two entries in each other's place": (
        "another hash",
        [_SWAP],
    ),
    "the place of the last entry gone": (
        "entries were signed, and there are",
        [_CUT],
    ),
    "a place in the middle gone": (
        "position 5 is missing", ["DELETE FROM ledger_position WHERE position = 5"],
    ),
    "a stored subtree gone": (
        "subtrees are stored", ["DELETE FROM ledger_node WHERE level = 2 AND index = 1"],
    ),
    "a stored subtree too many": (
        "subtrees are stored",
        ["INSERT INTO ledger_node SELECT log_id, 9, 9, hash FROM ledger_node LIMIT 1"],
    ),
    "a checkpoint of another size": (
        "is one of", ["UPDATE ledger_checkpoint SET size = size - 1 WHERE log_id = " + BRIDGES],
    ),
    "the log of a bridge gone": (
        "is gone",
        ["DELETE FROM ledger_checkpoint WHERE log_id = " + BRIDGES,
         "DELETE FROM ledger_position WHERE log_id = " + BRIDGES,
         "DELETE FROM ledger_node WHERE log_id = " + BRIDGES,
         "DELETE FROM ledger_log WHERE bridge_uuid IS NOT NULL"],
    ),
    "an entry that waits for nothing": (
        "has no place and waits for none",
        ["INSERT INTO ledger_entry (kind, payload) VALUES ('x', '{}')",
         "DELETE FROM ledger_pending"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_found(node: Node, owner: psycopg.Connection, change: str) -> None:
    said, statements = CHANGES[change]
    owner.execute("ALTER TABLE ledger_position DROP CONSTRAINT ledger_position_number_log_id_key")
    for statement in statements:
        assert owner.execute(statement).rowcount, statement
    assert any(said in text for text in problems(node)), problems(node)


def test_every_flipped_bit_of_every_stored_subtree_is_found(
    node: Node, owner: psycopg.Connection
) -> None:
    nodes = owner.execute("SELECT log_id, level, index FROM ledger_node").fetchall()
    assert len(nodes) > ENTRIES
    for place, (log_id, level, index) in enumerate(nodes):
        flip = (
            "UPDATE ledger_node SET hash = set_bit(hash, %(bit)s, 1 - get_bit(hash, %(bit)s))"
            " WHERE log_id = %(log)s AND level = %(level)s AND index = %(index)s"
        )
        given = {"bit": place * 37 % 256, "log": log_id, "level": level, "index": index}
        owner.execute(flip, given)
        assert any(f"subtree {level}/{index} has another" in text for text in problems(node))
        owner.execute(flip, given)
    assert problems(node) == []


@pytest.mark.parametrize("of_bridge", [True, False])
def test_a_tree_that_was_computed_anew_over_a_changed_entry_is_not_what_was_signed(
    node: Node, owner: psycopg.Connection, of_bridge: bool
) -> None:
    """The owner of the database makes all of it fit, but for what was signed and kept."""
    owner.execute(
        'UPDATE ledger_entry SET payload = \'{"text": "rewritten"}\''
        " WHERE payload ->> 'text' = '7' AND (bridge_id IS NOT NULL) = %s",
        (of_bridge,),
    )
    owner.execute("DELETE FROM ledger_position")
    owner.execute("DELETE FROM ledger_node")
    owner.execute("INSERT INTO ledger_pending SELECT number FROM ledger_entry")
    with node.database.system() as session:
        sequencing.extend(session)
    assert any("has another root" in text for text in problems(node))
    node.record("one more")
    node.record("one more", bridge=1)
    with pytest.raises(checkpoints.SigningStopped, match="are not those signed"):
        node.turn()


def test_a_checkpoint_under_another_signature_is_found(
    node: Node, owner: psycopg.Connection
) -> None:
    note = node.value("SELECT note FROM ledger_checkpoint ORDER BY log_id, size DESC LIMIT 1")
    wrong = signed_note.parse(note)
    line = wrong.lines[0]
    changed = signed_note.Line(line.name, line.key_id, line.signature[::-1])
    forged = signed_note.Note(wrong.body, (changed,)).text
    owner.execute("UPDATE ledger_checkpoint SET note = %s WHERE note = %s", (forged, note))
    assert any("the signature of" in text for text in problems(node))


Break = Callable[[Node], None]


def without_file(node: Node) -> None:
    checkpoints.kept_file(node.folder, 1).unlink()


def with_a_later_generation(node: Node) -> None:
    checkpoints.kept_file(node.folder, 2).write_text("whatever")


def with_a_broken_file(node: Node) -> None:
    checkpoints.kept_file(node.folder, 1).write_text("whatever")


def with_a_larger_tree_in_the_file(node: Node) -> None:
    path = checkpoints.kept_file(node.folder, 1)
    origin, size, *rest = path.read_text().split("\n")
    path.write_text("\n".join((origin, str(int(size) + 100), *rest)))


def with_anothers_file(node: Node) -> None:
    path = checkpoints.kept_file(node.folder, 1)
    path.write_text("another.example" + path.read_text())


def with_an_older_file(node: Node) -> None:
    path = checkpoints.kept_file(node.folder, 1)
    before = node.value(
        "SELECT note FROM ledger_checkpoint JOIN ledger_log ON id = log_id"
        " WHERE bridge_uuid IS NULL ORDER BY size LIMIT 1"
    )
    path.write_text(before)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (without_file, "is missing"), (with_a_later_generation, "does not have"),
        (with_a_broken_file, "cannot be read"), (with_a_larger_tree_in_the_file, "there are"),
        (with_anothers_file, "is of another"), (with_an_older_file, "were signed"),
    ],
)  # fmt: skip
def test_nothing_is_signed_where_the_kept_file_says_something_else(
    node: Node, owner: psycopg.Connection, broken: Break, said: str
) -> None:
    broken(node)
    assert any(said in text for text in problems(node)), problems(node)
    node.record("one more")
    before = node.value("SELECT count(*) FROM ledger_checkpoint")
    with pytest.raises(checkpoints.SigningStopped, match=said):
        node.turn()
    assert node.value("SELECT count(*) FROM ledger_checkpoint") == before
    # What is recorded gets its place all the same, and nobody who writes notices.
    assert node.value("SELECT count(*) FROM ledger_pending") == 0


def test_verifying_waits_for_nobody_and_nobody_for_it(
    node: Node, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger goes on while it is verified, and what was added meanwhile is no problem."""
    looked_at = checkpoints.own_keys

    def slowly(session: Session, name: str) -> list[signed_note.Key]:
        node.record("meanwhile")
        assert node.turn() == 1
        return looked_at(session, name)

    monkeypatch.setattr(checkpoints, "own_keys", slowly)
    assert problems(node) == []
    assert node.value("SELECT count(*) FROM ledger_entry WHERE payload ->> 'text' = 'meanwhile'")
