# SPDX-License-Identifier: EUPL-1.2
"""Which mail somebody gets, of which events, and the key that it is encrypted to."""

from brug.directory import account_changes, accounts, mail_choices
from brug.formats import openpgp
from brug.model.errors import Invalid
from brug.store import outbox
from brug.web import forms, mail_fields
from brug.web.page import page
from brug.web.visit import Reply, Visit

FLAGS = (
    "autoalert", "contactalert", "notification_daily", "notification_weekly",
    "notification_monthly",
)  # fmt: skip


@page("/account/mail", shows=("own",))
def mine(visit: Visit) -> Reply:
    return _mine(visit)


def _mine(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    account = accounts.view(visit.session, "me")
    of_org = mail_choices.of_organisation(visit.session, visit.principal.org_id)
    return visit.show(
        "account/mail.html",
        400 if errors else 200,
        account=account,
        key=visit.form.get("gpgkey") if errors else account.gpgkey,
        fingerprint=_fingerprint(account.gpgkey),
        sends=outbox.is_set_up(visit.session),
        filters=mail_fields.typed(visit)
        if errors
        else mail_choices.of_user(visit.session, visit.principal.user_id).filters,
        narrowed=bool(of_org.filters) or of_org.frequencies is not None,
        levels=mail_fields.levels(visit),
        labels=mail_fields.labels(visit),
        errors=errors or {},
    )


def _fingerprint(key: str) -> str:
    """Empty where there is no key, or none that mail can use any more."""
    try:
        return openpgp.read(key).fingerprint.upper() if key else ""
    except Invalid:
        return ""


@page("/account/mail", "POST")
def change(visit: Visit) -> Reply:
    form = visit.form
    given = {name: form.flag(name) for name in FLAGS} | {"gpgkey": form.get("gpgkey").strip()}

    def save() -> Reply:
        account_changes.edit_own(visit.session, given)
        mail_choices.set_own(visit.session, mail_fields.typed(visit))
        return visit.redirect("/account/mail", visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _mine(visit, errors))
