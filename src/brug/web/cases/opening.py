# SPDX-License-Identifier: EUPL-1.2
"""Opening a case: its kind, a title, and what is known already."""

from typing import Any

from brug.cases import duplicates, keeping, templates
from brug.cases.duplicates import Alike
from brug.cases.kinds import KINDS, named
from brug.model.errors import Invalid
from brug.web.cases import kind_fields, room, sentences
from brug.web.cases.kind_fields import Misfits
from brug.web.cases.many import related
from brug.web.cases.room import BASE, require_opener
from brug.web.page import page
from brug.web.visit import Reply, Visit


@page(BASE + "/new")
def ask(visit: Visit) -> Reply:
    require_opener(visit)
    asked = visit.query.text("kind")
    if not asked and len(KINDS) > 1:
        kept = templates.listed(visit.session)
        return visit.show("cases/choose.html", tabs=room.tabs_of(visit), kinds=KINDS, kept=kept)
    return _form(visit, asked or next(iter(KINDS)), "", {}, {})


@page(BASE + "/new", "POST")
def add(visit: Visit) -> Reply:
    require_opener(visit)
    form = visit.form
    kind = named(form.text("kind"))
    fields = kind_fields.fields_of(kind)
    given = kind_fields.typed(fields, form)
    title = form.text("title")
    try:
        values = kind_fields.read(kind, fields, given)
        filled = {name: value for name, value in values.items() if value is not None}
        found = [] if form.flag("anyway") else duplicates.of_new(visit.session, title, filled)
        alike = [one for one in found if one.score >= related.TELLING]
        if alike:
            return _form(visit, kind.key, title, given, {}, alike)
        with visit.session.connection.transaction():
            made = keeping.open_case(visit.session, kind.key, title, filled)
    except Misfits as error:
        return _form(visit, kind.key, title, given, kind_fields.complaints(visit, fields, error))
    except Invalid as error:
        said = {error.field: sentences.sentence(visit, error)}
        return _form(visit, kind.key, title, given, said)
    said_now = visit.gettext("The case is open: %(number)s.") % {"number": made.number}
    return visit.redirect(room.place(made), said_now)


def _form(
    visit: Visit,
    key: str,
    title: str,
    values: dict[str, Any],
    errors: dict[str, str],
    alike: list[Alike] | None = None,
) -> Reply:
    kind = named(key)
    return visit.show(
        "cases/new.html",
        400 if errors else 200,
        tabs=room.tabs_of(visit),
        kind=kind,
        fields=kind_fields.fields_of(kind),
        title=title,
        values=values,
        errors=errors,
        alike=related.rows(visit, alike or []),
        role=visit.gettext(kind.role(kind.opener).title),
    )
