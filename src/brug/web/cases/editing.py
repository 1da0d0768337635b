# SPDX-License-Identifier: EUPL-1.2
"""The fields of a case as a form. Only what was changed is written.

For each field the form carries the entry that filled it. Where somebody else filled it since,
the reader sees what it says now beside what was typed, and nothing is written unseen.
"""

from typing import Any

from brug.cases.acts import Filled
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.web.cases import kind_fields, room, sentences
from brug.web.cases.kind_fields import Field, Misfits
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.page import page
from brug.web.visit import Reply, Visit


@page(ONE + "/edit", probe="/cases/{case}/edit")
def ask(visit: Visit) -> Reply:
    return asked(visit, View(visit, visit.args["key"]))


def asked(visit: Visit, view: View) -> Reply:
    if not view.may("filled"):
        raise Forbidden(f"{visit.principal.email} may not fill in {view.file.number}")
    return _form(visit, view, {}, {})


@page(ONE + "/edit", "POST")
def fill(visit: Visit) -> Reply:
    return filled(visit, View(visit, visit.args["key"], writes=True))


def filled(visit: Visit, view: View) -> Reply:
    fields = kind_fields.fields_of(view.case.kind)
    given = kind_fields.typed(fields, visit.form)
    try:
        values = kind_fields.read(view.case.kind, fields, given)
        changed = _changed(visit, view, values)
        if not changed:
            return visit.redirect(view.place, visit.gettext("Nothing was changed."), "info")
        with visit.session.connection.transaction():
            doing = Filled(fields=changed, because=visit.form.get("because").strip())
            view.act(doing)
    except Misfits as error:
        return _form(visit, view, given, kind_fields.complaints(visit, fields, error))
    except _Overtaken as error:
        return _form(visit, view, given, _overtaken(visit, view, error.fields), 409)
    except (Invalid, Conflict, Forbidden) as error:
        return _refused(visit, view, given, error)
    return visit.redirect(f"{view.place}#fields", visit.gettext("Saved."))


class _Overtaken(Conflict):
    """Somebody else filled these since the form was read."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(f"{', '.join(fields)} changed meanwhile")
        self.fields = fields


def _changed(visit: Visit, view: View, values: dict[str, Any]) -> dict[str, Any]:
    """What differs from what the reader saw. Raises _Overtaken."""
    changed: dict[str, Any] = {}
    overtaken: list[str] = []
    for name, value in values.items():
        saw = visit.form.get(f"seen.{name}")
        if value == _value_in(view, name, saw):
            continue
        if value == view.case.fields.get(name):
            continue
        if saw != view.case.filled.get(name, ""):
            overtaken.append(name)
        changed[name] = value
    if overtaken:
        raise _Overtaken(overtaken)
    return changed


def _value_in(view: View, name: str, entry_id: str) -> Any:
    """What an entry that the reader may have filled a field with; nothing, if none did."""
    entry = view.entries.get(entry_id)
    act = entry.act if entry else None
    return act.fields.get(name) if isinstance(act, Filled) else None


def _overtaken(visit: Visit, view: View, names: list[str]) -> dict[str, str]:
    said = visit.gettext(
        "%(who)s changed this meanwhile to: %(value)s. What you typed is kept; save again to"
        " replace it."
    )
    errors = {}
    for one in kind_fields.fields_of(view.case.kind):
        if one.name in names:
            now = view.case.fields.get(one.name)
            lines = kind_fields.in_words(visit, one, now) if now is not None else ["—"]
            who = view.who(view.entries[view.case.filled[one.name]])
            errors[one.input] = said % {"who": who, "value": ", ".join(lines)[:500]}
    return errors


def _refused(visit: Visit, view: View, given: dict[str, Any], error: BrugError) -> Reply:
    said = sentences.sentence(visit, error)
    field = error.field if isinstance(error, Invalid) else ""
    return _form(visit, view, given, {field: said}, error.status)


def _form(
    visit: Visit, view: View, given: dict[str, Any], errors: dict[str, str], status: int = 400
) -> Reply:
    fields = kind_fields.fields_of(view.case.kind)
    return visit.show(
        "cases/edit.html",
        status if errors else 200,
        tabs=room.tabs_of(visit) if visit.reader else [],
        wide=True,
        it=view,
        file=view.file,
        fields=fields,
        values={one.name: _value(view, one, given) for one in fields},
        because=visit.form.get("because"),
        errors=errors,
    )


def _value(view: View, field: Field, given: dict[str, Any]) -> Any:
    """As it was typed, else as it is."""
    if field.name in given:
        return given[field.name]
    return kind_fields.shown(field, view.case.fields.get(field.name))
