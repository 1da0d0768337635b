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
"""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from brug.cases.exporting import container, contents, manifest
from brug.cases.exporting.container import NoArchive
from brug.cases.exporting.document import FORM, Export
from brug.cases.exporting.manifest import (
    CASE,
    MANIFEST,
    SIGNATURE,
    Listed,
    Manifest,
    Signature,
)
from brug.cases.exporting.packing import digest_of
from brug.formats import ledger_proof
from brug.formats.canonical import canonical
from brug.model.errors import Invalid

__all__ = ["Check", "NoArchive", "Verdict", "verify"]

LARGEST_LIST = 64 * 2**20
LARGEST_CASE = 1024 * 2**20
_LARGEST_SIGNATURE = 1000
_KEY = re.compile(r"[A-Za-z0-9+/_-]{43}=?")  # 32 bytes
_UNREADABLE = (NoArchive, msgspec.DecodeError, RecursionError, UnicodeDecodeError)
State = Literal["holds", "fails", "open"]


class Check(msgspec.Struct, frozen=True):
    """One question. `open`: nothing speaks against it, and `about` says what is not proved."""

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
    """`keys` are public keys in base64, or their fingerprints. Raises NoArchive, Invalid."""
    for one in keys:
        if not _KEY.fullmatch(one.strip()):
            raise Invalid("key", "the public key of a node or its fingerprint (base64)", one)
    try:
        with path.open("rb") as file, container.opened(file) as archive:
            return _Reading(file, archive, keys).verdict()
    except OSError as error:
        raise NoArchive(error.strerror or "it cannot be read") from error


class _Reading:
    """One archive, and what was found of it."""

    def __init__(self, file: BinaryIO, archive: zipfile.ZipFile, keys: Sequence[str]) -> None:
        self._file, self._archive = file, archive
        self._given = {one.strip().rstrip("=") for one in keys}
        self._checks: list[Check] = []
        self._sound: list[Listed] = []  # files that are what the list says
        self._data = self._member(MANIFEST, LARGEST_LIST)
        try:
            self._listed = msgspec.json.decode(self._data, type=Manifest)
        except _UNREADABLE as error:
            raise NoArchive(f"{MANIFEST}: {error}") from error
        if self._listed.form != FORM:
            raise NoArchive(f"{MANIFEST} is of form {self._listed.form[:40]!r}, expected {FORM}")

    def verdict(self) -> Verdict:
        listed, signature = self._listed, self._signature()
        self._sealed()
        self._signed(signature)
        self._files()
        told = self._case()
        if told is not None:
            self._about_case(told)
        return Verdict(
            listed.case, listed.number, listed.exported, listed.node.uuid,
            signature.key_id[:60] if signature else "",
            len(told.entries) if told else 0, len(told.documents) if told else 0,
            tuple(self._checks),
        )  # fmt: skip

    def _say(self, question: str, problems: Sequence[str], remarks: Sequence[str] = ()) -> None:
        state: State = "fails" if problems else "open" if remarks else "holds"
        self._checks.append(Check(question, state, tuple(problems or remarks)))

    def _member(self, name: str, most: int = ledger_proof.LARGEST_PROOF) -> bytes:
        return container.read(self._archive, name, most)

    def _trusted(self, key_id: str) -> bytes | None:
        """A key of the exporting node, if the reader trusts it."""
        for one in self._listed.keys:
            if one.key_id == key_id and one.node == self._listed.node.uuid:
                bare = one.public.rstrip("=")
                called = {one.key_id, bare, bare.replace("+", "-").replace("/", "_")}
                return manifest.public_of(one) if called & self._given else None
        return None

    # -- 1 to 3 ---------------------------------------------------------------------------

    def _sealed(self) -> None:
        end = max(0, self._file.seek(0, 2) - manifest.SEAL_BYTES)
        self._file.seek(end)
        seal = manifest.read_seal(self._file.read(manifest.SEAL_BYTES))
        public = self._trusted(seal.key_id) if seal else None
        if seal and public is None:
            self._say("seal", [f"key {seal.key_id[:60]} is not among those given"])
            return
        digest = digest_of(self._file, end)
        holds = seal and public and manifest.is_signed(public, seal.signature, digest)
        self._say("seal", [] if holds else ["the archive is not, byte for byte, as it was made"])

    def _signature(self) -> Signature | None:
        try:
            data = self._member(SIGNATURE, _LARGEST_SIGNATURE)
            found = msgspec.json.decode(data, type=Signature)
        except _UNREADABLE:
            return None
        return found if msgspec.json.encode(found) == data else None

    def _signed(self, found: Signature | None) -> None:
        if found is None:
            self._say("signature", [f"{SIGNATURE} is missing or unreadable"])
            return
        public = self._trusted(found.key_id)
        if public is None:
            self._say("signature", [f"key {found.key_id[:60]} is not among those given"])
            return
        fine = manifest.is_signed(public, found.signature, self._data)
        fine = fine and canonical(self._listed) == self._data
        self._say("signature", [] if fine else [f"{MANIFEST} is not what the key signed"])

    def _files(self) -> None:
        here, listed = set(self._archive.namelist()), self._listed.files
        names = {one.name for one in listed}
        problems = [f"{one} is not in the list" for one in here - names - {MANIFEST, SIGNATURE}]
        if len(names) < len(listed):
            problems.append("the list names a file twice")
        for one in listed:
            if one.name in here and container.is_as_listed(self._archive, one):
                self._sound.append(one)
            else:
                why = "is not what it was" if one.name in here else "is missing"
                problems.append(f"{one.name} {why}")
        self._say("files", problems)

    # -- 4 to 7 ---------------------------------------------------------------------------

    def _case(self) -> Export | None:
        try:
            told = msgspec.json.decode(self._member(CASE, LARGEST_CASE), type=Export)
        except _UNREADABLE as error:
            self._say("case", [f"{CASE}: {error}"])
            return None
        self._say("case", contents.differences(self._listed, told))
        return told

    def _about_case(self, told: Export) -> None:
        read, problems = contents.entries(self._listed, told)
        self._say("entries", problems)
        if not read:
            return
        self._say("fold", contents.fold_problems(told, read))
        sound = msgspec.structs.replace(self._listed, files=self._sound)
        self._say("documents", *contents.documents(sound, told, read))
        keys = [one.public for one in self._listed.keys if self._trusted(one.key_id)]
        if keys:
            self._say("ledger", *contents.proofs(self._listed, read, keys, self._member))
        else:
            self._say("ledger", ["no key of the node is among those given"])
