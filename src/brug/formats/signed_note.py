# SPDX-License-Identifier: EUPL-1.2
"""Signed notes and the checkpoints of logs, as text.

C2SP signed-note v1 (c2sp.org/signed-note): a text and the lines of its signatures. C2SP
tlog-checkpoint v1: a note whose text names a log, its size and its root. C2SP
tlog-cosignature v1: a line by which somebody else says that a checkpoint goes on from all
that they had seen of its log. Ed25519 alone; signing is somebody else's: whoever holds the
key is handed the bytes. Lines of keys that are not known are kept and mean nothing.
"""

import re
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from brug.formats.merkle import HASH_BYTES
from brug.model.errors import BrugError

ED25519, COSIGNATURE = 0x01, 0x04
LARGEST_NOTE = 64 * 1024
MOST_SIGNATURES = 100  # at least 16 must be taken
_KEY_BYTES, _SIGNATURE_BYTES, _TIME_BYTES = 32, 64, 8
_DASH = "— "

Sign = Callable[[bytes], bytes]


class BadNote(BrugError):
    """A text is not a signed note, not a checkpoint, or not signed by who should have."""

    code = "bad_note"
    public = "This is not a validly signed note."
    status = 400
    exit_code = 2


class Key(msgspec.Struct, frozen=True):
    """A public key under its name; `type` is what its signatures mean."""

    name: str
    public: bytes
    type: int = ED25519

    @property
    def id(self) -> bytes:
        """Four bytes that say, with the name, whose a signature is."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """How the key is handed to whoever verifies: NAME+ID+KEY."""
        key = b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"


class Line(msgspec.Struct, frozen=True):
    """One line of signature; of a cosignature `signature` begins with its time."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def text(self) -> str:
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"

    def is_by(self, key: Key) -> bool:
        """Whether it claims to be of this key; says nothing of whether it is right."""
        return self.name == key.name and self.key_id == key.id


class Note(msgspec.Struct, frozen=True):
    """A text, which ends with a newline, and who signed it."""

    body: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return self.body + "\n" + "".join(line.text for line in self.lines)

    def with_lines(self, more: Iterable[Line]) -> "Note":
        """The note with further lines, each once."""
        return Note(self.body, tuple(dict.fromkeys((*self.lines, *more))))


class Checkpoint(msgspec.Struct, frozen=True):
    """What a log was: its origin, how many entries, the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


# Keys ------------------------------------------------------------------------------


def require_name(name: str) -> str:
    """A name of a key, or BadNote: some text without spaces and without plus."""
    plain = all(not c.isspace() and c != "+" and unicodedata.category(c) != "Cc" for c in name)
    if not name or not plain or any("\ud800" <= c <= "\udfff" for c in name):
        raise BadNote(f"{name[:60]!r} cannot be the name of a key")
    return name


def read_key(text: str) -> Key:
    """The key of NAME+ID+KEY; raises BadNote."""
    parts = text.strip().split("+", 2)  # the key's own base64 may hold more of them
    if len(parts) != 3:
        raise BadNote("a key is written NAME+ID+KEY")
    name, key_id, encoded = parts
    raw = read_base64(encoded)
    if len(raw) != 1 + _KEY_BYTES or raw[0] not in (ED25519, COSIGNATURE):
        raise BadNote(f"the key of {name[:60]!r} is not one of Ed25519")
    key = Key(require_name(name), raw[1:], raw[0])
    if key.id.hex() != key_id:
        raise BadNote(f"the key of {name[:60]!r} has another ID than it says")
    return key


# Notes -----------------------------------------------------------------------------


def make(body: str, key: Key, sign: Sign) -> Note:
    """The text signed; `sign` gives the Ed25519 signature of bytes by that key."""
    if not body.endswith("\n") or not _is_printable(body):
        raise BadNote("the text of a note is of whole lines, without control characters")
    return Note(body, (Line(require_name(key.name), key.id, sign(body.encode())),))


def parse(text: str | bytes) -> Note:
    """A note as it was written; raises BadNote. Nothing is verified."""
    try:
        raw = text if isinstance(text, bytes) else text.encode()
        if len(raw) > LARGEST_NOTE:
            raise BadNote(f"a note has at most {LARGEST_NOTE} bytes")
        text = raw.decode()
    except UnicodeError as error:
        raise BadNote("a note is UTF-8") from error
    body, separator, signatures = text.rpartition("\n\n")
    if not separator or not signatures.endswith("\n") or not _is_printable(text):
        raise BadNote("a note is a text, an empty line and lines of signatures")
    lines = signatures[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise BadNote(f"a note has at most {MOST_SIGNATURES} signatures")
    return Note(body + "\n", tuple(read_line(line) for line in lines))


def read_line(line: str) -> Line:
    """One line of signature; raises BadNote."""
    name, _, encoded = line.removesuffix("\n").removeprefix(_DASH).partition(" ")
    raw = read_base64(encoded)
    if not line.startswith(_DASH) or len(raw) <= 4:
        raise BadNote(f"{line[:60]!r} is not the line of a signature")
    return Line(require_name(name), raw[:4], raw[4:])


def signers(note: Note, keys: Sequence[Key]) -> list[Key]:
    """Which of the keys signed the note, in their order.

    Raises BadNote where a line of one of them is wrong, and where none signed.
    """
    # Every line is looked at: a wrong one beside a right one spoils the note.
    found = [key for key in keys if True in [_is_right(note, line, key) for line in note.lines]]
    if not found:
        names = ", ".join(line.name for line in note.lines)
        raise BadNote(f"none of the known keys signed this note; {names} did")
    return found


def _is_right(note: Note, line: Line, key: Key) -> bool:
    """Whether it is the key's; raises where it claims to be and is not."""
    if not line.is_by(key):
        return False
    signed, signature = note.body.encode(), line.signature
    if key.type == COSIGNATURE:
        signed, signature = _cosigned(note.body, cosigned_at(line)), signature[_TIME_BYTES:]
    if not is_signed(key.public, signature, signed):
        raise BadNote(f"the signature of {key.name!r} is wrong")
    return True


def is_signed(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether an Ed25519 signature is right; keys and signatures of another length are not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


# Checkpoints -----------------------------------------------------------------------


def read_checkpoint(body: str) -> Checkpoint:
    """What the text of a note says as a checkpoint; raises BadNote."""
    lines = body.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise BadNote("a checkpoint has three lines at least, none of them empty")
    origin, size, root, *extensions = lines
    if not re.fullmatch("0|[1-9][0-9]{0,17}", size):
        raise BadNote(f"{size[:30]!r} is not the size of a log")
    decoded = read_base64(root)
    if len(decoded) != HASH_BYTES:
        raise BadNote(f"a root has {HASH_BYTES} bytes")
    return Checkpoint(origin, int(size), decoded, tuple(extensions))


def cosign(note: Note, key: Key, at: int, sign: Sign) -> Line:
    """The line by which a cosigner stands for a checkpoint, at a time in seconds since 1970."""
    read_checkpoint(note.body)
    if key.type != COSIGNATURE or not 0 <= at < 2**63:
        raise BadNote("a cosigner has a key for it, and a time")
    signature = sign(_cosigned(note.body, at))
    return Line(require_name(key.name), key.id, at.to_bytes(_TIME_BYTES, "big") + signature)


def cosigned_at(line: Line) -> int:
    """When a cosignature was made, in seconds since 1970; raises BadNote."""
    if len(line.signature) != _TIME_BYTES + _SIGNATURE_BYTES:
        raise BadNote(f"the line of {line.name!r} is no cosignature")
    return int.from_bytes(line.signature[:_TIME_BYTES], "big")


def _cosigned(body: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{body}".encode()


def read_base64(text: str) -> bytes:
    """Base64 in its one form: no other text stands for the same bytes."""
    try:
        raw = b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        raise BadNote(f"{text[:60]!r} is not base64") from error
    if b64encode(raw).decode() != text:
        raise BadNote(f"{text[:60]!r} is not written as base64 is")
    return raw


def _is_printable(text: str) -> bool:
    return all(c >= " " or c == "\n" for c in text)
