# SPDX-License-Identifier: EUPL-1.2
"""Requests for an account: site admins accept them, with role and organisation, or discard."""

from brug.directory import organisations, registrations, roles
from brug.web import forms
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/registrations"


@page(BASE, right="site_admin")
def listed(visit: Visit) -> Reply:
    return _listed(visit)


def _listed(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    session = visit.session
    return visit.show(
        "administration/registrations.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        rows=registrations.listed(session),
        roles=roles.listed(session),
        default_role=roles.default(session).id,
        organisations=organisations.listed(session, local=True),
        is_open=registrations.is_open(session),
        errors=errors or {},
    )


@page(BASE + "/{key:int}/accept", "POST", right="site_admin")
def accept(visit: Visit) -> Reply:
    role_id, org_id = visit.form.number("role_id", 0), visit.form.number("org_id", 0)
    if not org_id:
        # Left open it would be the administrator's own organisation.
        return _listed(visit, {"org_id": visit.gettext("Choose the organisation of the account.")})

    def save() -> Reply:
        made = registrations.accept(
            visit.session, visit.args["key"], role_id=role_id, org_id=org_id
        )
        said = visit.gettext("%(email)s has an account now.") % {"email": made.email}
        return visit.redirect(BASE, said)

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))


@page(BASE + "/{key:int}/discard", "POST", right="site_admin")
def discard(visit: Visit) -> Reply:
    gone = registrations.discard(visit.session, visit.args["key"])
    said = visit.gettext("The request of %(email)s is gone.") % {"email": gone.email}
    return visit.redirect(BASE, said)
