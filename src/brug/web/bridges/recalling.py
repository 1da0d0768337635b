# SPDX-License-Identifier: EUPL-1.2
"""Calling an event back: from one partner, or from all that have it and out of all feeds."""

from brug.bridges import partners
from brug.bridges.crossing import calling_back, recalls
from brug.bridges.feeds import leaving
from brug.model.errors import Forbidden
from brug.web import forms
from brug.web.bridges.crossings import BASE as CROSSINGS
from brug.web.bridges.crossings import event_uuid
from brug.web.bridges.room import TRANSPORTS, may, require_reader, tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges/recall"


@page(BASE, shows=("event",))
def ask(visit: Visit) -> Reply:
    return _asked(visit, visit.query.text("event"))


def _asked(visit: Visit, event: str, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    if not may(visit, "recall"):
        raise Forbidden(f"{visit.principal.email} may not recall")
    session = visit.session
    uuid = event_uuid(visit, event)
    having = calling_back.having(session, uuid) if uuid else []
    may_begin = bool(having) or bool(uuid and calling_back.for_anyone(session, uuid))
    # Feeds of who has it over another bridge, too: it leaves them with that.
    with session.as_system():
        feeds = leaving.holding_it(session, uuid) if uuid else []
    info = session.value(
        "SELECT info FROM event WHERE uuid = %s ORDER BY timestamp DESC LIMIT 1", (uuid or None,)
    )
    return visit.show(
        "bridges/recall.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        event=uuid,
        info=info or uuid,
        having=having,
        feeds=feeds if may_begin else [],
        may_begin=may_begin,
        transports=TRANSPORTS,
        carrying=calling_back.CARRYING,
        chosen=visit.form.text("bridge"),
        because=visit.form.text("because"),
        errors=errors or {},
    )


@page(BASE, "POST")
def begin(visit: Visit) -> Reply:
    uuid = event_uuid(visit, visit.form.text("event"))

    def save() -> Reply:
        of = visit.form.text("bridge")
        bridge = partners.view(visit.session, of) if of else None
        recalls.ask_all(visit.session, uuid, visit.form.text("because"), bridge)
        return visit.redirect(f"{CROSSINGS}?event={uuid}", visit.gettext("It is called back."))

    return forms.saved(visit, save, lambda errors: _asked(visit, uuid, errors))
