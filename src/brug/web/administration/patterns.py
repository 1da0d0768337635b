# SPDX-License-Identifier: EUPL-1.2
"""Regular expressions: what exports leave out, and what becomes of values on their way in."""

from collections.abc import Callable, Mapping
from typing import Any

from brug.intel.patterns import allowed, cleaning, import_rules
from brug.intel.patterns.allowed import TAKEN, Allowed
from brug.intel.patterns.expressions import Unsupported
from brug.intel.patterns.import_rules import ALL, KNOWN, Rule
from brug.model.attribute_types import TYPES, Refused
from brug.web.administration.tabs import tabs_of
from brug.web.fields import Fields
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/regular-expressions"
_KNOWN = N_("This is on the list already.")
_UNSUPPORTED = N_(
    "This cannot be used: %(why)s. Looking around, referring back and possessive repetition are"
    " not supported."
)
_EXPRESSION = N_(
    "Give an expression of at most 1000 characters between delimiters, such as"
    " /8\\.8\\.8\\.8/, with flags out of imsUuADS after it."
)
_EXPECTED = {
    "name": _EXPRESSION,
    "regexp": _EXPRESSION,
    "replacement": N_("Give at most 1000 characters; $1 needs a group (...) in the expression."),
    "type": N_("Give types of attributes with commas between them, or ALL."),
}


@page(BASE, right="regexp_access", shows=("own",))
def listed(visit: Visit) -> Reply:
    return _show(visit)


def _show(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Reply:
    return visit.show(
        "administration/regular_expressions.html",
        status,
        tabs=tabs_of(visit),
        allowed=allowed.listed(visit.session),
        rules=import_rules.listed(visit.session),
        types=(ALL, *TYPES),
        may_clean=visit.principal.is_site_admin,
        given=visit.form,
        errors=errors or {},
    )


Again = Callable[[Visit, dict[str, str], int], Reply]


def _saved(visit: Visit, save: Callable[[], Any], said: str, again: Again = _show) -> Reply:
    """What `save` does, or the page again with the field that it refuses."""
    try:
        save()
    except Refused as error:
        return again(visit, {error.field: _sentence(visit, error)}, 400)
    return visit.redirect(BASE, said)


def _sentence(visit: Visit, error: Refused) -> str:
    """Why a field is refused, in the reader's language."""
    if isinstance(error, Unsupported):
        return visit.gettext(_UNSUPPORTED) % {"why": error.why}
    text = error.errors[error.field][0]
    return visit.gettext(_KNOWN if text in {TAKEN, KNOWN} else _EXPECTED[error.field])


@page(BASE + "/left-out", "POST", right="regexp_access")
def change_allowed(visit: Visit) -> Reply:
    """Adds an expression, or takes off the one named in `remove`."""
    session, form = visit.session, visit.form
    if form.get("remove"):
        allowed.remove(session, form.text("remove"))
        return visit.redirect(BASE, visit.gettext("Removed."))
    said = visit.gettext("Added.")
    return _saved(visit, lambda: allowed.add(session, form.text("name")), said)


@page(BASE + "/rules", "POST", right="regexp_access")
def change_rules(visit: Visit) -> Reply:
    """Adds a rule, or removes the one named in `remove`."""
    session, form = visit.session, visit.form
    if form.get("remove"):
        import_rules.remove(session, form.text("remove"))
        return visit.redirect(BASE, visit.gettext("Removed."))
    types = form.get("type").split(",")
    # What stands in place of a value may begin or end with a space.
    instead = form.get("replacement")
    return _saved(
        visit,
        lambda: import_rules.add(session, form.text("regexp"), instead, types),
        visit.gettext("Added."),
    )


def _form(
    visit: Visit,
    part: str,
    found: Allowed | Rule,
    given: Mapping[str, str] | Fields,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Reply:
    return visit.show(
        "administration/regular_expression.html",
        status,
        tabs=tabs_of(visit),
        part=part,
        found=found,
        types=(ALL, *TYPES),
        given=given,
        errors=errors or {},
    )


@page(BASE + "/left-out/{key:int}", right="regexp_access", shows=("own",))
def ask_allowed(visit: Visit) -> Reply:
    found = allowed.find(visit.session, visit.args["key"])
    return _form(visit, "left-out", found, {"name": found.pattern})


@page(BASE + "/left-out/{key:int}", "POST", right="regexp_access")
def edit_allowed(visit: Visit) -> Reply:
    session, form = visit.session, visit.form
    found = allowed.find(session, visit.args["key"])
    return _saved(
        visit,
        lambda: allowed.edit(session, str(found.id), form.text("name")),
        visit.gettext("Saved."),
        lambda _, errors, status: _form(visit, "left-out", found, form, errors, status),
    )


@page(BASE + "/rules/{key:int}", right="regexp_access", shows=("own",))
def ask_rule(visit: Visit) -> Reply:
    found = import_rules.find(visit.session, visit.args["key"])
    types = ", ".join(one.type for one in import_rules.alike(visit.session, found))
    given = {"regexp": found.pattern, "replacement": found.replacement, "type": types}
    return _form(visit, "rules", found, given)


@page(BASE + "/rules/{key:int}", "POST", right="regexp_access")
def edit_rule(visit: Visit) -> Reply:
    """For all types that have the rule; one that is not named any more loses it."""
    session, form = visit.session, visit.form
    found = import_rules.find(session, visit.args["key"])
    types = form.get("type").split(",")
    return _saved(
        visit,
        lambda: import_rules.edit(
            session, str(found.id), form.text("regexp"), form.get("replacement"), types
        ),
        visit.gettext("Saved."),
        lambda _, errors, status: _form(visit, "rules", found, form, errors, status),
    )


@page(BASE + "/clean", "POST", right="site_admin")
def clean(visit: Visit) -> Reply:
    """Applies the rules to what is stored, where the box says that this is meant."""
    if not visit.form.flag("sure"):
        return _show(visit, {"sure": visit.gettext("Tick this first.")}, 400)
    done = cleaning.clean(visit.session)
    said = visit.gettext("%(changed)s changed, %(deleted)s deleted, %(left)s left as they are.")
    counts = {"changed": done.changed, "deleted": done.deleted, "left": done.left}
    return visit.redirect(BASE, said % counts)
