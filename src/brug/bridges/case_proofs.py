# SPDX-License-Identifier: EUPL-1.2
"""Proofs that the entries of a case stand in the ledger, for whoever has the entries.

That an entry was written is on record by its digest; the caller has the entry already, so the
proof tells nothing but where it stands, and how long the log is.
"""

import time
from collections.abc import Sequence

from brug.bridges.ledger import checkpoints, logs, proving
from brug.bridges.ledger.entries import Entry
from brug.formats import ledger_proof
from brug.store.session import Session

WAIT_SECONDS = 3.0  # the sequencer looks twice a second
_STEP_SECONDS = 0.1


def proofs(session: Session, entries: Sequence[str], *, wait: bool = False) -> dict[str, str]:
    """By the UUID of each entry of a case that a checkpoint covers.

    With `wait` a node that is served gets a moment for what was written just now.
    """
    with session.as_system():
        end = time.monotonic() + (WAIT_SECONDS if wait else 0)
        while _pending(session, entries) and time.monotonic() < end:
            time.sleep(_STEP_SECONDS)
        return _proofs(session, entries)


def _pending(session: Session, entries: Sequence[str]) -> bool:
    """Whether one of them has no place under a checkpoint yet."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM ledger_entry e LEFT JOIN ledger_position p USING (number)"
            " WHERE e.kind = 'case-entry' AND e.payload ->> 'entry' = ANY (%s)"
            " AND (p.number IS NULL OR p.position >= coalesce((SELECT max(size)"
            "   FROM ledger_checkpoint c WHERE c.log_id = p.log_id), 0)))",
            (list(entries),),
        )
    )


def _proofs(session: Session, entries: Sequence[str]) -> dict[str, str]:
    rows = session.all(
        "SELECT DISTINCT ON (e.number) e.payload ->> 'entry', p.log_id, p.position, p.commitment,"
        " " + proving.ENTRY + " FROM ledger_entry e JOIN ledger_position p USING (number)"
        " WHERE e.kind = 'case-entry' AND e.payload ->> 'entry' = ANY (%s)"
        " ORDER BY e.number, p.log_id DESC",
        (list(entries),),
    )
    by_id = {log.id: log for log in logs.every(session)}
    heads = {
        log_id: checkpoints.newest(session, by_id[log_id])
        for log_id in {row[1] for row in rows}
        if checkpoints.signed_size(session, by_id[log_id])
    }
    found: dict[str, str] = {}
    for uuid, log_id, position, commitment, *held in rows:
        log, head = by_id[log_id], heads.get(log_id)
        if head is None or position >= head.size:
            continue
        placed = proving.Placed(Entry(*held), log, position, bytes(commitment), head)
        path = logs.inclusion(session, log, position, head.size)
        text = ledger_proof.write(proving.said(placed), position, path, head.note.text)
        found[uuid] = text
    return found
