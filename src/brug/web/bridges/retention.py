# SPDX-License-Identifier: EUPL-1.2
"""When what came over bridges goes, and what is kept for a legal reason."""

from brug.bridges.afterwards import due, ending, holds, sourced
from brug.bridges.partners import require_admin
from brug.model.errors import NotFound
from brug.web import forms
from brug.web.bridges import agreement_words
from brug.web.bridges.room import may, may_change, require_reader, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/retention"
# What keeps an event from a server or feed beyond its time.
KEPT_BY = {
    "hold": N_("Kept for a legal reason"), "edit": N_("It was changed here"),
    "said": N_("Somebody here said something of it"), "tags": N_("It has tags of this node"),
    "gathered": N_("It is in a collection or drawing"), "extended": N_("Another event extends it"),
    "case": N_("A case is linked to it"),
}  # fmt: skip


@page(BASE, shows=("event",), probe=BASE)
def listed(visit: Visit) -> Reply:
    return _listed(visit)


def _listed(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    me = visit.principal
    may_hold = may(visit, "recall")
    return visit.show(
        "bridges/retention.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        rows=due.listed(visit.session),
        sourced=sourced.listed(visit.session) if me.is_site_admin else [],
        kept_by=KEPT_BY,
        holds=holds.listed(visit.session),
        after=agreement_words.AFTER,
        may_change=may_change(visit),
        may_hold=may_hold,
        because=visit.form.text("because"),
        given=visit.form.text("event") or visit.query.text("event"),
        errors=errors or {},
    )


@page(BASE + "/run", "POST")
def run(visit: Visit) -> Reply:
    """What the node does by itself every few minutes, now."""
    require_admin(visit.session)
    done = len(ending.end_due(visit.node.database)) + len(sourced.end_due(visit.node.database))
    said = visit.gettext("%(count)s events were over their time.")
    return visit.redirect(BASE, said % {"count": done})


@page(BASE + "/hold", "POST")
def hold(visit: Visit) -> Reply:
    def save() -> Reply:
        try:
            holds.place(visit.session, visit.form.text("event"), visit.form.text("because"))
        except NotFound:
            return _listed(visit, {"event": visit.gettext("There is no such thing on this node.")})
        return visit.redirect(BASE, visit.gettext("It is kept until you lift the hold."))

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))


@page(BASE + "/lift", "POST")
def lift(visit: Visit) -> Reply:
    def save() -> Reply:
        holds.lift(visit.session, visit.form.text("event"))
        return visit.redirect(BASE, visit.gettext("The hold is lifted."))

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))
