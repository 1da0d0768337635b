# SPDX-License-Identifier: EUPL-1.2
"""An advisory edited on its page: all findings of the mandatory tests stand at their fields.

What the form was made from is named by its version: who comes second is told, and finds kept
what was typed. What the page does not show of a document is kept; a file does the rest.
"""

from typing import Any

from brug.cases.advisories import editing, filling_in
from brug.cases.advisories.filling_in import Filled
from brug.cases.advisories.sheet import SEVERAL, Sheet, sheet_of
from brug.formats.csaf.checking import check
from brug.formats.csaf.finding import Finding
from brug.formats.csaf.records import plain
from brug.formats.csaf.structure import structural
from brug.formats.json_text import encode
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.web.cases import advisory_form, sentences
from brug.web.cases.acting import Meanwhile
from brug.web.cases.advisories import ADVISORY, Desk
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

_UNSAVED = N_("It was not saved: what is marked does not fit into such a document.")


@page(ADVISORY, probe=None)
def show(visit: Visit) -> Reply:
    desk = Desk(visit)
    sheet = sheet_of(desk.advisory)
    return _form(desk, sheet, filling_in.filled(desk.advisory, sheet))


@page(ADVISORY, "POST")
def save(visit: Visit) -> Reply:
    """Takes what was typed as the next draft; or only checks it, or makes room for more rows."""
    desk = Desk(visit, writes=True)
    if any(one.field == "file" and one.name for one in visit.form.files):
        return _put(desk)
    before = sheet_of(desk.advisory)
    sheet = advisory_form.without_blanks(advisory_form.sheet_typed(visit.form, before))
    made = filling_in.filled(desk.advisory, sheet)
    doing = visit.form.text("do")
    if doing.startswith("more."):
        return _form(desk, sheet, made, more=doing.removeprefix("more."))
    wrong = _unfit(made)
    if doing == "check" or wrong:
        said = visit.gettext(_UNSAVED) if wrong and doing != "check" else ""
        return _form(desk, sheet, made, said=said, status=400 if said else 200)
    if made.value == plain(desk.advisory):
        return visit.redirect(desk.at, visit.gettext("Nothing was changed."), "info")
    try:
        if visit.form.text("version") != desk.advisory.document.tracking.version:
            raise Meanwhile("the draft was changed")
        version = _kept(desk, encode(made.value))
    except (Invalid, Conflict, Forbidden) as error:
        return _form(desk, sheet, made, said=_said(visit, error), status=error.status)
    return _done(desk, version)


def _unfit(made: Filled) -> list[Finding]:
    return [
        *(Finding("form", "", "", said) for said in made.errors.values()),
        *structural(made.value),
    ]


def _kept(desk: Desk, raw: bytes) -> str:
    form = desk.visit.form
    step = form.text("step") or None
    if step not in {None, "major", "minor", "patch"}:
        raise Invalid("step", "major, minor or patch", step)
    changes = form.text("changes") or "Draft"
    if len(changes) > 1000:
        raise Invalid("changes", "at most 1,000 characters")
    with desk.visit.session.connection.transaction():
        _, advisory = editing.put(
            desk.visit.session, desk.file.uuid, raw, changes, step,  # type: ignore[arg-type]
            only=desk.own.tracking_id,
        )  # fmt: skip
    return advisory.document.tracking.version


def _put(desk: Desk) -> Reply:
    """A document that was edited elsewhere."""
    visit = desk.visit
    file = next(one for one in visit.form.files if one.field == "file")
    try:
        version = _kept(desk, file.data)
    except BrugError as error:
        sheet = sheet_of(desk.advisory)
        made = filling_in.filled(desk.advisory, sheet)
        return _form(desk, sheet, made, said=_said(visit, error), status=error.status)
    return _done(desk, version)


def _done(desk: Desk, version: str) -> Reply:
    said = desk.visit.gettext("Draft %(version)s is kept.") % {"version": version}
    return desk.visit.redirect(desk.at, said)


def _said(visit: Visit, error: BrugError) -> str:
    if isinstance(error, Meanwhile):
        return sentences.sentence(visit, error)
    return visit.gettext("Nothing was written.") + " " + error.public


def found_by_field(made: Filled, findings: list[Finding]) -> dict[str, list[str]]:
    """What is said at each field; "" is for what no field shows."""
    found: dict[str, list[str]] = {}
    for field, said in made.errors.items():
        found.setdefault(field, []).append(said)
    for one in findings:
        says = f"{one.test} {one.title}: {one.message}"
        several = found.setdefault(made.field_of(one.pointer), [])
        if says not in several:
            several.append(says)
    return found


def _form(
    desk: Desk, sheet: Sheet, made: Filled, *, said: str = "", status: int = 200, more: str = ""
) -> Reply:
    findings = check(made.value)
    notes = found_by_field(made, findings)
    elsewhere = [
        (one.pointer, f"{one.test} {one.title}: {one.message}")
        for one in findings
        if not made.field_of(one.pointer)
    ]
    sheet = advisory_form.with_room(sheet, more)
    form = desk.visit.form
    typed: dict[str, Any] = {
        "changes": form.text("changes"),
        "step": form.text("step") or "major",
        "version": desk.advisory.document.tracking.version,
    }
    return desk.visit.show(
        "cases/advisory_edit.html",
        status,
        **desk.context(
            sheet=sheet,
            findings=findings,
            notes=notes,
            elsewhere=elsewhere,
            count=len(findings) + len(made.errors),
            said=said,
            typed=typed,
            several=SEVERAL,
            is_new=desk.own.version is None,
        ),
    )
