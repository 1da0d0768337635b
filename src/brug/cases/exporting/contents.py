# SPDX-License-Identifier: EUPL-1.2
"""Whether what an archive says of a case follows from its entries: questions 4 to 7 of `verifying`.

Each function answers what does not hold, in words, and some what is only to be said.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import msgspec

from brug.cases.acts import Attached
from brug.cases.entries import Entry, decoded, encoded
from brug.cases.exporting import manifest
from brug.cases.exporting.document import Export, Kept, plain
from brug.cases.exporting.manifest import DOCUMENTS, PROOF_ENDING, PROOFS, Listed, Manifest
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.telling import folded
from brug.formats import ledger_proof
from brug.formats.ledger_proof import BadProof
from brug.formats.signed_note import BadNote
from brug.model.errors import BrugError

_ERASED = "what the ledger said of it was erased; that there was an entry is proved"


class Read(msgspec.Struct, frozen=True):
    """An entry, and the text that was signed."""

    entry: Entry
    text: str


def differences(listed: Manifest, told: Export) -> list[str]:
    """In what the case is not the one of the list."""
    found = [name for name in ("form", "number", "exported", "by", "node")
             if getattr(told, name) != getattr(listed, name)]  # fmt: skip
    if told.case.get("uuid") != listed.case:
        found.append("case")
    return [f"{manifest.CASE} and the list differ in {name}" for name in found]


def entries(listed: Manifest, told: Export) -> tuple[list[Read], list[str]]:
    """Those that can be read, and which are not what their author's node signed."""
    keys = {(one.node, one.key_id): manifest.public_of(one) for one in told.keys}
    found: dict[str, Read] = {}
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
        found[entry.id] = Read(entry, one.entry)
    if not found:
        problems.append("there is no entry that can be read")
    return list(found.values()), problems


def fold_problems(told: Export, read: Sequence[Read]) -> list[str]:
    """Whether the entries make the case that is shown."""
    try:
        kind = named(str(told.case.get("kind")))
        same = plain(folded(fold(kind, [one.entry for one in read]))) == told.case
    except (BrugError, ValueError, KeyError, RecursionError) as error:
        return [f"the entries make no case: {error}"]
    return [] if same else ["the case is not what its entries make"]


def documents(
    listed: Manifest, told: Export, read: Sequence[Read]
) -> tuple[list[str], list[str]]:  # fmt: skip
    """What was not attached so; and what is not in the archive."""
    files = {one.name: one for one in listed.files}
    acts = {one.entry.id: one.entry.act for one in read}
    problems, absent = [], []
    for one in told.documents:
        act = acts.get(one.entry)
        if not isinstance(act, Attached) or not _is_attached(one, act):
            problems.append(f"{one.name[:80]} is not what an entry attached")
        elif not one.file:
            absent.append(f"{one.name[:80]} is not in the archive ({one.why[:40]})")
        elif not _is_content(one, files.get(one.file)):
            problems.append(f"{one.file[:80]} is not the content that was attached")
    named_so = {one.file for one in told.documents}
    problems += [
        f"{name} belongs to no document"
        for name in files
        if name.startswith(DOCUMENTS) and name not in named_so
    ]
    return problems, absent


def _is_attached(one: Kept, act: Attached) -> bool:
    said = (one.document, one.name, one.size, one.sha256)
    return said == (act.document, act.name, act.size, act.sha256)


def _is_content(one: Kept, file: Listed | None) -> bool:
    return file is not None and (file.size, file.sha256) == (one.size, one.sha256)


def proofs(
    listed: Manifest, read: Sequence[Read], keys: Sequence[str], member: Callable[[str], bytes]
) -> tuple[list[str], list[str]]:
    """Which entries are not proved to stand in the ledger, and of which it is only to be said.

    `keys` are those of the node that the reader trusts; `member` reads a file of the archive.
    """
    pending = set(listed.pending)
    problems: list[str] = []
    remarks: list[str] = []
    for one in read:
        if one.entry.id in pending:
            remarks.append(f"entry {one.entry.id} was exported before a checkpoint covered it")
            continue
        why = _unproved(listed, one, keys, member)
        if why:
            (remarks if why == _ERASED else problems).append(f"entry {one.entry.id}: {why}")
    return problems, remarks


def _unproved(
    listed: Manifest, one: Read, keys: Sequence[str], member: Callable[[str], bytes]
) -> str:
    """Why; empty where it is proved."""
    try:
        text = member(f"{PROOFS}{one.entry.id}{PROOF_ENDING}").decode()
        proved = ledger_proof.check(text, keys)
    except (BrugError, BadProof, BadNote, UnicodeDecodeError, ValueError) as error:
        return str(error)
    if proved.checkpoint.origin.partition("/ledger/")[2].split("/")[0] != listed.node.uuid:
        return "the proof is of another node's log"
    if proved.entry is None:
        return _ERASED
    said: Mapping[str, str] = {
        "case": listed.case,
        "entry": one.entry.id,
        "digest": hashlib.sha256(one.text.encode()).hexdigest(),
    }
    is_its = (proved.entry.get("kind"), proved.entry.get("payload")) == ("case-entry", said)
    return "" if is_its else "the proof is of something else"
