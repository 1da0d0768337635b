# SPDX-License-Identifier: EUPL-1.2
"""The logs of a node: its own, and one for each bridge; their trees as they are stored."""

import re
from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import LiteralString
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from brug.formats import merkle
from brug.formats.merkle import Edge, Node
from brug.model.errors import NotFound
from brug.store import settings
from brug.store.rows import array
from brug.store.session import Session


class Log(msgspec.Struct, frozen=True):
    """One log; the node's has no bridge."""

    id: int
    bridge_uuid: UUID | None
    generation: int
    origin: str
    opened: datetime
    closed: datetime | None


COLUMNS: LiteralString = "l.id, l.bridge_uuid, l.generation, l.origin, l.opened, l.closed"


def node_name(session: Session) -> str:
    """What this node is called where names are compared: its address and its UUID, for ever."""
    address = urlsplit(str(settings.get(session, "node.url")))
    place = re.sub(r"[^\w.:/~-]", "", f"{address.netloc}{address.path.rstrip('/')}")
    return f"{place or 'node.invalid'}/ledger/{settings.get(session, 'node.uuid')}"


def every(session: Session) -> list[Log]:
    """All logs that the session may see: the node's first, the open ones before the ended."""
    rows = session.all(
        "SELECT " + COLUMNS + " FROM ledger_log l ORDER BY bridge_uuid NULLS FIRST, generation DESC"
    )
    return [Log(*row) for row in rows]


def still_open(session: Session) -> list[Log]:
    """Those that go on, the node's first."""
    return [log for log in every(session) if log.closed is None]


def of(session: Session, bridge_uuid: UUID | None = None) -> Log:
    """The open log of a bridge, or of the node; raises NotFound."""
    row = session.one(
        "SELECT " + COLUMNS + " FROM ledger_log l WHERE closed IS NULL"
        " AND bridge_uuid IS NOT DISTINCT FROM %s",
        (bridge_uuid,),
    )
    if row is None:
        raise NotFound(f"there is no log of {bridge_uuid or 'the node'} yet")
    return Log(*row)


def opened(session: Session, bridge_uuid: UUID | None) -> Log:
    """The same, made where it is missing. Only the system may, under the tree's lock."""
    try:
        return of(session, bridge_uuid)
    except NotFound:
        return add(session, bridge_uuid, 1)


def add(session: Session, bridge_uuid: UUID | None, generation: int) -> Log:
    """A new log; its origin is its name for ever.

    That of a later generation is random in part: a database from a backup does not know which
    it had given out.
    """
    origin = base(session, bridge_uuid) + (f"/{token_hex(4)}" if generation > 1 else "")
    session.execute(
        "INSERT INTO ledger_log (bridge_uuid, generation, origin) VALUES (%s, %s, %s)",
        (bridge_uuid, generation, origin),
    )
    return of(session, bridge_uuid)


def base(session: Session, bridge_uuid: UUID | None) -> str:
    """With what every origin of a log begins."""
    return node_name(session) + (f"/{bridge_uuid}" if bridge_uuid else "")


# Trees -----------------------------------------------------------------------------


def size(session: Session, log: Log) -> int:
    """How many entries have a position."""
    found = session.value(
        "SELECT position + 1 FROM ledger_position WHERE log_id = %s ORDER BY position DESC LIMIT 1",
        (log.id,),
    )
    return int(found or 0)


def hashes(session: Session, log: Log, nodes: Sequence[Node]) -> list[bytes]:
    """Those of stored complete subtrees; raises NotFound where one is missing."""
    inner = [node for node in nodes if node.level]
    rows = session.all(
        "SELECT 0, position, commitment FROM ledger_position"
        " WHERE log_id = %(log)s AND position = ANY (%(leaves)s::bigint[])"
        " UNION ALL SELECT n.level, n.index, n.hash FROM ledger_node n"
        " JOIN unnest(%(levels)s::smallint[], %(places)s::bigint[]) AS wanted (level, index)"
        " ON n.level = wanted.level AND n.index = wanted.index WHERE n.log_id = %(log)s",
        {
            "log": log.id,
            "leaves": array([node.place for node in nodes if not node.level]),
            "levels": array([node.level for node in inner]),
            "places": array([node.place for node in inner]),
        },
    )
    found = {
        Node(level, place): bytes(held) if level else merkle.leaf_hash(bytes(held))
        for level, place, held in rows
    }
    missing = [node for node in nodes if node not in found]
    if missing:
        raise NotFound(f"the tree of {log.origin} has no {missing[0]}")
    return [found[node] for node in nodes]


def edge(session: Session, log: Log, at: int | None = None) -> Edge:
    """The tree as it is, or as it was at some size."""
    length = size(session, log) if at is None else at
    return Edge(length, hashes(session, log, merkle.covering(0, length)))


def consistency(session: Session, log: Log, old: int, new: int) -> list[bytes]:
    """The proof that the log of one size begins with all of a smaller one."""
    return merkle.consistency_proof(old, new, lambda nodes: hashes(session, log, nodes))


def inclusion(session: Session, log: Log, position: int, at: int) -> list[bytes]:
    """The path from an entry to the root at some size."""
    return merkle.inclusion_proof(position, at, lambda nodes: hashes(session, log, nodes))
