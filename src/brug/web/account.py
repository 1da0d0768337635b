# SPDX-License-Identifier: EUPL-1.2
"""One's own account: keys, language, zone, theme, password."""

from zoneinfo import available_timezones

from brug.directory import account_changes, accounts, keys, signing_in
from brug.directory.account_fields import LANGUAGES, THEMES
from brug.web import forms
from brug.web.page import page
from brug.web.session import cookie_name, cookie_of
from brug.web.visit import Reply, Visit


@page("/account", shows=("own",))
def mine(visit: Visit) -> Reply:
    return _mine(visit)


def _mine(visit: Visit, errors: dict[str, str] | None = None, new_key: str = "") -> Reply:
    session = visit.session
    account = accounts.view(session, "me")
    return visit.show(
        "account/mine.html",
        400 if errors else 200,
        account=account,
        keys=keys.listed(session, account.id),
        errors=errors or {},
        given=visit.form,
        new_key=new_key,
        zones=sorted(available_timezones()),
    )


@page("/account", "POST")
def change(visit: Visit) -> Reply:
    """Language, zone and theme."""
    form = visit.form
    given = {"timezone": form.text("timezone") or None}
    if form.get("language") in LANGUAGES:
        given["language"] = form.get("language")
    if form.get("theme") in THEMES:
        given["theme"] = form.get("theme")

    def save() -> Reply:
        account_changes.edit_own(visit.session, given)
        return visit.redirect("/account", visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _mine(visit, errors))


@page("/account/keys", "POST")
def add_key(visit: Visit) -> Reply:
    """A new key, told on this answer and never again."""
    form = visit.form
    given = {
        "comment": form.text("comment"),
        "expiration": form.text("expiration"),
        "read_only": form.flag("read_only"),
        "allowed_ips": form.get("allowed_ips"),
    }

    def save() -> Reply:
        made = keys.add(visit.session, visit.principal.user_id, given)
        return _mine(visit, new_key=made.text)

    return forms.saved(visit, save, lambda errors: _mine(visit, errors))


@page("/account/keys/{key:int}/delete", "POST")
def delete_key(visit: Visit) -> Reply:
    keys.delete(visit.session, visit.args["key"])
    return visit.redirect("/account", visit.gettext("The key is gone and opens nothing any more."))


@page("/account/password")
def ask_password(visit: Visit) -> Reply:
    return _password(visit)


def _password(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    return visit.show(
        "account/password.html", 400 if errors else 200, errors=errors or {},
        least=visit.node.setting("security.password_length"),
    )  # fmt: skip


@page("/account/password", "POST")
def change_password(visit: Visit) -> Reply:
    form, session = visit.form, visit.session
    if form.get("password") != form.get("again"):
        return _password(visit, {"again": visit.gettext("The two are not the same.")})

    def save() -> Reply:
        account_changes.change_own_password(session, form.get("password"), form.get("current"))
        # That ended every session of this account; this browser gets a new one.
        made = signing_in.rotate(session, cookie_of(visit), visit.address)
        reply = visit.redirect("/account", visit.gettext("Your password is changed."))
        reply.cookies[cookie_name(visit.secure)] = made.cookie
        return reply

    return forms.saved(visit, save, lambda errors: _password(visit, errors))
