# SPDX-License-Identifier: EUPL-1.2
"""Going on after a break: every log ends, and another begins under an origin of its own.

A node that was restored from a backup has forgotten entries that it had signed. It must not
sign other ones in their place: that is what a forger does. The first entry of each new log
names the last checkpoint that is known of the old one, and why it ended; partners show that
to a person, who accepts it. Entries that had a place and no signature yet get a new place.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from brug.bridges.ledger import checkpoints, logs, sequencing
from brug.bridges.ledger.entries import record
from brug.bridges.ledger.exchanging import REOPENED
from brug.bridges.ledger.logs import Log
from brug.formats import signed_note
from brug.formats.signed_note import Note
from brug.model.errors import Invalid
from brug.store.session import Session

LONGEST_REASON = 500


def reopen(
    session: Session, folder: Path, reason: str, by: int, known: Sequence[str] = ()
) -> list[Log]:
    """Ends every open log, for the system alone; the new ones, the node's first.

    `known` are checkpoints of ours that partners hold: of each log the largest is named.
    Raises Invalid, BadNote.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid("reason", f"why, in at most {LONGEST_REASON} characters", reason)
    session.execute(sequencing.TREE_LOCK)
    ended = logs.still_open(session)
    remembered = [text for (text,) in session.all("SELECT note FROM ledger_remembered")]
    texts = (*known, *remembered, *checkpoints.all_kept(folder))
    notes = [signed_note.parse(text) for text in texts]
    finals = {log.id: _final(session, log, notes) for log in ended}
    last = max([checkpoints.last_kept(folder), *(log.generation for log in ended)])
    session.execute("UPDATE ledger_log SET closed = now() WHERE closed IS NULL")
    # What came since the backup is to come once more. What is recorded goes on after a restore;
    # nothing has been signed since.
    session.execute(
        "UPDATE channel SET missed_since = least(missed_since, n.since),"
        " words_missed_since = least(words_missed_since, n.since)"
        " FROM (SELECT max(at) - interval '1 hour' AS since FROM ledger_checkpoint) AS n"
    )
    opened = [_next(session, log, last + 1, finals[log.id], reason.strip(), by) for log in ended]
    return [log for log in opened if log]


def _final(session: Session, log: Log, notes: Sequence[Note]) -> Note | None:
    """The last checkpoint that is known of a log, or of one that this database never heard of."""
    base = logs.base(session, log.bridge_uuid)
    ours = {one.origin for one in logs.every(session)} - {log.origin}
    own = checkpoints.signed_size(session, log)
    notes = [*notes, *([checkpoints.newest(session, log).note] if own else [])]
    found: list[tuple[bool, int, Note]] = []
    for note in notes:
        head = signed_note.read_checkpoint(note.body)
        if re.fullmatch(re.escape(base) + "(/[0-9a-f]{8})?", head.origin) is None:
            continue
        signed_note.signers(note, checkpoints.own_keys(session, head.origin))
        if head.origin not in ours:
            found.append((head.origin != log.origin, head.size, note))
    return max(found, key=lambda one: one[:2])[2] if found else None


def _next(
    session: Session, old: Log, generation: int, final: Note | None, reason: str, by: int
) -> Log | None:
    """The log that follows; none where its bridge is gone."""
    bridge_id = session.value("SELECT id FROM bridge WHERE uuid = %s", (old.bridge_uuid,))
    if old.bridge_uuid and bridge_id is None:
        return None
    new = logs.add(session, old.bridge_uuid, generation)
    said: dict[str, Any] = {"origin": old.origin, "reason": reason, "by": by}
    if final is not None:
        head = signed_note.read_checkpoint(final.body)
        said |= {
            "origin": head.origin, "size": head.size, "root": head.root.hex(),
            "checkpoint": final.text,
        }  # fmt: skip
    first = record(session, REOPENED, said, bridge_id=bridge_id)
    sequencing.place(session, new, first)
    # What had a place that nobody was ever shown waits for one in the new log.
    session.execute(
        "INSERT INTO ledger_pending SELECT number FROM ledger_position"
        " WHERE log_id = %s AND position >= %s ON CONFLICT DO NOTHING",
        (old.id, checkpoints.signed_size(session, old)),
    )
    return new
