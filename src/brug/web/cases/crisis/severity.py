# SPDX-License-Identifier: EUPL-1.2
"""How severe an incident is: what led to it, what is missing, what would change it; setting it."""

from typing import Any

from brug.cases.severity import Change, setting
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.web.cases import room, sentences, standing
from brug.web.cases.room import ONE
from brug.web.cases.showing import Failed
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/severity"


@page(PLACE, shows=("own",), probe="/cases/{case}/severity")
def show(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(PLACE, "POST")
def put(visit: Visit) -> Reply:
    """A person's level with its reason, or none any more."""
    view = View(visit, visit.args["key"], writes=True)
    form = visit.form
    try:
        with visit.session.connection.transaction():
            because = form.get("because").strip()
            setting.set_level(visit.session, view.file.uuid, form.text("severity"), because)
    except (Invalid, Conflict, Forbidden) as error:
        return _shown(visit, View(visit, view.file.uuid), error)
    return visit.redirect(f"{view.place}/severity", visit.gettext("The severity is kept."))


def _shown(visit: Visit, view: View, error: BrugError | None = None) -> Reply:
    found = standing.of(view)
    if found is None:
        raise NotFound(f"{view.file.kind} has no severity")
    failed = _failed(visit, error) if error else None
    assessed, by = found.found, found.scheme
    return visit.show(
        "cases/severity.html",
        failed.status if failed else 200,
        **about(visit, view),
        failed=failed,
        standing=found,
        missing=[view.need(one, "") for one in assessed.missing] if assessed else [],
        changes=[_change(view, one) for one in assessed.changes] if assessed else [],
        levels=standing.levels_here(visit),
        set_title=standing.level_title(visit, assessed.was_set) if assessed else "",
        set_by=view.entries.get(view.case.filled.get("severity_set", "")),
        chip_of=standing.chip_of,
        scheme=by,
    )


def about(visit: Visit, view: View) -> dict[str, Any]:
    """What every page beside a case's shows of it."""
    return {
        "tabs": room.tabs_of(visit), "it": view, "case": view.case, "file": view.file,
        "when": room.when,
    }  # fmt: skip


def _change(view: View, one: Change) -> dict[str, Any]:
    answers = one.value.split(", ") if one.value else []
    if one.over is not None:
        said = view.visit.gettext("more than %(number)s") % {"number": f"{one.over:,}"}
    elif one.field == "harm":
        said = ", ".join(standing.in_words(view, one.field, answers))
    else:
        said = ", ".join(
            word for value in answers for word in standing.in_words(view, one.field, value)
        )
    field = "other_sectors" if one.field == "sectors" else one.field
    return {
        "title": standing.field_title(view, one.field), "said": said,
        "level": standing.level_title(view.visit, one.level),
        "href": f"{view.place}/edit#f-fields.{field}",
    }  # fmt: skip


def _failed(visit: Visit, error: BrugError) -> Failed:
    field = sentences.field_of(error)
    if field == "severity":
        said = visit.gettext("Choose one of the list.")
    elif field == "because" or field.startswith("fields."):
        field, said = "because", visit.gettext("Say why, in at most 500 characters.")
    else:
        said = sentences.sentence(visit, error)
    return Failed("severity", dict(visit.form.pairs), {field: said} if field else {}, said,
                  error.status)  # fmt: skip
