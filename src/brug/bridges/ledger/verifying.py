# SPDX-License-Identifier: EUPL-1.2
"""Whether the ledger is what was signed: all of it, computed anew from the entries.

1. Positions are dense, and what each holds is the commitment to its entry.
2. Every stored subtree has the hash that follows from the leaves.
3. Every checkpoint has the root of the tree at its size and a signature of this node.
4. Every head of a bridge in the node's log is what that bridge's log was.
5. Every entry has its place or waits for one; the kept file is of this tree.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from brug.bridges.ledger import checkpoints, logs
from brug.bridges.ledger.entries import Entry
from brug.bridges.ledger.logs import Log
from brug.bridges.ledger.proving import ENTRY
from brug.bridges.ledger.sequencing import TREE_LOCK
from brug.formats import merkle, signed_note
from brug.formats.merkle import Edge, Node
from brug.formats.signed_note import BadNote
from brug.store.session import Database, Session

CHUNK = 5000
MOST_PROBLEMS = 20  # of a log: what follows a first one says little more


class Verified(msgspec.Struct):
    """What was found of a log; nothing is wrong where `problems` is empty."""

    origin: str
    size: int = 0
    signed: int = 0
    checkpoints: int = 0
    erased: int = 0
    problems: list[str] = msgspec.field(default_factory=list)

    def wrong(self, text: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(text)


Heads = dict[str, dict[int, str]]  # what the node's log says of others: root by size


def verify(database: Database, folder: Path) -> list[Verified]:
    """One finding a log, the node's first; nothing is changed, and nobody waits for it."""
    with database.system() as session:
        session.execute(TREE_LOCK)  # file and tree do not go on between the looks at both
        why = checkpoints.problem(session, folder)
    with database.system() as session:
        # One view of all tables, however long it takes, while the ledger goes on.
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        session.execute("SET LOCAL statement_timeout = 0")
        found, whole = _of_all(session), Verified("all logs")
        for text in (*_lost(session), why):
            if text:
                whole.wrong(text)
    return [*found, whole] if whole.problems else found


def _of_all(session: Session) -> list[Verified]:
    heads: Heads = defaultdict(dict)
    found = [_of_log(session, log, heads) for log in logs.every(session)]
    for origin in heads.keys() - {one.origin for one in found}:
        found[0].wrong(f"the log {origin} is gone, and the node's log names its head")
    return found


def _lost(session: Session) -> list[str]:
    rows = session.all(
        "SELECT id FROM ledger_entry e"
        " WHERE NOT EXISTS (SELECT 1 FROM ledger_position p WHERE p.number = e.number)"
        " AND NOT EXISTS (SELECT 1 FROM ledger_pending p WHERE p.number = e.number) LIMIT 10"
    )
    return [f"entry {entry_id} has no place and waits for none" for (entry_id,) in rows]


def _of_log(session: Session, log: Log, heads: Heads) -> Verified:
    said = Verified(log.origin)
    walk = _Walk(session, log, said, heads.get(log.origin, {}))
    for entry, position, commitment in _positions(session, log):
        if position != walk.edge.size:
            said.wrong(f"position {walk.edge.size} is missing")
            break
        _look_at(entry, position, commitment, said)
        if entry and entry.kind == "head" and entry.payload and log.bridge_uuid is None:
            head = entry.payload
            heads[str(head["origin"])][int(head["size"])] = str(head["root"])
        walk.append(commitment)
    walk.end()
    return said


def _look_at(entry: Entry | None, position: int, commitment: bytes, said: Verified) -> None:
    if entry is None:
        said.wrong(f"the entry at position {position} is gone")
    elif entry.erased:
        said.erased += 1
    elif entry.commitment != commitment:
        said.wrong(f"the entry at position {position} is not the one that was committed to")


def _positions(session: Session, log: Log) -> Iterator[tuple[Entry | None, int, bytes]]:
    last, count = -1, CHUNK
    while count == CHUNK:
        rows = session.all(
            "SELECT p.position, p.commitment, " + ENTRY + " FROM ledger_position p"
            " LEFT JOIN ledger_entry e USING (number) WHERE p.log_id = %s AND p.position > %s"
            " ORDER BY p.position LIMIT %s",
            (log.id, last, CHUNK),
        )
        count = len(rows)
        for position, commitment, *row in rows:
            last = position
            yield (Entry(*row) if row[0] is not None else None), position, bytes(commitment)


class _Walk:
    """The tree as it grows again, beside what is stored, signed and noted of it."""

    def __init__(self, session: Session, log: Log, said: Verified, heads: dict[int, str]) -> None:
        self._session, self._log, self._said, self._heads = session, log, said, heads
        self._signed = _checkpoints(session, log, said)
        self._stored: dict[Node, bytes] = {}
        self.edge = Edge()

    def append(self, commitment: bytes) -> None:
        if self.edge.size % CHUNK == 0:
            self._stored = self._fetched(self.edge.size, self.edge.size + CHUNK)
        _, *completed = self.edge.append(merkle.leaf_hash(commitment))
        for node, held in completed:
            if self._stored.get(node) != held:
                self._said.wrong(f"the stored subtree {node.level}/{node.place} has another hash")
        size = self.edge.size
        if size in self._signed and self.edge.root() != self._signed[size]:
            self._said.wrong(f"the checkpoint of {size} entries has another root")
        if size in self._heads and self.edge.root().hex() != self._heads[size]:
            self._said.wrong(f"the node's log names another root of {size} entries")

    def end(self) -> None:
        size = self._said.size = self.edge.size
        for more in sorted(one for one in {*self._signed, *self._heads} if one > size):
            self._said.wrong(f"{more} entries were signed, and there are {size}")
        inner = sum(size >> level for level in range(1, size.bit_length()))
        stored = self._session.value(
            "SELECT count(*) FROM ledger_node WHERE log_id = %s", (self._log.id,)
        )
        if stored != inner:
            self._said.wrong(f"{stored} subtrees are stored, and there should be {inner}")

    def _fetched(self, start: int, end: int) -> dict[Node, bytes]:
        """The stored subtrees whose last leaf is one of these."""
        rows = self._session.all(
            "SELECT n.level, n.index, n.hash FROM generate_series(1, 62) AS l (level)"
            " JOIN ledger_node n ON n.level = l.level AND n.log_id = %s"
            " AND n.index >= (%s::bigint >> l.level) AND n.index < (%s::bigint >> l.level)",
            (self._log.id, start, end),
        )
        return {Node(level, place): bytes(held) for level, place, held in rows}


def _checkpoints(session: Session, log: Log, said: Verified) -> dict[int, bytes]:
    """The root by size, of checkpoints that are this node's."""
    keys = checkpoints.own_keys(session, log.origin)
    rows = session.all("SELECT size, note FROM ledger_checkpoint WHERE log_id = %s", (log.id,))
    said.checkpoints = len(rows)
    roots = {}
    for size, text in rows:
        said.signed = max(said.signed, size)
        try:
            note = signed_note.parse(text)
            signed_note.signers(note, keys)
            head = signed_note.read_checkpoint(note.body)
        except BadNote as error:
            said.wrong(f"the checkpoint of {size} entries: {error}")
            continue
        if (head.origin, head.size) != (log.origin, size):
            said.wrong(f"the checkpoint of {size} entries is one of {head.origin}, {head.size}")
        roots[size] = head.root
    return roots
