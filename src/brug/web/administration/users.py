# SPDX-License-Identifier: EUPL-1.2
"""Users: an administrator's own organisation, everyone for site admins."""

from typing import Any

from brug.directory import account_changes, accounts, organisations, roles, second_factor
from brug.directory.accounts import Account
from brug.web import forms
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/users"


@page(BASE, right="admin", shows=("directory",), probe=BASE)
def listed(visit: Visit) -> Reply:
    text = visit.query.text("text")[:320]
    return visit.show(
        "administration/users.html",
        tabs=tabs_of(visit),
        rows=accounts.listed(visit.session, search=text or None),
        text=text,
    )


@page(BASE + "/new", right="admin")
def ask_new(visit: Visit) -> Reply:
    default = roles.default(visit.session)
    return _form(visit, None, {"role_id": default.id, "org_id": visit.principal.org_id})


@page(BASE + "/new", "POST", right="admin")
def add(visit: Visit) -> Reply:
    given = _given(visit)

    def save() -> Reply:
        made = account_changes.add(visit.session, given)
        return _told(visit, made)

    return forms.saved(visit, save, lambda errors: _form(visit, None, given, errors))


def _told(visit: Visit, made: account_changes.Added) -> Reply:
    return visit.show(
        "administration/told.html",
        tabs=tabs_of(visit),
        account=made.account,
        password=made.password,
    )


@page(BASE + "/{key:int}", right="admin", shows=("directory",))
def ask_edit(visit: Visit) -> Reply:
    found = accounts.view(visit.session, visit.args["key"])
    return _form(visit, found, _values(found))


def _values(found: Account) -> dict[str, Any]:
    names = ("email", "role_id", "org_id", "disabled", "change_pw")
    values = {name: getattr(found, name) for name in names}
    values["expiration"] = found.expiration.date().isoformat() if found.expiration else ""
    return values


@page(BASE + "/{key:int}", "POST", right="admin")
def edit(visit: Visit) -> Reply:
    found = accounts.view(visit.session, visit.args["key"])
    given = _given(visit)

    def save() -> Reply:
        account_changes.edit(visit.session, found.id, given)
        return visit.redirect(BASE, visit.gettext("Saved."))

    return forms.saved(visit, save, lambda errors: _form(visit, found, given, errors))


@page(BASE + "/{key:int}/password", "POST", right="admin")
def reset(visit: Visit) -> Reply:
    return _told(visit, account_changes.reset_password(visit.session, visit.args["key"]))


@page(BASE + "/{key:int}/forget-codes", "POST", right="admin")
def forget_codes(visit: Visit) -> Reply:
    """For who has lost the device and the paper: signing in starts anew."""
    second_factor.remove(visit.session, visit.args["key"])
    said = visit.gettext("The one-time codes are taken away.")
    return visit.redirect(f"{BASE}/{visit.args['key']}", said)


@page(BASE + "/{key:int}/delete", "POST", right="admin")
def delete(visit: Visit) -> Reply:
    gone = account_changes.delete(visit.session, visit.args["key"])
    said = visit.gettext("%(email)s is removed, with all keys.") % {"email": gone.email}
    return visit.redirect(BASE, said)


def _given(visit: Visit) -> dict[str, Any]:
    form = visit.form
    given: dict[str, Any] = {
        "email": form.text("email"),
        "role_id": form.number("role_id", 0),
        "disabled": form.flag("disabled"),
        "change_pw": form.flag("change_pw"),
        "expiration": form.text("expiration"),
    }
    if visit.principal.is_site_admin and "org_id" in form:
        given["org_id"] = form.number("org_id", 0)
    return given


def _form(
    visit: Visit,
    found: Account | None,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
) -> Reply:
    site_admin = visit.principal.is_site_admin
    return visit.show(
        "administration/user.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        account=found,
        values=values,
        errors=errors or {},
        roles=_grantable(visit),
        organisations=organisations.listed(visit.session, local=True) if site_admin else [],
    )


def _grantable(visit: Visit) -> list[roles.Role]:
    """Roles that hold nothing which the administrator's own lacks."""
    mine = visit.principal.rights
    return [role for role in roles.listed(visit.session) if role.rights <= mine]
