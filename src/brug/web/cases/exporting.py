# SPDX-License-Identifier: EUPL-1.2
"""A whole case as a file, for whoever takes part: what each form holds, and the file itself."""

import tempfile
from collections.abc import Iterator
from typing import IO, BinaryIO, cast
from weakref import WeakKeyDictionary

from brug.bridges import case_proofs
from brug.cases import documents
from brug.cases.exporting import leaving
from brug.cases.exporting.document import Given
from brug.edge.exports import Exports
from brug.edge.node import Node
from brug.formats.disposition import attachment
from brug.model.errors import Invalid
from brug.web.cases import room
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/export"
_PIECE = 2**18
_IN_MEMORY = 32 * 2**20
# How many are made at once is counted for each process.
_EXPORTS: WeakKeyDictionary[Node, Exports] = WeakKeyDictionary()
_TYPES = {"zip": "application/zip", "json": "application/json", "pdf": "application/pdf"}
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@page(PLACE, probe="/cases/{case}/export")
def show(visit: Visit) -> Reply:
    view = View(visit, visit.args["key"])
    held = documents.shown(view.case)
    return visit.show(
        "cases/export.html",
        tabs=room.tabs_of(visit),
        it=view,
        case=view.case,
        file=view.file,
        entries=len(view.entries),
        documents=held,
        size=sum(one.act.size for one in held),
        absent=[one.act.name for one in held
                if not documents.is_here(visit.session, view.file, one)],
        most=int(visit.node.setting("limits.export_bytes")),
    )  # fmt: skip


@page(PLACE, "POST")
def exported(visit: Visit) -> Reply:
    """The file. That it was exported is put on record, so it is asked for by a form."""
    form = visit.form.text("form") or "zip"
    if form not in leaving.FORMS:
        raise Invalid("form", f"one of {', '.join(leaving.FORMS)}", form)
    of = leaving.given(visit.session, visit.args["key"])
    name = f"{of.file.number}.{form}"
    headers = _KEPT | {"Content-Disposition": attachment(name)}
    if form == "json":
        data = leaving.as_json(visit.session, of)
    elif form == "pdf":
        data = leaving.as_pdf(visit.session, of, visit.gettext, visit.language)
    else:
        return _archive(visit, of, headers)
    return Reply(data, 200, headers, media_type=_TYPES[form])


def _archive(visit: Visit, of: Given, headers: dict[str, str]) -> Reply:
    """Made on the disk and read from there, whatever its size; within the node's limits."""
    session = visit.session

    def fill(sink: IO[bytes]) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="brug-case-") as made:
            leaving.as_zip(
                session, of, cast("BinaryIO", made),
                lambda entries: case_proofs.proofs(session, entries, wait=True),
                visit.gettext, visit.language,
            )  # fmt: skip
            made.seek(0)
            for piece in _pieces(made):
                sink.write(piece)

    found = _exports(visit.node).filled(fill)
    if isinstance(found, bytes):
        return Reply(found, 200, headers, media_type=_TYPES["zip"])
    return Reply(b"", 200, headers, media_type=_TYPES["zip"], pieces=found)


def _exports(node: Node) -> Exports:
    found = _EXPORTS.get(node)
    if found is None:
        found = _EXPORTS[node] = Exports(
            lambda: int(node.setting("limits.exports_at_once")),
            lambda: int(node.setting("limits.export_bytes")),
        )
    return found


def _pieces(made: IO[bytes]) -> Iterator[bytes]:
    while piece := made.read(_PIECE):
        yield piece
