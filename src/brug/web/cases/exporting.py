# SPDX-License-Identifier: EUPL-1.2
"""A whole case as a file, for whoever takes part: what each form holds, and the file itself."""

from brug.bridges import case_archives
from brug.cases import documents
from brug.cases.exporting import leaving
from brug.cases.exporting.document import Given
from brug.formats.disposition import attachment
from brug.model.errors import Invalid
from brug.web.cases import room
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/export"
_TYPES = {"zip": case_archives.MEDIA_TYPE, "json": "application/json", "pdf": "application/pdf"}


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
        when=room.when,
        is_past=room.is_past,
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
    headers = case_archives.KEPT | {"Content-Disposition": attachment(name)}
    if form == "json":
        data = leaving.as_json(visit.session, of)
    elif form == "pdf":
        data = leaving.as_pdf(visit.session, of, visit.gettext, visit.language)
    else:
        return _archive(visit, of, headers)
    return Reply(data, 200, headers, media_type=_TYPES[form])


def _archive(visit: Visit, of: Given, headers: dict[str, str]) -> Reply:
    found = case_archives.made(visit.session, visit.node.exports, of, visit.gettext, visit.language)
    if isinstance(found, bytes):
        return Reply(found, 200, headers, media_type=_TYPES["zip"])
    return Reply(b"", 200, headers, media_type=_TYPES["zip"], pieces=found)
