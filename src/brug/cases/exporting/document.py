# SPDX-License-Identifier: EUPL-1.2
"""A case as JSON: the signed entries, byte for byte, beside what they fold to.

The canonical JSON of each entry stands in it as a text, so that any reader of JSON has the bytes
that were signed. What is folded follows from the entries alone; clocks are by this node's table.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import authors, documents, due, keeping
from brug.cases.case import Case, Document
from brug.cases.clocks import UnusableTable
from brug.cases.entries import Author
from brug.cases.entry_rows import Stored
from brug.cases.files import File
from brug.cases.telling import folded, told_clock
from brug.store import settings
from brug.store.pieces import Damaged
from brug.store.session import Session

FORM = "brug-case-export/1"


class Node(msgspec.Struct, frozen=True):
    """Where a case was exported."""

    uuid: str
    url: str


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry: its canonical JSON as text, and who signed it, in base64."""

    entry: str
    key_id: str
    signature: str


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key of a node whose people wrote entries; base64."""

    node: str
    key_id: str
    public: str


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document of the case, and where it lies in an archive.

    `file` is empty where it does not: `why` is then `not_here`, `damaged` or `not_included`.
    """

    document: str
    entry: str
    name: str
    size: int
    sha256: str
    file: str = ""
    why: str = ""


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of it. `by` is who exported; `number` what this node calls the case."""

    form: str = FORM
    exported: str
    by: Author
    node: Node
    number: str
    case: dict[str, Any]
    clocks: list[dict[str, Any]]
    entries: list[Signed]
    keys: list[Key]
    documents: list[Kept]


class Given(msgspec.Struct, frozen=True):
    """What an export is made of: a case as its exporter has it."""

    file: File
    case: Case
    stored: Sequence[Stored]
    at: datetime

    @property
    def documents(self) -> list[Document]:
        return documents.shown(self.case)


def export(session: Session, given: Given, files: Mapping[str, Kept] | None = None) -> Export:
    """`files` are the documents in an archive, by the document's UUID."""
    known = authors.keys_of(session, {one.entry.author.node for one in given.stored})
    signing = {(one.entry.author.node, one.key_id) for one in given.stored}
    return Export(
        exported=given.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        by=keeping.author(session).as_one_of()[0],
        node=Node(
            str(settings.get(session, "node.uuid")),
            str(settings.get(session, "node.url")).rstrip("/"),
        ),
        number=given.file.number,
        case=plain(folded(given.case)),
        clocks=plain(_clocks(session, given)),
        entries=[
            Signed(one.data.decode(), one.key_id, b64encode(one.signature).decode())
            for one in given.stored
        ],
        keys=[
            Key(node, key_id, b64encode(known[node, key_id]).decode())
            for node, key_id in sorted(signing & set(known))
        ],
        documents=[
            (files or {}).get(one.act.document) or kept(one, why=missing(session, given.file, one))
            for one in given.documents
        ],
    )


def kept(one: Document, file: str = "", why: str = "") -> Kept:
    act = one.act
    return Kept(act.document, one.entry, act.name, act.size, act.sha256, file, why)


def missing(session: Session, file: File, one: Document) -> str:
    return "not_included" if documents.is_here(session, file, one) else "not_here"


def is_whole(session: Session, file: File, one: Document) -> str:
    """Why a document cannot be given out; empty where it can."""
    if not documents.is_here(session, file, one):
        return "not_here"
    try:
        documents.content(session, file, one)
    except Damaged:
        return "damaged"
    return ""


def plain(value: Any) -> Any:
    """As JSON has it: what is compared with what was read from a file."""
    return msgspec.json.decode(msgspec.json.encode(value))


def as_json(told: Export) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


def _clocks(session: Session, given: Given) -> list[dict[str, Any]]:
    try:
        bound = due.clocks_of(given.case, due.rules_here(session), given.at)
    except UnusableTable:
        return []
    return [told_clock(one) for one in bound]
