# SPDX-License-Identifier: EUPL-1.2
"""The list of bridges, and one bridge: its state, its keys, and the string to compare."""

from datetime import UTC, datetime
from typing import Any

from brug.bridges import channel, connecting, partner_changes, partners
from brug.bridges.misp import binding
from brug.bridges.native import client
from brug.directory import routes
from brug.directory.routes import Holder
from brug.model.errors import BrugError, NotFound
from brug.web import forms, reaching
from brug.web.bridges.room import (
    RELATIONS,
    STATES,
    TRANSPORTS,
    may_change,
    require_reader,
    tabs_of,
)
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges"
ONE = BASE + "/partners/{key:int}"


@page(BASE, shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    require_reader(visit)
    return visit.show(
        "bridges/partners.html",
        tabs=tabs_of(visit),
        rows=partners.listed(visit.session),
        waiting=connecting.pending(visit.session),
        channels=channel.all_of(visit.session),
        states=STATES,
        transports=TRANSPORTS,
        may_change=may_change(visit),
        unbound=_unbound(visit) if may_change(visit) else 0,
    )


def _unbound(visit: Visit) -> int:
    """How many users synchronise for another organisation past every agreement."""
    with visit.session.as_system():
        return len(binding.unbound(visit.session))


@page(ONE, shows=("directory",))
def show(visit: Visit) -> Reply:
    return _shown(visit)


@page(ONE + "/confirm", "POST")
def confirm(visit: Visit) -> Reply:
    """The reader typed what the other side reads out."""
    found = partners.view(visit.session, visit.args["key"])

    def save() -> Reply:
        done = connecting.confirm(visit.session, found, visit.form.text("string"))
        said = visit.gettext("The bridge to %(name)s is open at this side.")
        return visit.redirect(f"{BASE}/partners/{done.id}", said % {"name": done.partner})

    return forms.saved(visit, save, lambda errors: _shown(visit, errors))


@page(ONE + "/edit", "POST")
def edit(visit: Visit) -> Reply:
    """What the partner is called here, and what it is to the host."""
    found = partners.view(visit.session, visit.args["key"])
    given: dict[str, Any] = {name: visit.form.text(name) for name in ("name", "relation")}
    if found.transport == "native":
        given |= {
            "url": visit.form.text("url"), "fetch": visit.form.flag("fetch"),
        } | reaching.given_of(visit.form)  # fmt: skip

    def save() -> Reply:
        done = partner_changes.edit(visit.session, found, given)
        trouble = reaching.warning(routes.kept(visit.session, Holder("channel", found.id)).shown)
        said = visit.gettext(trouble or "Saved.")
        return visit.redirect(f"{BASE}/partners/{done.id}", said, "warn" if trouble else "good")

    return forms.saved(visit, save, lambda errors: _shown(visit, errors, reaching.values_of(given)))


@page(ONE + "/ping", "POST")
def ping(visit: Visit) -> Reply:
    """Asks the partner's node whether it answers."""
    partners.require_admin(visit.session)
    found = partners.view(visit.session, visit.args["key"])
    back = f"{BASE}/partners/{found.id}"
    try:
        client.ping(visit.node.database, found)
    except BrugError as error:
        said = visit.gettext("%(name)s does not answer as it should: %(reason)s")
        return visit.redirect(back, said % {"name": found.partner, "reason": str(error)}, "bad")
    return visit.redirect(back, visit.gettext("%(name)s answers.") % {"name": found.partner})


@page(ONE + "/pause", "POST")
def pause(visit: Visit) -> Reply:
    done = partners.pause(visit.session, partners.view(visit.session, visit.args["key"]))
    return visit.redirect(f"{BASE}/partners/{done.id}", visit.gettext("Nothing crosses now."))


@page(ONE + "/resume", "POST")
def resume(visit: Visit) -> Reply:
    done = partners.resume(visit.session, partners.view(visit.session, visit.args["key"]))
    return visit.redirect(f"{BASE}/partners/{done.id}", visit.gettext("The bridge is open again."))


@page(ONE + "/close", "POST")
def close(visit: Visit) -> Reply:
    done = partners.close(visit.session, partners.view(visit.session, visit.args["key"]))
    said = visit.gettext("The bridge to %(name)s is closed.")
    return visit.redirect(BASE, said % {"name": done.partner})


def _shown(
    visit: Visit, errors: dict[str, str] | None = None, given: dict[str, Any] | None = None
) -> Reply:
    require_reader(visit)
    found = partners.view(visit.session, visit.args["key"])
    try:
        known = channel.of(visit.session, found.id)
    except NotFound:
        known = None
    kept = routes.kept(visit.session, Holder("channel", found.id))
    now = datetime.now(UTC)
    held = partners.keys_of(visit.session, found.partner_id)
    return visit.show(
        "bridges/bridge.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        bridge=found,
        channel=known,
        now=now,
        keys=[(key, key.is_valid(now)) for key in held],
        state=STATES[found.state],
        transport=TRANSPORTS[found.transport],
        may_change=may_change(visit),
        relations=[(code, visit.gettext(RELATIONS[code])) for code in partner_changes.RELATIONS],
        values=given
        or {
            "name": found.partner, "relation": found.relation, "url": found.url,
            "fetch": bool(known and known.collects),
        }
        | reaching.shown(kept),
        kept=kept,
        troubles=reaching.TROUBLES,
        errors=errors or {},
    )  # fmt: skip
