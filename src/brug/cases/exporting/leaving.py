# SPDX-License-Identifier: EUPL-1.2
"""Exporting, as pages, verbs and the interface do it: what is exported, and that it was.

Who exported what of a case, and when, goes into the audit log and, by the digest of what left,
into the ledger.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import BinaryIO

from psycopg.types.json import Jsonb

from brug.cases import due, entry_rows, files
from brug.cases.clocks import UnusableTable
from brug.cases.exporting import document, packing, printing
from brug.cases.exporting.document import Given
from brug.cases.exporting.packing import Packed
from brug.cases.exporting.sentences import Say
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.store import audit
from brug.store.session import Session

FORMS = ("zip", "json", "pdf")


def given(session: Session, which: str) -> Given:
    """A case as the principal has it. Raises NotFound."""
    file = files.find(session, which)
    stored = entry_rows.stored_of(session, file.id)
    case = fold(named(file.kind), [one.entry for one in stored])
    return Given(file, case, stored, datetime.now(UTC))


def as_json(session: Session, of: Given) -> bytes:
    data = document.as_json(document.export(session, of))
    _note(session, of, "json", hashlib.sha256(data).hexdigest())
    return data


def as_pdf(session: Session, of: Given, say: Say = str, language: str = "en") -> bytes:
    """Raises NotPrinted."""
    data = _pages(session, of, say, language)
    _note(session, of, "pdf", hashlib.sha256(data).hexdigest())
    return data


def as_zip(
    session: Session, of: Given, out: BinaryIO, prove: Callable[[list[str]], Mapping[str, str]],
    say: Say = str, language: str = "en",
) -> Packed:  # fmt: skip
    """Into a file that is empty; `prove` gives the ledger's proofs of entries.

    Raises NotPrinted.
    """
    proofs = prove([one.uuid for one in of.stored])
    pages = _pages(session, of, say, language)
    made = packing.pack(session, of, out, pages=pages, proofs=proofs)
    _note(session, of, "zip", made.digest)
    return made


def _pages(session: Session, of: Given, say: Say, language: str) -> bytes:
    try:
        clocks = due.clocks_of(of.case, due.rules_here(session), of.at)
    except UnusableTable:
        clocks = []
    me = session.principal
    return printing.pdf(of, clocks, f"{me.org_name}, {me.email}", say, language)


def _note(session: Session, of: Given, form: str, digest: str) -> None:
    """Of a ZIP the digest is that of its list, which names every other file."""
    audit.record(session, "export", "Case", of.file.id, of.file.number, {"form": form})
    session.execute(
        "INSERT INTO ledger_entry (kind, payload) VALUES ('case-export', %s)",
        (Jsonb({"case": of.file.uuid, "form": form, "digest": digest}),),
    )
