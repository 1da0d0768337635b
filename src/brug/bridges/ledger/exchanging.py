# SPDX-License-Identifier: EUPL-1.2
"""What two nodes tell each other of their logs, so that neither can rewrite what they share.

Each tells the newest checkpoint of its log of the bridge, proves that it goes on from the one
that the other countersigned last, and countersigns the other's in turn:

    {"kind": "checkpoint", "note": "...", "since": 12, "proof": ["..."], "opening": "...",
     "holds": {"origin": "...", "size": 12, "note": "..."}, "line": "..."}

`holds` is what the sender has of the receiver's log: the proof that comes back begins there, and
a receiver that has forgotten it (restored from a backup) signs nothing more.
`line` is its cosignature on that. `opening` proves, of a log that began anew, what its first
entry says. A checkpoint that does not go on from what was countersigned is never
countersigned: it is kept as evidence, and so is every later one of that log.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

from brug.bridges import partners
from brug.bridges.ledger import checkpoints, logs, partner_logs, proving
from brug.bridges.ledger.partner_logs import PartnerLog, followed
from brug.bridges.partners import BridgeRow
from brug.formats import ledger_proof, signed_note
from brug.formats.ledger_proof import BadProof
from brug.formats.signed_note import COSIGNATURE, BadNote, Checkpoint, Key, Note
from brug.model.errors import Invalid, NotFound
from brug.store.session import Database, Session

KIND = "checkpoint"
REOPENED = "reopened"
MOST_HASHES = 130  # a proof between trees of 2**63 entries has fewer

Told = dict[str, Any]
Send = Callable[[Told], Told]


# Telling ----------------------------------------------------------------------------


def told(session: Session, bridge: BridgeRow, since: int | None = None) -> Told:
    """What we say over a bridge; `since` is what the partner holds of our log, if it said so."""
    said: Told = {"kind": KIND}
    if of_theirs := followed(session, bridge):
        newest = of_theirs[0]
        said["holds"] = {"origin": newest.origin, "size": newest.size}
        if newest.line:
            said["holds"]["note"] = newest.note
            said["line"] = newest.line
    try:
        log = logs.of(session, bridge.uuid)
        head = checkpoints.newest(session, log)
    except NotFound:  # nothing has crossed here yet
        return said
    if since is None:
        since = countersigned(session, log.id)
    if not 0 <= since <= head.size:
        since = 0
    proof = logs.consistency(session, log, since, head.size)
    said |= {
        "note": head.note.text,
        "since": since,
        "proof": [b64encode(one).decode() for one in proof],
    }
    if log.generation > 1:
        first = session.value(
            "SELECT e.id FROM ledger_position p JOIN ledger_entry e USING (number)"
            " WHERE p.log_id = %s AND p.position = 0",
            (log.id,),
        )
        said["opening"] = proving.proof(session, first)
    return said


def countersigned(session: Session, log_id: int) -> int:
    """Up to which size the partner stands for a log of ours."""
    found = session.value(
        "SELECT max(size) FROM ledger_countersignature WHERE log_id = %s", (log_id,)
    )
    return int(found or 0)


def with_news(session: Session) -> set[UUID]:
    """Bridges of whose logs more is signed than the partner stands for. As the system."""
    rows = session.all(
        "SELECT l.bridge_uuid FROM ledger_log l"
        " WHERE l.closed IS NULL AND l.bridge_uuid IS NOT NULL"
        " AND (SELECT max(c.size) FROM ledger_checkpoint c WHERE c.log_id = l.id) > coalesce("
        "   (SELECT max(s.size) FROM ledger_countersignature s WHERE s.log_id = l.id), 0)"
    )
    return {row[0] for row in rows}


# Hearing ----------------------------------------------------------------------------


def heard(session: Session, bridge: BridgeRow, said: Told) -> str:
    """Takes what a partner says; what is wrong with it, or nothing. Raises Invalid, BadNote.

    Runs as the system: what it finds is stored whether or not anything is wrong.
    """
    # One at a time of a bridge: two that go on from the same one need not go on from another.
    session.execute("SELECT pg_advisory_xact_lock(hashtext('brug.partner_log'), %s)", (bridge.id,))
    holds = said.get("holds")
    if isinstance(holds, dict) and holds.get("note") is not None:
        partner_logs.remember(session, bridge, _string(holds["note"], "holds.note"))
    if line := said.get("line"):
        _take_line(session, bridge, _string(line, "line"))
    if said.get("note") is None:
        return ""
    note = signed_note.parse(_string(said["note"], "note"))
    keys = _keys(session, bridge)
    head = signed_note.read_checkpoint(note.body)
    signed_note.signers(note, [Key(head.origin, key) for key in keys])
    log = _following(session, bridge, head, said, keys)
    if log.accepted is None:
        return f"{head.origin} is a new log: a person here has to accept why it is there"
    return partner_logs.judge(session, bridge, log, note, said.get("since"), _proof(said))


def _following(
    session: Session, bridge: BridgeRow, head: Checkpoint, said: Told, keys: list[bytes]
) -> PartnerLog:
    """The log that a checkpoint is of; a first one is followed, another one waits for a person."""
    known = {log.origin: log for log in followed(session, bridge)}
    if head.origin in known:
        return known[head.origin]
    opening = _opening(head, said, keys) if known else None
    return partner_logs.follow(session, bridge, head.origin, opening)


def _opening(head: Checkpoint, said: Told, keys: list[bytes]) -> dict[str, Any]:
    """What the first entry of a log that began anew says of the one before."""
    text = _string(said.get("opening"), "opening")
    proved = ledger_proof.check(text, [Key(head.origin, key).text for key in keys])
    entry = proved.entry or {}
    if (proved.index, proved.checkpoint.origin, entry.get("kind")) != (0, head.origin, REOPENED):
        raise BadProof("the first entry of a new log says of which log it goes on, and why")
    payload = entry.get("payload")
    return payload if isinstance(payload, dict) else {}


def _take_line(session: Session, bridge: BridgeRow, text: str) -> None:
    """Keeps the partner's countersignature, if it is right for a checkpoint of ours."""
    line = signed_note.read_line(text)
    keys = [Key(line.name, key, COSIGNATURE) for key in _keys(session, bridge)]
    log = logs.of(session, bridge.uuid)
    rows = session.all(
        "SELECT size, note FROM ledger_checkpoint WHERE log_id = %s ORDER BY size DESC LIMIT 1000",
        (log.id,),
    )
    for size, note in rows:
        try:
            alone = Note(signed_note.parse(note).body, (line,))
            signed_note.signers(alone, keys)
        except BadNote:
            continue
        session.execute(
            "INSERT INTO ledger_countersignature (log_id, size, line) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (log.id, size, line.text),
        )
        return


# Over a transport -------------------------------------------------------------------


def answer(session: Session, bridge: BridgeRow, said: Told) -> Told:
    """The handler of a message of this kind: hears it, and tells in return."""
    problem = heard(session, bridge, said)
    return told(session, bridge, _held_of_ours(session, bridge, said)) | {"problem": problem}


def synchronise(database: Database, bridge: BridgeRow, send: Send) -> str:
    """One exchange, as whoever begins; what is wrong with the partner's log, or nothing."""
    since: int | None = None
    for _ in range(2):
        with database.system() as session:
            ours = told(session, bridge, since)
        theirs = send(ours)
        with database.system() as session:
            problem = heard(session, bridge, theirs)
            since = _held_of_ours(session, bridge, theirs)
        # Where the partner held another checkpoint than we thought, its answer says which.
        if since in (None, ours.get("since"), _size(ours)):
            break
    return problem


def _held_of_ours(session: Session, bridge: BridgeRow, said: Told) -> int | None:
    """What a partner says it holds of our log, where it is the log that we have."""
    holds = said.get("holds")
    if not isinstance(holds, dict) or not isinstance(holds.get("size"), int):
        return None
    try:
        log = logs.of(session, bridge.uuid)
    except NotFound:
        return None
    return int(holds["size"]) if holds.get("origin") == log.origin else 0


def _size(said: Told) -> int | None:
    if "note" not in said:
        return None
    return signed_note.read_checkpoint(signed_note.parse(said["note"]).body).size


def _keys(session: Session, bridge: BridgeRow) -> list[bytes]:
    """Those of the partner that are believed now."""
    now = session.value("SELECT now()")
    return [key.public for key in partners.keys_of(session, bridge.partner_id) if key.is_valid(now)]


def _proof(said: Told) -> list[bytes]:
    given = said.get("proof", [])
    if not isinstance(given, list) or len(given) > MOST_HASHES:
        raise Invalid("proof", f"at most {MOST_HASHES} hashes in base64")
    try:
        return [b64decode(_string(one, "proof"), validate=True) for one in given]
    except ValueError as error:
        raise Invalid("proof", "hashes in base64") from error


def _string(given: Any, field: str) -> str:
    if not isinstance(given, str) or len(given) > signed_note.LARGEST_NOTE:
        raise Invalid(field, f"text of at most {signed_note.LARGEST_NOTE} characters")
    return given
