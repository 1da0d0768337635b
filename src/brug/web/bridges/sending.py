# SPDX-License-Identifier: EUPL-1.2
"""What goes over a bridge: its filters, trying again now, and one event by hand."""

from typing import Any

from brug.bridges import partners
from brug.bridges.crossing import asking
from brug.intel.finding import find, uuid_of
from brug.web import forms
from brug.web.bridges.crossings import BASE
from brug.web.bridges.room import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

LISTS = ("tags", "orgs", "types")


@page("/bridges/partners/{key:int}/retry", "POST")
def retry(visit: Visit) -> Reply:
    bridge = partners.view(visit.session, visit.args["key"])
    asking.retry(visit.session, bridge)
    return visit.redirect(f"{BASE}?bridge={bridge.id}", visit.gettext("Everything is tried now."))


@page("/bridges/partners/{key:int}/filters", "POST")
def filters(visit: Visit) -> Reply:
    """Names are one a line."""
    bridge = partners.view(visit.session, visit.args["key"])
    given: dict[str, Any] = {
        name: [line.strip() for line in visit.form.get(name).splitlines() if line.strip()]
        for name in LISTS
    }
    if visit.form.text("days"):
        given["days"] = visit.form.number("days", 0, high=10**6)

    def save() -> Reply:
        asking.set_filters(visit.session, bridge, given)
        return visit.redirect(
            f"{BASE}?bridge={bridge.id}", visit.gettext("All events are looked at anew.")
        )

    return forms.saved(visit, save, lambda errors: _filters(visit, errors))


@page("/bridges/partners/{key:int}/filters")
def show_filters(visit: Visit) -> Reply:
    return _filters(visit)


def _filters(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    partners.require_admin(visit.session)
    bridge = partners.view(visit.session, visit.args["key"])
    values = {name: "\n".join(bridge.filters.get(name, [])) for name in LISTS}
    values["days"] = str(bridge.filters.get("days", ""))
    if errors:
        values = {name: visit.form.get(name) for name in values}
    return visit.show(
        "bridges/filters.html", 400 if errors else 200, tabs=tabs_of(visit), bridge=bridge,
        values=values, errors=errors or {},
    )  # fmt: skip


@page("/bridges/send", "POST")
def send(visit: Visit) -> Reply:
    """An event to a partner now, whatever the filters say."""
    bridge = partners.view(visit.session, visit.form.text("bridge"))
    event = visit.form.text("event")
    asking.send_now(visit.session, bridge, event)
    said = visit.gettext("It is looked at now; the gate decides as for anything else.")
    uuid = uuid_of(visit.session, "event", find(visit.session, "event", event))
    return visit.redirect(f"{BASE}?event={uuid}", said)
