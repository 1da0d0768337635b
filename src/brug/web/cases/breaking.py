# SPDX-License-Identifier: EUPL-1.2
"""Breaking the glass: a site admin gives a reason and reads a case of others, as they all see."""

from typing import Any

from brug.cases import breaking
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.store import settings
from brug.web import navigation
from brug.web.cases import room
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = "/administration/break-glass"


@page(PLACE, right="site_admin")
def ask(visit: Visit) -> Reply:
    return _shown(visit)


@page(PLACE, "POST", right="site_admin")
def act(visit: Visit) -> Reply:
    which, because = visit.form.text("which"), visit.form.get("because")
    try:
        with visit.session.connection.transaction():
            file, _ = breaking.break_glass(visit.session, which, because.strip())
    except (Invalid, NotFound, Conflict, Forbidden) as error:
        return _shown(visit, error)
    return visit.redirect(room.place(file), visit.gettext("You read it now, and all see that."))


def _shown(visit: Visit, error: BrugError | None = None) -> Reply:
    errors = {}
    if isinstance(error, Invalid):
        errors["because"] = visit.gettext("Say why, in at most 50,000 characters.")
    elif isinstance(error, NotFound):
        errors["which"] = visit.gettext("No case has this number or UUID.")
    elif error is not None:
        errors["which"] = visit.sentence(error)
    typed: dict[str, Any] = dict(visit.form.pairs) if error else {}
    return visit.show(
        "administration/break_glass.html",
        error.status if error else 200,
        tabs=navigation.tabs(navigation.ADMINISTRATION, visit.principal, visit.path, visit.gettext),
        errors=errors,
        typed=typed,
        hours=int(settings.get(visit.session, breaking.HOURS)),
        held=[(one, room.place(one.file)) for one in breaking.mine(visit.session)],
    )
