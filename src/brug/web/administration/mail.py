# SPDX-License-Identifier: EUPL-1.2
"""Which mail about events the people of an organisation get: its filters, and how often."""

from typing import Any

from brug.bridges.mail import governing
from brug.directory import mail_choices, organisations
from brug.directory.mail_choices import FREQUENCIES
from brug.directory.organisations import Organisation
from brug.web import forms, mail_fields
from brug.web.administration.tabs import tabs_of
from brug.web.bridges.by_mail import FREQUENCY_WORDS
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/mail"


@page(BASE, right="admin")
def show(visit: Visit) -> Reply:
    return _shown(visit, _organisation(visit, visit.query.text("organisation")))


def _organisation(visit: Visit, asked: str) -> Organisation:
    """One's own; site admins may name another."""
    mine = visit.principal.org_id
    wanted = asked if asked and visit.principal.is_site_admin else mine
    return organisations.view(visit.session, wanted)


def _shown(
    visit: Visit,
    org: Organisation,
    errors: dict[str, str] | None = None,
    given: tuple[dict[str, Any], list[str]] | None = None,
) -> Reply:
    known = mail_choices.of_organisation(visit.session, org.id)
    if visit.principal.is_site_admin:
        several = organisations.listed(visit.session, local=True)
    else:
        several = []
    # None is whatever they ask for; an empty list, that they hear nothing.
    allowed = list(FREQUENCIES) if known.frequencies is None else known.frequencies
    filters, chosen = given or (known.filters, allowed)
    return visit.show(
        "administration/mail.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        org=org,
        organisations=[(one.uuid, one.name) for one in several],
        filters=filters,
        chosen=chosen,
        frequencies=[(one, visit.gettext(FREQUENCY_WORDS[one])) for one in FREQUENCIES],
        levels=mail_fields.levels(visit),
        labels=mail_fields.labels(visit),
        governed=governing.partner_of(visit.session, org.id),
        errors=errors or {},
    )


@page(BASE, "POST", right="admin")
def change(visit: Visit) -> Reply:
    org = _organisation(visit, visit.form.text("organisation"))
    given, often = mail_fields.typed(visit), visit.form.all("frequencies")

    def save() -> Reply:
        mail_choices.set_for_organisation(visit.session, org.id, given, often)
        back = f"{BASE}?organisation={org.uuid}" if org.id != visit.principal.org_id else BASE
        return visit.redirect(back, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _shown(visit, org, errors, (given, often)))
