# SPDX-License-Identifier: EUPL-1.2
"""When what came over bridges goes, and what is kept for a legal reason."""

from brug.bridges.afterwards import due, ending, holds
from brug.bridges.partners import require_admin
from brug.web import forms
from brug.web.bridges import agreement_words
from brug.web.bridges.room import may_change, require_reader, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/retention"


@page(BASE, shows=("event",), probe=BASE)
def listed(visit: Visit) -> Reply:
    return _listed(visit)


def _listed(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    me = visit.principal
    may_hold = me.is_site_admin or bool(visit.session.value("SELECT host_has_right('recall')"))
    return visit.show(
        "bridges/retention.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        rows=due.listed(visit.session),
        holds=holds.listed(visit.session),
        after=agreement_words.AFTER,
        may_change=may_change(visit),
        may_hold=may_hold,
        given=visit.form.text("event") or visit.query.text("event"),
        errors=errors or {},
    )


@page(BASE + "/run", "POST")
def run(visit: Visit) -> Reply:
    """What the node does by itself every few minutes, now."""
    require_admin(visit.session)
    done = ending.end_due(visit.node.database)
    said = visit.gettext("%(count)s events were over their time.")
    return visit.redirect(BASE, said % {"count": len(done)})


@page(BASE + "/hold", "POST")
def hold(visit: Visit) -> Reply:
    def save() -> Reply:
        holds.place(visit.session, visit.form.text("event"), visit.form.text("because"))
        return visit.redirect(BASE, visit.gettext("It is kept until you lift the hold."))

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))


@page(BASE + "/lift", "POST")
def lift(visit: Visit) -> Reply:
    def save() -> Reply:
        holds.lift(visit.session, visit.form.text("event"))
        return visit.redirect(BASE, visit.gettext("The hold is lifted."))

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))
