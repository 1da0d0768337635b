# SPDX-License-Identifier: EUPL-1.2
"""`/users`: oneself, and `/admin/users`: an administrator's users."""

from typing import Any

from brug.api.misp.directory import directory_json as shape
from brug.api.misp.directory.directory_refusals import finding, saving
from brug.api.misp.directory.given import flag, given, number, text, untouched
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory import (
    account_changes,
    accounts,
    keys,
    organisations,
    roles,
    user_settings,
)
from brug.directory.accounts import Account
from brug.directory.refusals import Refused

INVALID = "Invalid user"
_NOT_AUTHORISED = "Invalid user or not authorised."
_FIELDS = {
    "email": text, "org_id": number, "role_id": number, "password": text, "change_pw": flag,
    "disabled": flag, "expiration": untouched, "force_logout": flag, "autoalert": flag,
    "contactalert": flag, "gpgkey": text, "certif_public": text, "nids_sid": number,
    "termsaccepted": flag, "newsread": number, "notification_daily": flag,
    "notification_weekly": flag, "notification_monthly": flag, "language": text, "theme": text,
    "timezone": text,
}  # fmt: skip


def _viewed(call: Call, found: Account) -> dict[str, Any]:
    organisation = organisations.view(call.session, found.org_id)
    settings = user_settings.listed(call.session, found.id)
    shown = {name: value for name, value in shape.whole_user(found).items() if name != "server_id"}
    return {
        "User": shown | {"totp": "*****"},
        "Role": shape.role(roles.view(call.session, found.role_id)),
        "UserSetting": {one.setting: one.value for one in settings} or [],
        "Organisation": shape.organisation(organisation, creator=True),
    }


def _changed(found: Account) -> dict[str, Any]:
    return {"User": shape.whole_user(found) | {"password": "******"}}


@endpoint(
    "users", "view", shows=("directory",),
    probes=(("GET", "/users/view/me", None), ("GET", "/users/view/{user}", None)),
    summary="A user with role, settings and organisation; `me` is oneself",
)  # fmt: skip
def view(call: Call) -> Answer:
    site_admin = call.principal.is_site_admin
    with finding(404, INVALID if site_admin else _NOT_AUTHORISED):
        return Answer(_viewed(call, accounts.view(call.session, call.arg(0, "me"))))


@endpoint(
    "users", "admin_view", right="admin", shows=("directory",),
    probes=(("GET", "/admin/users/view/{user}", None),),
    summary="A user of one's organisation, or any for site admins",
)  # fmt: skip
def admin_view(call: Call) -> Answer:
    with finding(404, INVALID):
        found = accounts.view(call.session, call.arg(0, "me"))
    answer = _viewed(call, found)
    admins = accounts.administrators_of(call.session, found.org_id)
    answer["User"]["orgAdmins"] = {str(number): email for number, email in admins.items()}
    return Answer(answer)


@endpoint(
    "users", "admin_index", right="admin", shows=("directory",),
    probes=(("GET", "/admin/users/index", None),),
    summary="The users of one's organisation, or all for site admins",
)  # fmt: skip
def admin_index(call: Call) -> Answer:
    asked = {**call.query, **call.named, **call.data("User")}
    search = asked.get("value") or asked.get("searchall") or asked.get("searchemail")
    org = asked.get("searchorg") or None
    with finding(404, "Invalid organisation"):
        org_id = organisations.view(call.session, str(org)).id if org else None
    by_id = {role.id: role for role in roles.listed(call.session)}
    found = accounts.listed(call.session, search=str(search) if search else None, org_id=org_id)
    return Answer([_row(one, by_id[one.role_id]) for one in page_of(asked, found)])


def _row(found: Account, role: roles.Role) -> dict[str, Any]:
    flags = {f"perm_{name}": name in role.rights for name in ("auth", "site_admin", "admin")}
    return {
        "User": shape.user(found),
        "Role": {"id": str(role.id), "name": role.name, **flags},
        "Organisation": {"id": str(found.org_id), "name": found.org_name},
    }


@endpoint(
    "users", "admin_add", methods=WRITE, right="admin", changes=True, shows=("directory",),
    summary="Adds a user, with a first API key where the role has one",
    body={"email": "text", "org_id": 1, "role_id": 3, "password": "text"},
)  # fmt: skip
def add(call: Call) -> Answer:
    url = "/admin/users/add"
    body = call.data("User")
    if not body.get("email"):
        raise SaveFailed("add", "User", {"email": "Mandatory field not set."}, url)
    try:
        with saving("add", "User", url):
            made = account_changes.add(call.session, given(_FIELDS, body)).account
    except SaveFailed as error:
        raise _of_reference(error) from error
    role = roles.view(call.session, made.role_id)
    shown = _changed(made)
    if "auth" in role.rights:
        comment = "Initial auto-generated key"
        shown["User"]["authkey"] = keys.add(call.session, made.id, {"comment": comment}).text
    return Answer(shown)


def _of_reference(error: SaveFailed) -> SaveFailed | MispError:
    """MISP has shapes of their own for a role and an organisation that do not fit."""
    if isinstance(error.errors, dict) and "role_id" in error.errors:
        return MispError(405, "Invalid role")
    if isinstance(error.errors, dict) and "org_id" in error.errors:
        error.errors = ["Invalid organisation"]
    return error


@endpoint(
    "users", "admin_edit", methods=WRITE, right="admin", changes=True, shows=("directory",),
    summary="Changes the fields given of a user", body={"role_id": 3, "disabled": True},
)  # fmt: skip
def admin_edit(call: Call) -> Answer:
    reference = call.arg(0, "me")
    try:
        with finding(404, INVALID), saving("edit", "User", call.path, reference):
            fields = given(_FIELDS, call.data("User"))
            changed = account_changes.edit(call.session, reference, fields)
    except SaveFailed as error:
        raise _of_reference(error) from error
    return Answer(_changed(changed))


@endpoint(
    "users", "edit", methods=WRITE, changes=True, shows=("own",),
    summary="Changes what people change about themselves; another's id is ignored",
    body={"autoalert": True, "timezone": "Europe/Amsterdam"},
)  # fmt: skip
def edit_own(call: Call) -> Answer:
    with saving("edit", "User", "/users/edit"):
        fields = given(_FIELDS, call.data("User"))
        return Answer(_viewed(call, account_changes.edit_own(call.session, fields)))


_PASSWORD_TEXTS = {
    "current_password": "Invalid password. Please enter your current password to continue.",
    "same": "Submitted new password cannot be the same as the current one",
}
_POLICY = (
    "The password could not be updated. Make sure you meet the minimum password length /"
    " complexity requirements."
)


@endpoint(
    "users", "change_pw", methods=WRITE, changes=True, shows=("own",),
    summary="Changes one's own password",
    body={"password": "text", "confirm_password": "text", "current_password": "text"},
)  # fmt: skip
def change_password(call: Call) -> Answer:
    body = call.data("User")
    new, again = body.get("password"), body.get("confirm_password")
    current = body.get("current_password")
    if again is not None and again != new:
        raise SaveFailed("change_pw", "User", _POLICY, "/users/change_pw")
    try:
        account_changes.change_own_password(
            call.session, new, None if current is None else str(current)
        )
    except Refused as error:
        words = _PASSWORD_TEXTS.get(error.field) or _PASSWORD_TEXTS.get(error.reason, _POLICY)
        raise SaveFailed("change_pw", "User", words, "/users/change_pw") from error
    return Answer(saved("Password Changed.", "/users/change_pw"))


@endpoint(
    "users", "admin_delete", methods=DELETABLE, right="admin", changes=True,
    summary="Removes a user and the user's keys",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with finding(404, INVALID), saving("delete", "User", call.path, call.arg(0)):
        gone = account_changes.delete(call.session, call.arg(0))
    return Answer(saved("User deleted.", call.path, str(gone.id)))


@endpoint(
    "users", "resetauthkey", methods=WRITE, changes=True, shows=("own",),
    summary="Ends a user's keys and makes a new one",
)  # fmt: skip
def reset_key(call: Call) -> Answer:
    with finding(405, "Invalid user."):
        found = accounts.view(call.session, call.arg(0, "me"))
        made = keys.reset(call.session, found.id)
    return Answer(saved(f"Authkey updated: {made.text}", call.path, call.arg(0) or None))


@endpoint(
    "users", "admin_destroy", methods=WRITE, right="admin", changes=True,
    summary="Ends a user's web sessions",
)  # fmt: skip
def end_sessions(call: Call) -> Answer:
    with finding(404, INVALID):
        found = account_changes.edit(call.session, call.arg(0), {"force_logout": True})
    message = (
        "Session destruction cutoff set to the current timestamp for the given selection"
        f" ({found.email}). Session(s) will be destroyed on the next user interaction."
    )
    return Answer(saved(message, "/admin/users/destroy"))


@endpoint(
    "users", "heartbeat", summary="Whether the node answers",
)  # fmt: skip
def heartbeat(_call: Call) -> Answer:
    return Answer({"message": "PONG"})
