# SPDX-License-Identifier: EUPL-1.2
"""The archive: the case as JSON and PDF, its documents, proofs of its entries, a signed list.

Documents are written in pieces, as whoever exports may read them: malware stays in its box, what
was encrypted before it came stays so. Nothing is compressed, so that nothing unpacks to more than
the archive is. Names are made here of letters that every system takes.
"""

import hashlib
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec

from brug.cases import documents
from brug.cases.case import Document
from brug.cases.exporting import document, manifest
from brug.cases.exporting.document import Given, Kept, Key
from brug.cases.exporting.manifest import CASE, DOCUMENTS, PAGES, PROOF_ENDING, PROOFS, README
from brug.directory import identity_keys, signing
from brug.directory.signing import Signer
from brug.formats.canonical import canonical
from brug.store import settings
from brug.store.pieces import Damaged
from brug.store.session import Session

_PIECE = 2**20
_LARGE = 2**30  # from here on a member is written in the form for large ones
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class Packed(msgspec.Struct, frozen=True):
    """What was made: how large it is, the digest of its list, what it could not hold."""

    size: int
    digest: str
    entries: int
    pending: list[str]
    missing: list[Kept]


def pack(
    session: Session, given: Given, out: BinaryIO, *, pages: bytes, proofs: Mapping[str, str]
) -> Packed:
    """Writes the archive into a file that is empty, and can be read and written anywhere.

    `proofs` by the UUID of the entry; `pages` is the PDF.
    """
    made = _Archive(out, given)
    kept = {one.act.document: _document(session, given, made, place, one)
            for place, one in enumerate(given.documents, 1)}  # fmt: skip
    told = document.export(session, given, kept)
    made.add(CASE, [document.as_json(told)])
    made.add(PAGES, [pages])
    for one in given.stored:
        if one.uuid in proofs:
            made.add(f"{PROOFS}{one.uuid}{PROOF_ENDING}", [proofs[one.uuid].encode()])
    made.add(README, [_readme(given).encode()])
    pending = [one.uuid for one in given.stored if one.uuid not in proofs]
    with session.as_system():
        signer, keys = signing.signer(session), _own_keys(session)
    listed = manifest.Manifest(
        case=told.case["uuid"], number=told.number, exported=told.exported, by=told.by,
        node=told.node, keys=keys, files=made.listed, pending=pending,
    )  # fmt: skip
    data = canonical(listed)
    signature = manifest.Signature(signer.key_id, b64encode(signer.sign(data)).decode())
    made.add(manifest.MANIFEST, [data])
    made.add(manifest.SIGNATURE, [msgspec.json.encode(signature)])
    size = made.close(signer)
    missing = [one for one in kept.values() if one.why]
    digest = hashlib.sha256(data).hexdigest()
    return Packed(size, digest, len(given.stored), pending, missing)


class _Archive:
    """Members one after another, each with what the list says of it."""

    def __init__(self, out: BinaryIO, given: Given) -> None:
        self.listed: list[manifest.Listed] = []
        self._out, self._at = out, given.at.timetuple()[:6]
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_STORED)

    def add(self, name: str, pieces: Iterable[bytes], size: int = 0) -> None:
        about = zipfile.ZipInfo(name, self._at)
        about.external_attr = 0o600 << 16
        digest, length = hashlib.sha256(), 0
        with self._zip.open(about, "w", force_zip64=size > _LARGE) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                length += len(piece)
        self.listed.append(manifest.Listed(name, length, digest.hexdigest()))

    def close(self, signer: Signer) -> int:
        """Sealed; how many bytes it has."""
        self._zip.comment = b" " * manifest.SEAL_BYTES
        self._zip.close()
        size = self._out.seek(0, 2)
        end = size - manifest.SEAL_BYTES
        self._out.seek(end)
        self._out.write(manifest.seal(signer.key_id, signer.sign(digest_of(self._out, end))))
        self._out.flush()
        return size


def digest_of(file: BinaryIO, size: int) -> bytes:
    """What the seal is over: SHA-256 of so many bytes from the beginning. Leaves off there."""
    digest = hashlib.sha256()
    file.seek(0)
    while size and (piece := file.read(min(_PIECE, size))):
        digest.update(piece)
        size -= len(piece)
    return digest.digest()


def _document(
    session: Session, given: Given, made: _Archive, place: int, one: Document
) -> Kept:  # fmt: skip
    """Into the archive, or why not: the export of the rest is worth having."""
    if not documents.is_here(session, given.file, one):
        return document.kept(one, why="not_here")
    try:
        content: Iterator[bytes] = documents.content(session, given.file, one)
    except Damaged:
        return document.kept(one, why="damaged")
    name = f"{DOCUMENTS}{place:04}_{safe_name(one.act.name)}"
    made.add(name, content, one.act.size)
    return document.kept(one, name)


def safe_name(name: str) -> str:
    """What a file can be called anywhere; the list in the case has its own name."""
    plain = _ODD.sub("_", name).strip("._")[-80:]
    return plain.lstrip("._") or "document"


def _own_keys(session: Session) -> list[Key]:
    """The newest first: the one that signs, and those that signed checkpoints before it."""
    node = str(settings.get(session, "node.uuid"))
    return [
        Key(node, one.key_id, b64encode(bytes(one.public)).decode())
        for one in identity_keys.stored(session)
    ]


def _readme(given: Given) -> str:
    marking = given.case.marking
    labels: Sequence[str] = [f"{scheme}:{label}".upper() for scheme, label in
                             (("TLP", marking.tlp), ("PAP", marking.pap)) if label]  # fmt: skip
    return _README % {
        "number": given.file.number,
        "marking": " ".join(labels) or "no marking",
    }


_README = """%(number)s: %(marking)s

The marking above holds for every file here, and for copies of them.

case.pdf        the case to be read
case.json       the same for machines, with the signed entries
documents/      what was attached; malware is boxed (ZIP, password: infected)
ledger/         for each entry the proof that it stands in the ledger of the node
manifest.json   each file with its SHA-256, signed by the node (manifest.sig.json)

    brug case verify FILE --key KEY

checks all of it without a network. KEY is the public key of the node that exported the case, or
its fingerprint, which you get from whoever runs that node.
"""
