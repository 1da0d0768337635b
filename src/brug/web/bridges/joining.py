# SPDX-License-Identifier: EUPL-1.2
"""Inviting another node, and accepting its invitation."""

import re
from typing import Any
from uuid import UUID

from brug.bridges import connecting, partners
from brug.directory import organisations
from brug.edge.outgoing import NotReached
from brug.model.errors import BrugError, Conflict, Invalid, NotFound
from brug.web import forms, reaching
from brug.web.bridges.room import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/bridges"


@page(BASE + "/invite", shows=("directory",))
def ask_invite(visit: Visit) -> Reply:
    partners.require_admin(visit.session)
    return _invite_form(visit, {"partner": visit.query.text("partner"), "days": 7})


@page(BASE + "/invite", "POST")
def invite(visit: Visit) -> Reply:
    given: dict[str, Any] = {
        "partner": visit.form.text("partner"),
        "organisation": visit.form.text("organisation"),
        "days": visit.form.text("days") or "7",
    }

    def save() -> Reply:
        # What is no number is out of bounds as well.
        days = int(given["days"]) if re.fullmatch("[0-9]{1,4}", given["days"]) else 0
        made = connecting.invite(
            visit.session, given["partner"], given["organisation"] or None, days
        )
        return visit.show(
            "bridges/invited.html",
            tabs=tabs_of(visit),
            made=made,
            document=made.document.decode(),
        )

    return forms.saved(visit, save, lambda errors: _invite_form(visit, given, errors))


@page(BASE + "/invitations/{uuid:str}/withdraw", "POST")
def withdraw(visit: Visit) -> Reply:
    try:
        which = UUID(visit.args["uuid"])
    except ValueError as error:
        raise NotFound("no UUID") from error
    connecting.withdraw(visit.session, which)
    return visit.redirect(BASE, visit.gettext("The invitation is withdrawn."))


@page(BASE + "/accept")
def ask_accept(visit: Visit) -> Reply:
    partners.require_admin(visit.session)
    return _accept_form(visit, {})


@page(BASE + "/accept", "POST")
def accept(visit: Visit) -> Reply:
    """The other node is asked while the reader waits: half a minute at most."""
    partners.require_admin(visit.session)
    given = {name: visit.form.text(name) for name in ("invitation", "partner")}
    # What is left empty says nothing: of a partner that is known it may be stored already.
    way = {name: value for name, value in reaching.given_of(visit.form).items() if value}
    try:
        made = connecting.accept(
            visit.node.database, visit.principal.user_id, given["invitation"], given["partner"],
            way,
        )  # fmt: skip
    except Invalid as error:
        field = error.field if error.field in {*given, *reaching.FIELDS} else "invitation"
        shown = given | reaching.values_of(way)
        return _accept_form(visit, shown, {field: visit.sentence(error)})
    except (NotReached, connecting.NotReadable, Conflict) as error:
        shown = given | reaching.values_of(way)
        return _accept_form(visit, shown, {"invitation": _said(error)})
    return visit.redirect(f"{BASE}/partners/{made.id}")


def _said(error: BrugError) -> str:
    """Who connects nodes reads the reason itself."""
    return f"{error.public} ({error})"


def _invite_form(
    visit: Visit, values: dict[str, Any], errors: dict[str, str] | None = None
) -> Reply:
    several = organisations.listed(visit.session, local=False)
    return visit.show(
        "bridges/invite.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        values=values,
        errors=errors or {},
        organisations=[
            ("", visit.gettext("Whichever accepts it")),
            *((one.uuid, one.name) for one in several),
        ],
    )


def _accept_form(
    visit: Visit, values: dict[str, Any], errors: dict[str, str] | None = None
) -> Reply:
    return visit.show(
        "bridges/accept.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        values=values,
        errors=errors or {},
    )
