# SPDX-License-Identifier: EUPL-1.2
"""Documents on the page of a case: attached by a form, fetched to keep, never opened in place.

A browser is told that it is bytes to save, whatever its name or content would have it be. Of plain
text the beginning is shown, as characters of a page like any other.
"""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO

import msgspec

from brug.cases import documents
from brug.cases.acts import Attached
from brug.cases.case import Document
from brug.cases.documents import Told
from brug.cases.entries import Entry
from brug.formats.disposition import attachment
from brug.formats.media_types import TEXT
from brug.model.errors import Invalid, NotFound
from brug.web.cases import room
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.fields import Fields
from brug.web.page import page
from brug.web.visit import Reply, Visit

SHOWN = 64 * 1024  # bytes of a text
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Row(msgspec.Struct, frozen=True):
    """A document as its table shows it."""

    act: Attached
    entry: Entry
    href: str
    is_here: bool
    is_text: bool  # its beginning can be looked at
    is_mine: bool  # the reader may take it back


def newest(view: View) -> list[Document]:
    """Those that were not taken back, the newest first."""
    return documents.shown(view.case)[::-1]


def rows(view: View, shown: Sequence[Document]) -> list[Row]:
    """As their table has them."""
    here = documents.here(view.visit.session, view.file, shown)
    return [_row(view, one, is_here=one.entry in here) for one in shown]


def _row(view: View, one: Document, *, is_here: bool = True) -> Row:
    return Row(
        one.act,
        view.entries[one.entry],
        f"{view.place}/documents/{one.act.document}",
        is_here,
        is_here and one.act.media_type == TEXT,
        view.may("attached") and (view.leads or view.author.is_of(one.author.org)),
    )


@page(ONE + "/documents/{document:str}")
def fetch(visit: Visit) -> Reply:
    """The content of one, checked before the first byte of it is given out."""
    return fetched(visit, View(visit, visit.args["key"]))


def fetched(visit: Visit, view: View) -> Reply:
    """As whoever has the view may have it."""
    found = documents.find(view.case, visit.args["document"])
    content = b"".join(documents.content(visit.session, view.file, found))
    headers = _KEPT | {"Content-Disposition": attachment(found.act.name)}
    return Reply(content, 200, headers, media_type="application/octet-stream")


@page(ONE + "/documents/{document:str}/beginning")
def look(visit: Visit) -> Reply:
    """How a plain text begins; what no eye sees stands as a mark."""
    view = View(visit, visit.args["key"])
    found = documents.find(view.case, visit.args["document"])
    if found.act.media_type != TEXT:
        raise NotFound(f"{found.act.document} is no plain text")
    start = next(documents.content(visit.session, view.file, found))[:SHOWN]
    text = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in _read(start))
    return visit.show(
        "cases/document.html",
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=view.case,
        row=_row(view, found),
        text=text,
        is_cut=found.act.size > SHOWN,
    )


def _read(start: bytes) -> str:
    return start.decode("utf-8", "replace").replace("\r\n", "\n")


def _attach(view: View, form: Fields) -> Attached:
    files = [one for one in form.files if one.field == "file" and one.name]
    if len(files) != 1:
        raise Invalid("file", "one file")
    told = Told(
        name=form.text("called") or files[0].name,
        is_malware=form.flag("is_malware"),
        because=form.get("because").strip(),
    )
    to = [form.text("to")] if form.text("to") else []
    source = BytesIO(files[0].data)
    try:
        return _act(view.attach(source, told, to))
    except Invalid as error:
        if error.field == "name":  # which is an organisation's in other forms of the page
            raise Invalid("called", error.expected) from error
        raise


def _take_back(view: View, form: Fields) -> Attached:
    return _act(view.act(*documents.taking_back(view.case, form.text("document"))))


def _act(entry: Entry) -> Attached:
    assert isinstance(entry.act, Attached)  # noqa: S101
    return entry.act


WRITES: Mapping[str, Callable[[View, Fields], Attached]] = {
    "attached": _attach,
    "detached": _take_back,
}
