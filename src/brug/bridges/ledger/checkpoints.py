# SPDX-License-Identifier: EUPL-1.2
"""Signing what the logs are, never two trees of one size.

The node's newest checkpoint is also kept in a file of its folder, outside of the database and
of every backup. It is there, on disk, before anybody can read the checkpoint. A tree that is
smaller than the kept one or has another root there (a database that was brought back from a
backup) is not signed: `brug ledger reopen` goes on under another origin. The heads of all
bridges are entries of the node's log, so that this one file speaks for all of them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString, NamedTuple

from brug.bridges import identity
from brug.bridges.ledger import logs
from brug.bridges.ledger.logs import Log
from brug.bridges.ledger.sequencing import TREE_LOCK
from brug.formats import signed_note
from brug.formats.signed_note import ED25519, BadNote, Checkpoint, Key, Note, Sign
from brug.model.errors import NotFound, Unavailable
from brug.store.durable import read_plain, write_durably
from brug.store.session import Session

FOLDER = "ledger"  # in the node's; not in a backup, which would bring the past back unnoticed


class SigningStopped(Unavailable):
    """The tree is not the one that was signed before."""

    code = "ledger_stopped"
    public = "The ledger signs no checkpoints at the moment; its operator knows why."


class Signed(NamedTuple):
    """A checkpoint as it is handed out, with the lines of whoever countersigned."""

    size: int
    note: Note


def signer(session: Session, name: str, kind: int = ED25519) -> tuple[Key, Sign]:
    """The node's key under a name, and what signs with it."""
    own = identity.current(session)

    def sign(data: bytes) -> bytes:
        return identity.sign(session, data, own.key_id).signature

    return Key(name, own.public, kind), sign


def own_keys(session: Session, name: str) -> list[Key]:
    """All that this node has ever signed with, under a name."""
    return [Key(name, key.public) for key in identity.public_keys(session)]


def sign_heads(session: Session, folder: Path) -> int:
    """Signs every log that has grown; how many did. Raises SigningStopped."""
    session.execute(TREE_LOCK)
    due = _grown(session)
    if not due:
        return 0
    if why := problem(session, folder):
        raise SigningStopped(why)
    for log, _ in due:
        _require_same(session, log)
    made: list[tuple[Log, int, str]] = []
    for log, size in due:
        head = Checkpoint(log.origin, size, logs.edge(session, log, size).root())
        key, sign = signer(session, log.origin)
        made.append((log, size, signed_note.make(head.text, key, sign).text))
    # 1. On disk: from here on no other tree of this size will be signed.
    for log, _, note in made:
        if log.bridge_uuid is None:
            _keep(folder, log, note)
    # 2. With the commit of this, anybody may read them.
    for log, size, note in made:
        session.execute(
            "INSERT INTO ledger_checkpoint (log_id, size, note) VALUES (%s, %s, %s)",
            (log.id, size, note),
        )
    return len(made)


def _require_same(session: Session, log: Log) -> None:
    """Raises SigningStopped where a log does not begin with what was signed of it last."""
    signed = signed_size(session, log)
    if not signed:
        return
    head = signed_note.read_checkpoint(newest(session, log).note.body)
    if logs.edge(session, log, signed).root() != head.root:
        raise SigningStopped(f"the first {signed} entries of {log.origin} are not those signed")


def _grown(session: Session) -> list[tuple[Log, int]]:
    """Open logs that are larger than what was signed of them last, with their sizes.

    The node's comes first. One look, however many bridges there are: it is taken twice a second.
    """
    rows = session.all(
        "SELECT l.id, coalesce((SELECT p.position + 1 FROM ledger_position p"
        "   WHERE p.log_id = l.id ORDER BY p.position DESC LIMIT 1), 0),"
        " coalesce((SELECT max(c.size) FROM ledger_checkpoint c WHERE c.log_id = l.id), 0)"
        " FROM ledger_log l WHERE l.closed IS NULL"
    )
    grown = {log_id: int(size) for log_id, size, signed in rows if size > signed}
    if not grown:
        return []
    return [(log, grown[log.id]) for log in logs.still_open(session) if log.id in grown]


def signed_size(session: Session, log: Log) -> int:
    """Up to which size a checkpoint covers the log: what is provable."""
    found = session.value("SELECT max(size) FROM ledger_checkpoint WHERE log_id = %s", (log.id,))
    return int(found or 0)


COLUMNS: LiteralString = (
    "c.size, c.note, ARRAY(SELECT s.line FROM ledger_countersignature s"
    "   WHERE s.log_id = c.log_id AND s.size = c.size ORDER BY s.at)"
)
# The newest that covers place p of the same log and that somebody countersigned, as it proves
# more; the newest one where nobody did; no row where none covers it.
COVERING: LiteralString = (
    "SELECT " + COLUMNS + " FROM ledger_checkpoint c WHERE c.log_id = p.log_id"
    " AND c.size > p.position AND c.size = coalesce((SELECT max(s.size)"
    "   FROM ledger_countersignature s WHERE s.log_id = p.log_id AND s.size > p.position),"
    " (SELECT max(n.size) FROM ledger_checkpoint n WHERE n.log_id = p.log_id))"
)
_SIGNED: LiteralString = (
    "SELECT " + COLUMNS + " FROM ledger_checkpoint c WHERE c.log_id = %s ORDER BY c.size"
)


def every(session: Session, log: Log) -> list[Signed]:
    """Its checkpoints with their countersignatures, the oldest first."""
    return [read(*row) for row in session.all(_SIGNED, (log.id,))]


def newest(session: Session, log: Log) -> Signed:
    """The newest checkpoint with its countersignatures; raises NotFound."""
    row = session.one(_SIGNED + " DESC LIMIT 1", (log.id,))
    if row is None:
        raise NotFound(f"nothing of {log.origin} is signed yet")
    return read(*row)


def read(size: int, note: str, lines: Sequence[str]) -> Signed:
    """What COLUMNS gave."""
    return Signed(size, signed_note.parse(note).with_lines(map(signed_note.read_line, lines)))


# What is kept beside the database ------------------------------------------------------


def kept_file(folder: Path, generation: int) -> Path:
    return folder / f"checkpoint-{generation}"


def kept(folder: Path, log: Log) -> Checkpoint | None:
    """What the file says of the node's log; raises BadNote where it cannot be read."""
    found = read_plain(kept_file(folder, log.generation))
    return None if found is None else signed_note.read_checkpoint(signed_note.parse(found).body)


def _keep(folder: Path, log: Log, note: str) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    # Whoever was killed while writing may have had our number; nobody else writes here now.
    for left in folder.glob(".checkpoint-*.part"):
        left.unlink()
    write_durably(kept_file(folder, log.generation), note.encode())


def problem(session: Session, folder: Path) -> str:
    """Why nothing may be signed; empty where the tree goes on from all that was."""
    try:
        log = logs.of(session)
    except NotFound:
        log = None
    generation = log.generation if log else 0
    if (last := last_kept(folder)) > generation:
        return f"{kept_file(folder, last)} is of a log that this database does not have"
    if log is None:
        return ""
    return _differs(session, log, folder) or _remembered(session)


def _remembered(session: Session) -> str:
    """What a partner holds of us that this database does not bear out."""
    row = session.one(
        "SELECT r.size, l.origin FROM ledger_remembered r JOIN ledger_log l ON l.origin = r.origin"
        " WHERE l.closed IS NULL ORDER BY r.size DESC LIMIT 1"
    )
    if row is None:
        return ""
    return f"a partner holds a checkpoint of {row[0]} entries of {row[1]} that is not of this tree"


def _differs(session: Session, log: Log, folder: Path) -> str:
    """In what the node's log is not what the file says."""
    path, signed = kept_file(folder, log.generation), signed_size(session, log)
    try:
        held = kept(folder, log)
    except BadNote as error:
        return f"{path} cannot be read: {error}"
    if held is None:
        missing = f"{path} is missing, though {signed} entries were signed"
        return f"{missing}: this looks like a database from a backup" if signed else ""
    if held.origin != log.origin:
        return f"{path} is of {held.origin}, and the log is {log.origin}"
    size = logs.size(session, log)
    if not signed <= held.size <= size:
        return f"{path} has {held.size} entries; {signed} were signed, and there are {size}"
    if logs.edge(session, log, held.size).root() != held.root:
        return f"the first {held.size} entries of {log.origin} are not those signed"
    return ""


def last_kept(folder: Path) -> int:
    """The latest generation that a file is there of."""
    return max((_number(path) for path in folder.glob("checkpoint-*")), default=0)


def all_kept(folder: Path) -> list[str]:
    """What the files hold, of every generation."""
    return [path.read_text() for path in sorted(folder.glob("checkpoint-*"))]


def _number(path: Path) -> int:
    text = path.name.rpartition("-")[2]
    return int(text) if text.isdigit() else 0
