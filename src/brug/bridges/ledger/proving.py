# SPDX-License-Identifier: EUPL-1.2
"""Where an entry stands, and the file that proves it to anybody who has the keys."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from brug.bridges.ledger import checkpoints, logs
from brug.bridges.ledger.checkpoints import Signed
from brug.bridges.ledger.entries import Entry
from brug.bridges.ledger.logs import Log
from brug.formats import ledger_proof
from brug.formats.ledger_proof import Said
from brug.model.errors import Conflict, NotFound
from brug.store.session import Session

ENTRY: LiteralString = (
    "e.number, e.id, e.bridge_uuid, e.kind, e.by_user, e.recorded, e.payload, e.salt, e.erased"
)


class NotProvable(Conflict):
    """The entry is recorded, and no checkpoint covers it yet."""

    code = "not_provable"
    public = "This entry is recorded; it can be proved in a moment, once a checkpoint covers it."


class Placed(msgspec.Struct, frozen=True):
    """An entry with its place, as far as it has one; `log` is the newest that holds it.

    `head` is the checkpoint that proves it, countersigned if it can be.
    """

    entry: Entry
    log: Log | None = None
    position: int | None = None
    commitment: bytes | None = None
    head: Signed | None = None

    @property
    def provable(self) -> bool:
        return self.head is not None


def entry(session: Session, reference: UUID | str) -> Placed:
    """An entry that the session may see, by its id; raises NotFound."""
    try:
        wanted = reference if isinstance(reference, UUID) else UUID(reference)
    except ValueError as error:
        raise NotFound(f"no entry {str(reference)[:60]!r}") from error
    row = session.one(
        "SELECT p.position, p.commitment, c.*, " + logs.COLUMNS + ", " + ENTRY +
        " FROM ledger_entry e LEFT JOIN LATERAL (SELECT log_id, position, commitment"
        "   FROM ledger_position WHERE number = e.number ORDER BY log_id DESC LIMIT 1) p ON true"
        " LEFT JOIN LATERAL (" + checkpoints.COVERING + ") c ON true"
        " LEFT JOIN ledger_log l ON l.id = p.log_id WHERE e.id = %s",
        (wanted,),
    )  # fmt: skip
    if row is None:
        raise NotFound(f"no entry {wanted}")
    position, commitment, *head = row[:5]
    found = Entry(*row[11:])
    if position is None:
        return Placed(found)
    signed = checkpoints.read(*head) if head[0] else None
    return Placed(found, Log(*row[5:11]), position, bytes(commitment), signed)


def proof(session: Session, reference: UUID | str) -> str:
    """The proof of an entry, countersigned if it can be; raises NotFound, NotProvable."""
    placed = entry(session, reference)
    if placed.log is None or placed.position is None or placed.head is None:
        raise NotProvable(f"no checkpoint covers entry {placed.entry.id} yet")
    path = logs.inclusion(session, placed.log, placed.position, placed.head.size)
    return ledger_proof.write(said(placed), placed.position, path, placed.head.note.text)


def said(placed: Placed) -> Said:
    """What is shown of an entry: all of it, or what is left once it was erased."""
    held = placed.entry
    if held.salt is None or placed.commitment is None:
        return Said(commitment=placed.commitment.hex() if placed.commitment else None)
    return Said(entry=held.document, salt=held.salt.hex())


class Listed(msgspec.Struct, frozen=True):
    """A line of the list of entries."""

    number: int
    id: UUID
    bridge_id: int | None
    bridge: str | None
    kind: str
    by_user: int
    by_email: str | None
    recorded: datetime
    payload: dict[str, Any] | None
    position: int | None
    provable: bool


def listed(
    session: Session,
    *,
    kind: str = "",
    bridge: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Listed]:
    """The newest first, as far as the session may see them."""
    rows = session.all(
        "SELECT e.number, e.id, e.bridge_id, t.name, e.kind, e.by_user, a.email, e.recorded,"
        " e.payload, p.position, coalesce(p.position < (SELECT max(size) FROM ledger_checkpoint c"
        " WHERE c.log_id = p.log_id), false)"
        " FROM ledger_entry e LEFT JOIN LATERAL (SELECT log_id, position FROM ledger_position"
        " WHERE number = e.number ORDER BY log_id DESC LIMIT 1) p ON true"
        " LEFT JOIN bridge b ON b.uuid = e.bridge_uuid LEFT JOIN partner t ON t.id = b.partner_id"
        " LEFT JOIN account a ON a.id = e.by_user"
        " WHERE (%(kind)s = '' OR e.kind = %(kind)s)"
        " AND (%(bridge)s::int IS NULL OR e.bridge_id = %(bridge)s)"
        " AND (%(before)s::bigint IS NULL OR e.number < %(before)s)"
        " ORDER BY e.number DESC LIMIT %(limit)s",
        {"kind": kind, "bridge": bridge, "before": before, "limit": limit},
    )
    return [Listed(*row) for row in rows]


def exported(session: Session, log: Log) -> Iterator[dict[str, Any]]:
    """Every entry of a log in its order, then every checkpoint: all that verifying it takes."""
    size = logs.size(session, log)
    for start in range(0, size, 5000):
        rows = session.all(
            "SELECT p.position, p.commitment, " + ENTRY + " FROM ledger_position p"
            " JOIN ledger_entry e USING (number) WHERE p.log_id = %s"
            " AND p.position >= %s AND p.position < %s ORDER BY p.position",
            (log.id, start, start + 5000),
        )
        for position, commitment, *row in rows:
            placed = Placed(Entry(*row), log, position, bytes(commitment))
            shown = msgspec.to_builtins(said(placed))
            yield {"log": log.origin, "position": position, **shown}
    for one in checkpoints.every(session, log):
        yield {"log": log.origin, "checkpoint": one.note.text}
