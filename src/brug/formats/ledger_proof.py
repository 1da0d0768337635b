# SPDX-License-Identifier: EUPL-1.2
"""The proof that an entry is in a log: one file, verified with it and public keys alone.

Reads no database and asks nobody: this module, `merkle`, `signed_note` and `canonical` are
all that verifying takes. The file is a C2SP tlog-proof v1 (c2sp.org/tlog-proof). What the log
holds of an entry is a commitment, SHA-256(salt || canonical JSON of the entry), 32 bytes; the
file's `extra` brings entry and salt along, or the commitment alone where they were erased.

    1. The commitment is computed of entry and salt.
    2. Its leaf hash leads by the path in the file to the root in the checkpoint.
    3. The checkpoint is signed by a key that the reader trusts.
"""

import re
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from brug.formats import merkle, signed_note
from brug.formats.canonical import canonical
from brug.formats.signed_note import (
    COSIGNATURE,
    ED25519,
    BadNote,
    Checkpoint,
    Key,
    Note,
    read_base64,
)
from brug.model.errors import BrugError

HEADER = "c2sp.org/tlog-proof@v1"
SALT_BYTES = 16
LARGEST_PROOF = 4 * 1024 * 1024


class BadProof(BrugError):
    """The file proves nothing: it cannot be read, or its hashes lead elsewhere."""

    code = "bad_proof"
    public = "This proof does not hold."
    status = 400


class Said(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the file's `extra` holds."""

    entry: dict[str, Any] | None = None
    salt: str | None = None
    commitment: str | None = None


class Proof(msgspec.Struct, frozen=True):
    """The file as it was read; nothing of it is verified."""

    said: Said
    index: int
    path: tuple[bytes, ...]
    note: Note


class Proved(msgspec.Struct, frozen=True):
    """What holds. `entry` is None where it was erased: then only that there was one."""

    entry: dict[str, Any] | None
    commitment: bytes
    index: int
    checkpoint: Checkpoint
    signers: tuple[Key, ...]


def committed(salt: bytes, entry: dict[str, Any]) -> bytes:
    """What the log holds of an entry."""
    return sha256(salt + canonical(entry)).digest()


def write(said: Said, index: int, path: Sequence[bytes], note: str) -> str:
    """The file."""
    extra = b64encode(canonical(msgspec.to_builtins(said))).decode()
    hashes = "".join(f"{b64encode(one).decode()}\n" for one in path)
    return f"{HEADER}\nextra {extra}\nindex {index}\n{hashes}\n{note}"


def read(text: str) -> Proof:
    """The file's parts; raises BadProof, BadNote."""
    if len(text) > LARGEST_PROOF:
        raise BadProof(f"a proof has at most {LARGEST_PROOF} characters")
    head, separator, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER or not separator or len(lines) < 2:
        raise BadProof(f"a proof begins with {HEADER}, extra and index, and ends in a checkpoint")
    extra, index, *path = lines
    if not extra.startswith("extra ") or not re.fullmatch("index (0|[1-9][0-9]{0,17})", index):
        raise BadProof("the second line of this proof says extra, the third index")
    try:
        raw = read_base64(extra[6:])
        said = msgspec.json.decode(raw, type=Said)
        is_canonical = canonical(msgspec.to_builtins(said)) == raw
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise BadProof(f"the proof cannot be read: {error}") from error
    if not is_canonical:
        raise BadProof("the entry in this proof is not canonical JSON")
    hashes = tuple(read_base64(line) for line in path)
    return Proof(said, int(index[6:]), hashes, signed_note.parse(note))


def check(text: str, keys: Sequence[str]) -> Proved:
    """What the file proves to whoever trusts these keys: NAME+ID+KEY, or bare base64.

    Raises BadProof and BadNote, which say what does not hold.
    """
    proof = read(text)
    # 1.
    commitment = _commitment(proof.said)
    # 2.
    checkpoint = signed_note.read_checkpoint(proof.note.body)
    leaf = merkle.leaf_hash(commitment)
    if not merkle.is_included(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise BadProof("the path does not lead from this entry to the root of the checkpoint")
    # 3.
    trusted = [key for given in keys for key in trusted_keys(given, proof.note)]
    signers = tuple(signed_note.signers(proof.note, trusted))
    return Proved(proof.said.entry, commitment, proof.index, checkpoint, signers)


def _commitment(said: Said) -> bytes:
    try:
        if said.entry is None:
            commitment = _of_hex(said.commitment)
        else:
            salt = _of_hex(said.salt)
            commitment = committed(salt, said.entry) if len(salt) == SALT_BYTES else b""
    except (ValueError, RecursionError) as error:
        raise BadProof(f"the entry cannot be read: {error}") from error
    if len(commitment) != merkle.HASH_BYTES:
        raise BadProof("the proof holds neither an entry with its salt nor a commitment")
    if said.commitment and said.commitment != commitment.hex():
        raise BadProof("the entry is not the one that was committed to")
    return commitment


def _of_hex(text: str | None) -> bytes:
    """Bytes in their one form; none where it is another."""
    if not re.fullmatch("([0-9a-f]{2})*", text or ""):
        return b""
    return bytes.fromhex(text or "")


def trusted_keys(given: str, note: Note) -> list[Key]:
    """The keys that a text stands for: a bare one under any name that signed the note."""
    if "+" in given and given.count("+") >= 2 and not _bare(given):
        return [signed_note.read_key(given)]
    if (public := _bare(given)) is None:
        raise BadNote(f"{given[:60]!r} is no key: NAME+ID+KEY, or the base64 of 32 bytes")
    names = dict.fromkeys(line.name for line in note.lines)
    return [Key(name, public, kind) for name in names for kind in (ED25519, COSIGNATURE)]


def _bare(given: str) -> bytes | None:
    """The 32 bytes of a key that has no name: base64 in either alphabet."""
    if not re.fullmatch("[A-Za-z0-9+/_-]{43}=?", given):
        return None
    return urlsafe_b64decode(given.rstrip("=").replace("+", "-").replace("/", "_") + "=")
