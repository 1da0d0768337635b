# SPDX-License-Identifier: EUPL-1.2
"""Whether an archive of a case is what it says: by it and public keys alone.

Asks no database and nobody else. Each question is answered by itself, so that whoever finds an
archive damaged learns what of it still holds:

    1. The seal: no byte of the archive was changed since the node made it.
    2. The list of files is signed by a key that the reader trusts.
    3. Every file is there, and is what the list says; nothing else is.
    4. Each entry is signed by the node of its author, with a key that the list's signer names.
    5. The entries fold to the case that stands beside them.
    6. Each document is the one that an entry attached.
    7. Each entry stands in the ledger of the node, under a checkpoint that it signed.

Nothing is unpacked to the disk. What is compressed is refused, so nothing grows.
"""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from brug.cases.acts import Attached
from brug.cases.entries import Entry, decoded, encoded
from brug.cases.exporting import manifest
from brug.cases.exporting.document import FORM, Export, plain
from brug.cases.exporting.manifest import (
    CASE,
    DOCUMENTS,
    MANIFEST,
    PROOF_ENDING,
    PROOFS,
    SIGNATURE,
    Listed,
    Manifest,
)
from brug.cases.exporting.packing import digest_of
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.telling import folded
from brug.formats import ledger_proof
from brug.formats.canonical import canonical
from brug.formats.ledger_proof import BadProof
from brug.formats.signed_note import BadNote
from brug.model.errors import BrugError

LARGEST_LIST = 64 * 2**20
LARGEST_CASE = 1024 * 2**20
MOST_FILES = 200_000
_PIECE = 2**20
State = Literal["holds", "fails", "open"]


class NoArchive(BrugError):
    """The file is no archive of a case, so there is nothing that could hold."""

    code = "no_archive"
    status = 400
    exit_code = 2

    def __init__(self, why: str) -> None:
        self.public = f"This is no archive of a case: {why}."
        super().__init__(self.public)


class Check(msgspec.Struct, frozen=True):
    """One question. `open`: it does not hold and does not fail; `about` says why."""

    question: str
    state: State
    about: tuple[str, ...] = ()


class Verdict(msgspec.Struct, frozen=True):
    """What an archive says it is, as far as it could be read, and what holds of that."""

    case: str
    number: str
    exported: str
    node: str
    key_id: str
    entries: int
    documents: int
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        return all(one.state != "fails" for one in self.checks)


def verify(path: Path, keys: Sequence[str]) -> Verdict:
    """`keys` are public keys in base64, or their fingerprints. Raises NoArchive."""
    try:
        with path.open("rb") as file, _opened(file) as archive:
            return _Reading(file, archive, keys).verdict()
    except OSError as error:
        raise NoArchive(error.strerror or "it cannot be read") from error


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    """Raises NoArchive for whatever no export has."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise NoArchive("it cannot be read as ZIP") from error
    members = archive.infolist()
    if len(members) > MOST_FILES:
        raise NoArchive(f"it holds more than {MOST_FILES} files")
    if len({one.filename for one in members}) < len(members):
        raise NoArchive("it holds two files of one name")
    for one in members:
        if not manifest.NAME.fullmatch(one.orig_filename):
            raise NoArchive(f"no export has a file called {one.orig_filename[:80]!r}")
        if one.compress_type != zipfile.ZIP_STORED or one.file_size != one.compress_size:
            raise NoArchive(f"{one.filename} is compressed, which no export is")
        if one.flag_bits & 0x1:
            raise NoArchive(f"{one.filename} is encrypted")
    return archive


class _Reading:
    """One archive, and what was found of it."""

    def __init__(self, file: BinaryIO, archive: zipfile.ZipFile, keys: Sequence[str]) -> None:
        self._file, self._archive = file, archive
        self._given = {one.strip().rstrip("=") for one in keys}
        self._checks: list[Check] = []

    def verdict(self) -> Verdict:
        listed = self._manifest()
        self._sealed(listed)
        self._signed(listed)
        self._files(listed)
        told = self._case(listed)
        if told is not None:
            self._about_case(listed, told)
        return Verdict(
            listed.case, listed.number, listed.exported, listed.node.uuid, self._key_id(listed),
            len(told.entries) if told else 0, len(told.documents) if told else 0,
            tuple(self._checks),
        )  # fmt: skip

    def _about_case(self, listed: Manifest, told: Export) -> None:
        entries = self._entries(listed, told)
        if entries is not None:
            self._fold(told, entries)
            self._documents(listed, told, entries)
            self._proofs(listed, told, entries)

    def _say(self, question: str, problems: Sequence[str], remarks: Sequence[str] = ()) -> None:
        state: State = "fails" if problems else "open" if remarks else "holds"
        self._checks.append(Check(question, state, tuple(problems or remarks)))

    # -- 1 to 3 ---------------------------------------------------------------------------

    def _manifest(self) -> Manifest:
        data = self._read(MANIFEST, LARGEST_LIST)
        try:
            found = msgspec.json.decode(data, type=Manifest)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise NoArchive(f"{MANIFEST}: {error}") from error
        if found.form != FORM:
            raise NoArchive(f"{MANIFEST} is of form {found.form[:40]!r}, expected {FORM}")
        return found

    def _read(self, name: str, most: int) -> bytes:
        """Raises NoArchive."""
        try:
            about = self._archive.getinfo(name)
            if about.file_size > most:
                raise NoArchive(f"{name} has more than {most} bytes")
            with self._archive.open(about) as member:
                return member.read(most + 1)
        except KeyError as error:
            raise NoArchive(f"it has no {name}") from error
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError) as error:
            raise NoArchive(f"{name} cannot be read: {error}") from error

    def _sealed(self, listed: Manifest) -> None:
        size = self._file.seek(0, 2)
        end = max(0, size - manifest.SEAL_BYTES)
        self._file.seek(end)
        seal = manifest.read_seal(self._file.read(manifest.SEAL_BYTES))
        public = self._public(listed, seal.key_id) if seal else None
        digest = digest_of(self._file, end)
        holds = seal and public and manifest.is_signed(public, seal.signature, digest)
        self._say("seal", [] if holds else ["the archive is not, byte for byte, as it was made"])

    def _public(self, listed: Manifest, key_id: str) -> bytes | None:
        """A key of the exporting node, if the reader trusts it."""
        for one in listed.keys:
            if one.key_id == key_id and one.node == listed.node.uuid:
                public = manifest.public_of(one)
                bare = one.public.rstrip("=")
                trusted = {one.key_id, bare, bare.replace("+", "-").replace("/", "_")}
                return public if trusted & self._given else None
        return None

    def _signature(self) -> manifest.Signature | None:
        try:
            data = self._read(SIGNATURE, 1000)
            found = msgspec.json.decode(data, type=manifest.Signature)
        except (NoArchive, msgspec.DecodeError, UnicodeDecodeError):
            return None
        return found if msgspec.json.encode(found) == data else None

    def _key_id(self, _: Manifest) -> str:
        found = self._signature()
        return found.key_id[:60] if found else ""

    def _signed(self, listed: Manifest) -> None:
        found = self._signature()
        if found is None:
            self._say("signature", [f"{SIGNATURE} is missing or unreadable"])
            return
        public = self._public(listed, found.key_id)
        if public is None:
            self._say("signature", [f"key {found.key_id[:60]} is not among those given"])
            return
        data = self._read(MANIFEST, LARGEST_LIST)
        fine = manifest.is_signed(public, found.signature, data) and canonical(listed) == data
        self._say("signature", [] if fine else [f"{MANIFEST} is not what the key signed"])

    def _files(self, listed: Manifest) -> None:
        here = {one.filename: one for one in self._archive.infolist()}
        expected = {MANIFEST, SIGNATURE, *(one.name for one in listed.files)}
        problems = [f"{name} is not in the list" for name in here if name not in expected]
        if len({one.name for one in listed.files}) < len(listed.files):
            problems.append("the list names a file twice")
        for one in listed.files:
            if one.name not in here:
                problems.append(f"{one.name} is missing")
            elif not self._is_as_listed(one):
                problems.append(f"{one.name} is not what it was")
        self._say("files", problems)

    def _is_as_listed(self, one: Listed) -> bool:
        digest, size = hashlib.sha256(), 0
        try:
            for piece in self._pieces(one.name):
                digest.update(piece)
                size += len(piece)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError):
            return False
        return (size, digest.hexdigest()) == (one.size, one.sha256)

    def _pieces(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as member:
            while piece := member.read(_PIECE):
                yield piece

    # -- 4 to 7 ---------------------------------------------------------------------------

    def _case(self, listed: Manifest) -> Export | None:
        try:
            told = msgspec.json.decode(self._read(CASE, LARGEST_CASE), type=Export)
        except (NoArchive, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            self._say("case", [f"{CASE}: {error}"])
            return None
        differs = [
            f"{CASE} and the list differ in {name}"
            for name in ("form", "number", "exported", "by", "node")
            if getattr(told, name) != getattr(listed, name)
        ]
        if told.case.get("uuid") != listed.case:
            differs.append(f"{CASE} and the list differ in the case")
        self._say("case", differs)
        return told

    def _entries(self, listed: Manifest, told: Export) -> list[Entry] | None:
        keys = {(one.node, one.key_id): manifest.public_of(one) for one in told.keys}
        found: dict[str, Entry] = {}
        problems: list[str] = []
        for place, one in enumerate(told.entries, 1):
            try:
                data = one.entry.encode()
                entry = decoded(data)
                is_canonical = encoded(entry) == data
            except (BrugError, ValueError, RecursionError) as error:
                problems.append(f"entry {place} cannot be read: {error}")
                continue
            public = keys.get((entry.author.node, one.key_id))
            if not is_canonical or entry.case != listed.case or entry.id in found:
                problems.append(f"entry {entry.id} is no entry of this case, or is there twice")
            elif public is None:
                problems.append(f"entry {entry.id}: no key {one.key_id[:60]} of its author's node")
            elif not manifest.is_signed(public, one.signature, data):
                problems.append(f"entry {entry.id} is not what its author's node signed")
            found[entry.id] = entry
        self._say("entries", problems)
        return None if not found else list(found.values())

    def _fold(self, told: Export, entries: Sequence[Entry]) -> None:
        try:
            kind = named(str(told.case.get("kind")))
            same = plain(folded(fold(kind, entries))) == told.case
        except (BrugError, ValueError, KeyError, RecursionError) as error:
            self._say("fold", [f"the entries make no case: {error}"])
            return
        self._say("fold", [] if same else ["the case is not what its entries make"])

    def _documents(self, listed: Manifest, told: Export, entries: Sequence[Entry]) -> None:
        files = {one.name: one for one in listed.files}
        acts = {one.id: one.act for one in entries}
        problems, absent = [], []
        for one in told.documents:
            act = acts.get(one.entry)
            said = (one.document, one.name, one.size, one.sha256)
            if not isinstance(act, Attached) or said != (
                act.document, act.name, act.size, act.sha256,
            ):  # fmt: skip
                problems.append(f"{one.name[:80]} is not what an entry attached")
            elif not one.file:
                absent.append(f"{one.name[:80]} is not in the archive ({one.why[:40]})")
            elif one.file not in files or (files[one.file].size, files[one.file].sha256) != (
                one.size, one.sha256,
            ):  # fmt: skip
                problems.append(f"{one.file[:80]} is not the content that was attached")
        named_so = {one.file for one in told.documents}
        problems += [
            f"{name} belongs to no document"
            for name in files
            if name.startswith(DOCUMENTS) and name not in named_so
        ]
        self._say("documents", problems, absent)

    def _proofs(self, listed: Manifest, told: Export, entries: Sequence[Entry]) -> None:
        keys = [one.public for one in listed.keys if self._public(listed, one.key_id)]
        keys = keys or [""]
        data = {decoded(one.entry.encode()).id: one.entry for one in told.entries
                if one.entry.encode() and _is_readable(one.entry)}  # fmt: skip
        pending = set(listed.pending)
        problems, remarks = [], []
        for entry in entries:
            if entry.id in pending:
                remarks.append(f"entry {entry.id} was exported before a checkpoint covered it")
                continue
            why = self._proved(listed, entry, data.get(entry.id, ""), keys)
            if why == _ERASED:
                remarks.append(f"entry {entry.id}: {why}")
            elif why:
                problems.append(f"entry {entry.id}: {why}")
        self._say("ledger", problems, remarks)

    def _proved(self, listed: Manifest, entry: Entry, data: str, keys: Sequence[str]) -> str:
        """Why an entry is not proved to stand in the ledger; empty where it is."""
        name = f"{PROOFS}{entry.id}{PROOF_ENDING}"
        try:
            text = self._read(name, ledger_proof.LARGEST_PROOF).decode()
            proved = ledger_proof.check(text, keys)
        except (NoArchive, BadProof, BadNote, UnicodeDecodeError, ValueError) as error:
            return str(error)
        if proved.checkpoint.origin.partition("/ledger/")[2].split("/")[0] != listed.node.uuid:
            return "the proof is of another node's log"
        if proved.entry is None:
            return _ERASED
        said = {
            "case": listed.case,
            "entry": entry.id,
            "digest": hashlib.sha256(data.encode()).hexdigest(),
        }
        if (proved.entry.get("kind"), proved.entry.get("payload")) != ("case-entry", said):
            return "the proof is of something else"
        return ""


_ERASED = "what the ledger said of it was erased; that there was an entry is proved"


def _is_readable(text: str) -> bool:
    try:
        decoded(text.encode())
    except (BrugError, ValueError, RecursionError):
        return False
    return True
