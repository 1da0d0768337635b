# SPDX-License-Identifier: EUPL-1.2
"""Entries of cases that a partner's node brings: checked, stored, and folded in.

Whose an entry is, its author's node has signed. The partner signs for itself; what it passes on
of another node is checked with that node's key where this node is connected with it, and else
with the first key that came with the case for it, so that whoever passes entries on cannot
change later ones. What an author may do is not asked here: the fold leaves out what it may not.
"""

from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from brug.bridges import identity, partners
from brug.bridges.crossing.messages import Message
from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.cases import breaking, files, projecting, rules
from brug.cases.acts import Joined, Opened, Said
from brug.cases.case import Case
from brug.cases.declaring import BREAK_GLASS
from brug.cases.entries import Entry, decoded, encoded, require_not_ahead
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.directory import identity_keys
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.store import settings
from brug.store.session import Session

LARGEST = 2**20  # bytes of an entry


class UnknownCase(Conflict):
    """Its first entry has not come yet."""

    code = "unknown_case"
    public = "This case is not known here yet: its first entry comes first."


class _Signed(msgspec.Struct, frozen=True):
    """An entry with what proves whose it is."""

    entry: Entry
    data: bytes
    key_id: str
    public: bytes
    signature: bytes


def take(session: Session, bridge: BridgeRow, message: Message, terms: Terms | None) -> str:
    """Stores an entry. Raises Invalid, Forbidden, UnknownCase."""
    if terms is None or "case" not in terms.kinds:
        raise Forbidden("the agreement covers no cases")
    signed = _read(message)
    with session.as_system():
        if _is_here(session, signed):
            return "unchanged"
        file_id = _file(session, signed.entry)
    with files.whole(session, file_id):
        files.lock(session, file_id)
        # Another partner may have brought it meanwhile, or as one who has it and this one not.
        if _is_here(session, signed):
            return "unchanged"
        _require_author(session, bridge, file_id, signed)
        files.store_entry(
            session, file_id, signed.entry, signed.data, sha256(signed.data).digest(),
            (signed.key_id, signed.signature),
        )  # fmt: skip
        # What is for all changes what is counted of the case, and may say where it goes on. Of
        # what is for some, all but a message changes what those are shown, or reminded of.
        if not signed.entry.to or not isinstance(signed.entry.act, Said):
            file = files.of_id(session, file_id)
            entries = files.entries_of(session, file)
            case = fold(named(file.kind), entries)
            projecting.project(session, file_id, case, entries)
            _tell_of_glass(session, file, case, signed.entry)
    return "added"


def _is_here(session: Session, signed: _Signed) -> bool:
    """Whether an entry is among those that are at hand. Raises Conflict."""
    held = session.value("SELECT digest FROM case_entry WHERE uuid = %s", (signed.entry.id,))
    if held is not None and held != sha256(signed.data).digest():
        raise Conflict(f"entry {signed.entry.id} is here with other content")
    return held is not None


def _tell_of_glass(session: Session, file: File, case: Case, entry: Entry) -> None:
    """Whoever leads the case here hears that a site admin of another node reads it."""
    act = entry.act
    is_glass = isinstance(act, Joined) and act.role == BREAK_GLASS.key
    if isinstance(act, Joined) and is_glass and act.participant in case.participants:
        breaking.tell(session, file, case, act)


def _read(message: Message) -> _Signed:
    text = message.get("entry")
    if not isinstance(text, str) or len(text) > LARGEST:
        raise Invalid("entry", f"a text of at most {LARGEST} characters")
    data = text.encode()
    entry = decoded(data)
    if encoded(entry) != data:
        raise Invalid("entry", "canonical JSON (RFC 8785)", text)
    if entry.id != message["event_uuid"]:
        raise Invalid("entry.id", message["event_uuid"], entry.id)
    require_not_ahead(entry, datetime.now(UTC))
    public, signature = (_bytes(message, name, size) for name, size in _SIZES)
    key_id = str(message.get("key_id"))
    if identity_keys.id_of(public) != key_id:
        raise Invalid("key_id", "that of the public key", key_id)
    if not identity.verify(public, signature, data):
        raise Forbidden(f"entry {entry.id} is not signed by the key that it names")
    return _Signed(entry, data, key_id, public, signature)


_SIZES = (("public", 32), ("signature", 64))


def _bytes(message: Message, name: str, size: int) -> bytes:
    try:
        found = bytes.fromhex(str(message.get(name)))
    except ValueError:
        found = b""
    if len(found) != size:
        raise Invalid(name, f"{size} bytes in hexadecimal", str(message.get(name)))
    return found


def _file(session: Session, entry: Entry) -> int:
    """The case's file here, begun by the case's first entry."""
    found = session.value("SELECT id FROM case_file WHERE uuid = %s", (entry.case,))
    if found is not None:
        return int(found)
    if not isinstance(entry.act, Opened):
        raise UnknownCase(f"case {entry.case} is not here")
    rules.require_own(entry)
    kind = named(entry.act.kind)
    return int(session.value("SELECT take_case(%s, %s, %s)", (entry.case, kind.key, kind.prefix)))


def _require_author(session: Session, bridge: BridgeRow, file_id: int, signed: _Signed) -> None:
    """Raises Forbidden unless the author's own node has signed."""
    node = signed.entry.author.node
    if node == str(bridge.node_uuid):
        _require_part(session, bridge, file_id, signed.entry)
        known = _valid(session, bridge.partner_id)
    elif node == str(settings.get(session, "node.uuid")):
        # This node was restored from a backup, and gets back what it once said.
        known = {one.key_id: one.public for one in identity_keys.stored(session)}
    elif (partner := _partner(session, node)) is not None:
        known = _valid(session, partner)
    else:
        known = _pinned(session, file_id, signed)
    if known.get(signed.key_id) != signed.public:
        raise Forbidden(f"entry {signed.entry.id} is signed by a key that node {node} has not")


def _require_part(session: Session, bridge: BridgeRow, file_id: int, entry: Entry) -> None:
    """The partner speaks for itself, and for guests whom it is the node of, as long as they take
    part: what comes later was written later, whatever it says. Of its site admins, who break the
    glass, as long as anybody of its node does. Raises Forbidden.
    """
    file = files.of_id(session, file_id)
    case = fold(named(file.kind), files.entries_of(session, file))
    parts = [one for one in case.participants.values() if one.org == entry.author.org]
    is_theirs = entry.author.org == str(bridge.org_uuid)
    if isinstance(entry.act, Joined) and entry.act.role == BREAK_GLASS.key:
        if not any(one.node == entry.author.node and one.user is None for one in case.present):
            raise Forbidden(f"nobody of {bridge.partner}'s node takes part in {file.number}")
        return
    if not is_theirs and not any(one.node == entry.author.node for one in parts):
        raise Forbidden(f"{bridge.partner} speaks for {entry.author.org}")
    if parts and all(one.left is not None for one in parts):
        raise Forbidden(f"{entry.author.org} has left case {file.number}")


def _partner(session: Session, node: str) -> int | None:
    found = session.value("SELECT id FROM partner WHERE node_uuid::text = %s", (node,))
    return None if found is None else int(found)


def _valid(session: Session, partner_id: int) -> dict[str, bytes]:
    now = datetime.now(UTC)
    held = partners.keys_of(session, partner_id)
    return {one.key_id: one.public for one in held if one.is_valid(now)}


def _pinned(session: Session, file_id: int, signed: _Signed) -> dict[str, bytes]:
    """The key that came first for a node that this one is not connected with."""
    row = session.one(
        "INSERT INTO case_node_key (case_id, node_uuid, key_id, public, brought_by)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (case_id, node_uuid)"
        " DO UPDATE SET node_uuid = excluded.node_uuid RETURNING key_id, public",
        (
            file_id,
            signed.entry.author.node,
            signed.key_id,
            signed.public,
            session.principal.org_id,
        ),
    )
    if row is None:
        raise NotFound("no key")
    return {row[0]: bytes(row[1])}
