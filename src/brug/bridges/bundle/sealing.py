# SPDX-License-Identifier: EUPL-1.2
"""A bundle's file: signed by one node, encrypted to the other, lines of JSON in between.

    age, to the partner's key   https://age-encryption.org/v1, recipient ssh-ed25519
      zstd
        line 1    {"key": ..., "signature": ..., "statement": {...}}
        line 2..  one message a line

The statement says which bridge, how many lines and their SHA-256; the signature is Ed25519 over
its canonical JSON (RFC 8785). Nothing is believed before the digest of all lines is right, so
a bundle that was cut or changed on the way does nothing. Files may be larger than memory.
"""

import hashlib
import io
import json
import tempfile
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyrage
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from brug.formats.canonical import canonical
from brug.model.errors import BrugError

WHAT = "brug-bundle/1"
LINE = 256 * 2**20
Statement = dict[str, Any]
# Signs bytes: (key id, signature).
Sign = Callable[[bytes], tuple[str, bytes]]
# Whether the key of an id made that signature of those bytes.
Verify = Callable[[str, bytes, bytes], bool]


class BadBundle(BrugError):
    """No bundle for this node, or one that is not whole."""

    code = "bad_bundle"
    public = "This is no bundle that this node can take."


def write(
    target: Path, recipient: bytes, statement: Statement, messages: IO[bytes], sign: Sign
) -> None:
    """Writes a bundle of the lines of a file; `recipient` is the partner's public key.

    Raises BadBundle where the file cannot be written.
    """
    count, digest = 0, hashlib.sha256()
    for line in messages:
        count += 1
        digest.update(line)
    said = {**statement, "what": WHAT, "lines": count, "digest": digest.hexdigest()}
    key_id, signature = sign(canonical(said))
    head = {"key": key_id, "signature": b64encode(signature).decode(), "statement": said}
    public = Ed25519PublicKey.from_public_bytes(recipient)
    name = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    messages.seek(0)
    try:
        with tempfile.TemporaryFile(dir=target.parent) as packed:
            with zstandard.ZstdCompressor(level=6).stream_writer(packed, closefd=False) as out:
                out.write(canonical(head) + b"\n")
                while piece := messages.read(2**20):
                    out.write(piece)
            packed.seek(0)
            with target.open("xb") as file:
                pyrage.encrypt_io(packed, file, [pyrage.ssh.Recipient.from_str(name)])
    except OSError as error:
        raise BadBundle(f"{target} cannot be written: {error.strerror}") from error


@contextmanager
def opened(
    source: Path, keys: list[Ed25519PrivateKey], verify: Verify
) -> Iterator[tuple[Statement, Iterator[bytes]]]:
    """The statement and the lines, once both are known to be whole and signed.

    Raises BadBundle.
    """
    with tempfile.TemporaryFile() as packed, tempfile.TemporaryFile() as lines:
        _decrypted(source, keys, packed)
        head, digest, count = _unpacked(packed, lines)
        statement = _believed(head, verify)
        if (statement.get("lines"), statement.get("digest")) != (count, digest):
            raise BadBundle("the bundle is not what was signed: it was cut or changed")
        lines.seek(0)
        yield statement, iter(lambda: lines.readline(LINE + 1), b"")


def _decrypted(source: Path, keys: list[Ed25519PrivateKey], target: IO[bytes]) -> None:
    identities = [
        pyrage.ssh.Identity.from_buffer(
            key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        )
        for key in keys
    ]
    try:
        with source.open("rb") as file:
            pyrage.decrypt_io(file, target, identities)
    except OSError as error:
        # Without a number it was no failure of the disk, but what was read.
        reason = error.strerror or "it was cut or changed"
        raise BadBundle(f"{source} cannot be read: {reason}") from error
    except pyrage.DecryptError as error:
        raise BadBundle(f"{source} is no bundle that is encrypted to this node") from error
    target.seek(0)


def _unpacked(packed: IO[bytes], lines: IO[bytes]) -> tuple[bytes, str, int]:
    """The first line; digest and number of the others, which are written down."""
    count, digest = 0, hashlib.sha256()
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, closefd=False) as stream:
            reader = io.BufferedReader(stream)
            head = reader.readline(2**20)
            while line := reader.readline(LINE + 1):
                if len(line) > LINE:
                    raise BadBundle(f"line {count + 2} is longer than {LINE} bytes")
                count += 1
                digest.update(line)
                lines.write(line)
    except zstandard.ZstdError as error:
        raise BadBundle(f"what is encrypted is no zstd: {error}") from error
    return head, digest.hexdigest(), count


def _believed(head: bytes, verify: Verify) -> Statement:
    try:
        found = json.loads(head)
        statement = found["statement"]
        signature = b64decode(found["signature"], validate=True)
        data, key_id = canonical(statement), str(found["key"])
    except (ValueError, KeyError, TypeError, RecursionError, Base64Error) as error:
        raise BadBundle("the first line is no signed statement") from error
    if not isinstance(statement, dict) or statement.get("what") != WHAT:
        raise BadBundle(f"the statement is none of {WHAT}")
    if not verify(key_id, signature, data):
        raise BadBundle("no valid key of the partner signed this bundle")
    return statement
