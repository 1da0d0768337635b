# SPDX-License-Identifier: EUPL-1.2
"""Webhooks: which addresses are told what, whether they answer, what they were told last."""

from collections.abc import Callable, Mapping
from typing import Any

from brug.cases.hooks import keeping
from brug.cases.hooks.noting import EVENTS
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.store.session import Session
from brug.web.cases import room
from brug.web.cases.calendar_addressing import PLACE as CALENDAR
from brug.web.cases.room import BASE
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/hooks"
WHY = {
    "asked": N_("paused by hand"),
    "failing": N_("paused: it took nothing for days"),
    "gone": N_("paused: it said that it is gone"),
}
_WRONG = {
    "url": N_("Give an https address without user and password, which this node may ask."),
    "events": N_("Choose at least one."),
    "name": N_("Give a text of at most 100 characters."),
}
_DOES: Mapping[str, tuple[Callable[[Session, str], None], str]] = {
    "remove": (keeping.remove, N_("The address is told nothing any more.")),
    "pause": (keeping.pause, N_("The address is told nothing until you resume it.")),
    "resume": (keeping.resume, N_("The address is told again, of what happens from now on.")),
    "test": (keeping.try_out, N_("A message to try it out is on its way. See what was answered.")),
}


@page(PLACE, shows=("own",), probe=PLACE)
def show(visit: Visit) -> Reply:
    room.require_reader(visit)
    return _shown(visit)


@page(PLACE, "POST")
def changed(visit: Visit) -> Reply:
    room.require_reader(visit)
    form = visit.form
    if (doing := form.text("do")) in _DOES:
        act, said = _DOES[doing]
        act(visit.session, form.text("hook"))
        return visit.redirect(PLACE, visit.gettext(said))
    try:
        _, secret = keeping.add(
            visit.session, form.text("url"), form.all("events"), form.text("name"),
            of_org=form.flag("of_org"),
        )  # fmt: skip
    except (Invalid, Conflict, Forbidden) as error:
        return _shown(visit, error=error)
    return _shown(visit, secret=secret)


def _shown(visit: Visit, secret: str = "", error: BrugError | None = None) -> Reply:
    field = error.field if isinstance(error, Invalid) else ""
    said = visit.gettext(_WRONG[field]) if field in _WRONG else ""
    if error and not said:
        said = visit.sentence(error)
    more: dict[str, Any] = {
        "typed": dict(visit.form.pairs) if error else {},
        "chosen": visit.form.all("events") if error else list(EVENTS),
        "errors": {field: said} if field else {},
        "said": said,
    }
    found = keeping.listed(visit.session)
    return visit.show(
        "cases/hooks.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        hooks=[(one, keeping.sent(visit.session, str(one.id))) for one in found],
        events=EVENTS,
        why=WHY,
        secret=secret,
        may_for_org=keeping.may_for_org(visit.session),
        here=PLACE,
        calendar=CALENDAR,
        **more,
    )
