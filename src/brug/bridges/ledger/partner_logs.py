# SPDX-License-Identifier: EUPL-1.2
"""The logs of partners: what was countersigned of each, and what could not be.

A checkpoint is countersigned only where it is proved to go on from the one before. One that is
not is kept as evidence beside it, and from then on nothing of that log is countersigned: its
owner has to begin a new one, and a person here to accept it.
"""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, LiteralString

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges import partners
from brug.bridges.ledger import checkpoints, logs
from brug.bridges.ledger.entries import record
from brug.bridges.partners import BridgeRow
from brug.formats import merkle, signed_note
from brug.formats.signed_note import COSIGNATURE, BadNote, Checkpoint, Note
from brug.model.errors import NotFound
from brug.store.session import Session


class PartnerLog(msgspec.Struct, frozen=True):
    """A log of a partner that is followed; `size` and `note` are what was countersigned last."""

    id: int
    origin: str
    opening: dict[str, Any] | None
    seen: datetime
    accepted: datetime | None
    accepted_by: int | None
    size: int
    note: str
    line: str
    problems: int

    @property
    def head(self) -> Checkpoint | None:
        return signed_note.read_checkpoint(signed_note.parse(self.note).body) if self.note else None


_LOGS: LiteralString = (
    "SELECT l.id, l.origin, l.opening, l.seen, l.accepted, l.accepted_by, coalesce(c.size, 0),"
    " coalesce(c.note, ''), coalesce(c.line, ''),"
    " (SELECT count(*) FROM ledger_evidence v WHERE v.partner_log_id = l.id)"
    " FROM partner_log l LEFT JOIN LATERAL (SELECT size, note, line FROM partner_checkpoint"
    " WHERE partner_log_id = l.id ORDER BY size DESC LIMIT 1) c ON true"
)


def followed(session: Session, bridge: BridgeRow) -> list[PartnerLog]:
    """The logs of the partner on a bridge, the newest first."""
    rows = session.all(_LOGS + " WHERE l.bridge_uuid = %s ORDER BY l.id DESC", (bridge.uuid,))
    return [PartnerLog(*row) for row in rows]


def countersigned(session: Session, origin: str) -> Note | None:
    """The newest checkpoint that is held of a partner's log, with our line under it."""
    found = session.one(
        "SELECT c.note, c.line FROM partner_checkpoint c"
        " JOIN partner_log l ON l.id = c.partner_log_id WHERE l.origin = %s"
        " ORDER BY c.size DESC LIMIT 1",
        (origin,),
    )
    if found is None:
        return None
    note, line = found
    return signed_note.parse(note + line)


def origins(session: Session) -> list[str]:
    """The logs of partners of which a checkpoint is held."""
    rows = session.all(
        "SELECT origin FROM partner_log l WHERE EXISTS (SELECT 1 FROM partner_checkpoint c"
        " WHERE c.partner_log_id = l.id) ORDER BY origin"
    )
    return [origin for (origin,) in rows]


def follow(session: Session, bridge: BridgeRow, origin: str, opening: Any) -> PartnerLog:
    """Begins to follow a log; one that says on which it goes on waits for a person."""
    session.execute(
        "INSERT INTO partner_log (bridge_uuid, origin, opening, accepted)"
        " VALUES (%s, %s, %s, CASE WHEN %s THEN now() END)",
        (bridge.uuid, origin, None if opening is None else Jsonb(opening), opening is None),
    )
    if opening is not None:
        said = {"origin": origin, "opening": opening}
        record(session, "partner-log", said, bridge_id=bridge.id)
    return followed(session, bridge)[0]


def accept(session: Session, bridge: BridgeRow, log_id: int) -> None:
    """A person accepts that the partner's log began anew; raises NotFound."""
    partners.require_admin(session)
    origin = session.value(
        "UPDATE partner_log SET accepted = now(), accepted_by = %s"
        " WHERE id = %s AND bridge_uuid = %s AND accepted IS NULL RETURNING origin",
        (session.principal.user_id, log_id, bridge.uuid),
    )
    if origin is None:
        raise NotFound(f"no log {log_id} of {bridge.partner} waits to be accepted")
    record(session, "accepted-log", {"origin": origin}, bridge_id=bridge.id)


def judge(
    session: Session, bridge: BridgeRow, log: PartnerLog, note: Note, since: Any, proof: list[bytes]
) -> str:
    """Countersigns a checkpoint that goes on from the last, keeps one that does not.

    Answers what is wrong, or nothing. `note` is signed by the partner.
    """
    head = signed_note.read_checkpoint(note.body)
    if log.problems:
        return f"{log.origin} was forked before; nothing of it is countersigned"
    before = log.head or Checkpoint(log.origin, 0, merkle.EMPTY)
    if head.size <= before.size:
        held = _held_at(session, log, head.size)
        if held and signed_note.read_checkpoint(held.body).root != head.root:
            return _keep(session, bridge, log, held, note, proof, "another root of the same size")
        return ""  # it was on its way for long, and tells nothing new
    if since != before.size:
        return f"the proof goes on from {since!r}, and we hold {before.size}"
    if not merkle.is_consistent(before.size, head.size, before.root, head.root, proof):
        held = signed_note.parse(log.note) if log.note else note
        return _keep(session, bridge, log, held, note, proof, "it does not go on from this one")
    key, sign = checkpoints.signer(session, logs.node_name(session), COSIGNATURE)
    line = signed_note.cosign(note, key, int(datetime.now(UTC).timestamp()), sign)
    session.execute(
        "INSERT INTO partner_checkpoint (partner_log_id, size, note, line) VALUES (%s, %s, %s, %s)",
        (log.id, head.size, note.text, line.text),
    )
    return ""


def _held_at(session: Session, log: PartnerLog, size: int) -> Note | None:
    text = session.value(
        "SELECT note FROM partner_checkpoint WHERE partner_log_id = %s AND size = %s",
        (log.id, size),
    )
    return signed_note.parse(text) if text else None


def _keep(
    session: Session, bridge: BridgeRow, log: PartnerLog, held: Note, given: Note,
    proof: list[bytes], why: str,
) -> str:  # fmt: skip
    session.execute(
        "INSERT INTO ledger_evidence (partner_log_id, problem, held, given, proof)"
        " VALUES (%s, %s, %s, %s, %s)",
        (log.id, why, held.text, given.text, [b64encode(one).decode() for one in proof]),
    )
    head = signed_note.read_checkpoint(given.body)
    said = {
        "origin": log.origin, "problem": why, "held": held.body, "given": head.size,
        "root": head.root.hex(),
    }  # fmt: skip
    record(session, "conflict", said, bridge_id=bridge.id)
    return f"a checkpoint of {log.origin} is not countersigned: {why}"


def remember(session: Session, bridge: BridgeRow, text: str) -> None:
    """Keeps a checkpoint of ours that a partner holds, where our own tree does not bear it out.

    One that this node did not sign is nobody's but the partner's, and means nothing.
    """
    note = signed_note.parse(text)
    head = signed_note.read_checkpoint(note.body)
    try:
        log = logs.of(session, bridge.uuid)
        signed_note.signers(note, checkpoints.own_keys(session, log.origin))
    except (NotFound, BadNote):
        return
    size = logs.size(session, log)
    if head.origin != log.origin:
        return
    if head.size <= size and logs.edge(session, log, head.size).root() == head.root:
        return
    session.execute(
        "INSERT INTO ledger_remembered (origin, size, note, bridge_uuid) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (head.origin, head.size, note.text, bridge.uuid),
    )


class Evidence(msgspec.Struct, frozen=True):
    """Two checkpoints that cannot both be true, as the partner signed them."""

    id: int
    origin: str
    at: datetime
    problem: str
    held: str
    given: str
    proof: list[str]


def evidence(session: Session, bridge: BridgeRow) -> list[Evidence]:
    """What was kept of conflicts with a partner, the newest first."""
    rows = session.all(
        "SELECT v.id, l.origin, v.at, v.problem, v.held, v.given, v.proof FROM ledger_evidence v"
        " JOIN partner_log l ON l.id = v.partner_log_id WHERE l.bridge_uuid = %s"
        " ORDER BY v.id DESC",
        (bridge.uuid,),
    )
    return [Evidence(*row) for row in rows]
