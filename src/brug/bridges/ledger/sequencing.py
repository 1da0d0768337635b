# SPDX-License-Identifier: EUPL-1.2
"""Giving committed entries their positions, and the tree the leaves for them.

One transaction, of one process at a time. What it does is on disk when it is committed;
nothing is signed before that (`brug.bridges.ledger.checkpoints`). Whoever writes entries
waits for nothing here: an entry is pending from its own commit on, whatever its number.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from brug.bridges.ledger import logs
from brug.bridges.ledger.entries import Entry, record
from brug.bridges.ledger.logs import Log
from brug.formats import merkle
from brug.formats.merkle import Node
from brug.store.rows import array
from brug.store.session import Session

MOST = 10_000  # entries of one transaction

# Held by whoever changes trees or signs, until the end of its transaction.
TREE_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtext('brug.ledger.tree'))"

_PENDING: LiteralString = (
    "SELECT e.number, e.id, e.bridge_uuid, e.kind, e.by_user, e.recorded, e.payload, e.salt,"
    " e.erased FROM ledger_pending p JOIN ledger_entry e USING (number)"
)


def extend(session: Session, most: int = MOST) -> int:
    """Gives what is committed and pending its positions; how many entries that were.

    Bridges come first: their new heads are entries of the node's log, in the same transaction.
    """
    session.execute(TREE_LOCK)
    session.execute("SET LOCAL synchronous_commit = on")
    rows = session.all(_PENDING + " ORDER BY p.number LIMIT %s", (most,))
    if not rows:
        return 0
    by_bridge = defaultdict[UUID | None, list[Entry]](list)
    for row in rows:
        entry = Entry(*row)
        by_bridge[entry.bridge_uuid].append(entry)
    own = by_bridge.pop(None, [])
    heads = [
        _note_head(session, logs.opened(session, bridge), entries)
        for bridge, entries in by_bridge.items()
    ]
    if heads:
        found = session.all(_PENDING + " WHERE e.id = ANY (%s) ORDER BY p.number", (heads,))
        own += [Entry(*row) for row in found]
    if own:
        grow(session, logs.opened(session, None), own)
    return len(rows)


def _note_head(session: Session, log: Log, entries: Sequence[Entry]) -> UUID:
    size, root = grow(session, log, entries)
    return record(session, "head", {"origin": log.origin, "size": size, "root": root.hex()})


def place(session: Session, log: Log, entry_id: UUID) -> None:
    """Gives one pending entry the next place of a log, whatever else waits."""
    rows = session.all(_PENDING + " WHERE e.id = %s", (entry_id,))
    entries = [Entry(*row) for row in rows]
    if log.bridge_uuid:
        _note_head(session, log, entries)
    else:
        grow(session, log, entries)


def grow(session: Session, log: Log, entries: Sequence[Entry]) -> tuple[int, bytes]:
    """Appends entries to a log, under the tree's lock; its new size and root."""
    edge = logs.edge(session, log)
    first = edge.size
    commitments: list[bytes] = []
    nodes: list[tuple[Node, bytes]] = []
    for entry in entries:
        commitment = entry.commitment
        if commitment is None:  # nothing is erased before it has its place (erase_entry)
            raise AssertionError(f"entry {entry.id} was erased while it was pending")
        commitments.append(commitment)
        nodes += edge.append(merkle.leaf_hash(commitment))[1:]
    numbers = array([entry.number for entry in entries])
    # Hashes travel as one piece: an array of them would be written and read one by one.
    session.execute(
        "INSERT INTO ledger_position (log_id, position, number, commitment)"
        " SELECT %s, %s + place - 1, number, substr(%b::bytea, (place::int - 1) * 32 + 1, 32)"
        " FROM unnest(%s::bigint[]) WITH ORDINALITY AS one (number, place)",
        (log.id, first, b"".join(commitments), numbers),
    )
    if nodes:
        session.execute(
            "INSERT INTO ledger_node (log_id, level, index, hash)"
            " SELECT %s, level, index, substr(%b::bytea, (place::int - 1) * 32 + 1, 32)"
            " FROM unnest(%s::smallint[], %s::bigint[]) WITH ORDINALITY"
            " AS one (level, index, place)",
            (
                log.id, b"".join(held for _, held in nodes),
                array([node.level for node, _ in nodes]), array([node.place for node, _ in nodes]),
            ),
        )  # fmt: skip
    session.execute("DELETE FROM ledger_pending WHERE number = ANY (%s::bigint[])", (numbers,))
    return edge.size, edge.root()
