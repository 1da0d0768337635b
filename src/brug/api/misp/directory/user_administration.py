# SPDX-License-Identifier: EUPL-1.2
"""What administrators do to several users, or see of one: monitoring, switching fields,
taking a second factor away, sign-ins, keys for mail.
"""

from typing import Any

from brug.api.misp.directory.directory_refusals import finding, saving
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.several import texts
from brug.directory import account_changes, accounts, login_history, second_factor
from brug.formats import openpgp
from brug.model.errors import Invalid

INVALID = "Invalid user"
# Fields that may be switched for many users at once.
SWITCHED = frozenset({
    "disabled", "autoalert", "contactalert", "force_logout", "change_pw", "termsaccepted",
    "notification_daily", "notification_weekly", "notification_monthly",
})  # fmt: skip


@endpoint(
    "users", "admin_monitor", methods=WRITE, right="site_admin", changes=True,
    summary="Puts each request of a user on record, or ends that", body={"value": 1},
)  # fmt: skip
def monitor(call: Call) -> Answer:
    on = is_on(call.data("User").get("value"))
    with finding(404, INVALID):
        account_changes.edit(call.session, call.arg(0), {"monitored": on})
    return Answer(int(on))


@endpoint(
    "users", "admin_massToggleField", methods=WRITE, right="admin", changes=True,
    summary="Switches one field of several users", body={"user_ids": [2, 3]},
)  # fmt: skip
def mass_toggle(call: Call) -> Answer:
    body = call.data("User")
    field, value = call.arg(0) or str(body.get("field")), call.arg(1) or str(body.get("value", 1))
    if field not in SWITCHED:
        raise MispError(405, "Invalid field.")
    changed = 0
    for reference in ids(body.get("user_ids")):
        with finding(404, INVALID), saving("edit", "User", "/admin/users/massToggleField"):
            account_changes.edit(call.session, reference, {field: is_on(value)})
            changed += 1
    return Answer(saved(f"{changed} user(s) changed.", "/admin/users/massToggleField"))


def ids(given: Any) -> list[str]:
    """Users that a body names: a list, or numbers with commas between."""
    if isinstance(given, str) and not given.lstrip().startswith("["):
        given = given.split(",")
    return texts("user_ids", given, 1000)


@endpoint(
    "users", "totp_delete", methods=DELETABLE, right="admin", changes=True,
    summary="Takes a user's second factor away",
)  # fmt: skip
def totp_delete(call: Call) -> Answer:
    with finding(404, INVALID):
        second_factor.remove(call.session, call.arg(0))
    return Answer(saved("User TOTP deleted.", f"/users/totp_delete/{call.arg(0)}", call.arg(0)))


@endpoint(
    "users", "view_login_history", shows=("own",),
    summary="When and from where a user signed in to the pages",
)  # fmt: skip
def view_login_history(call: Call) -> Answer:
    with finding(404, INVALID):
        found = accounts.view(call.session, call.arg(0, "me"))
        rows = login_history.of(call.session, found)
    return Answer(
        [{"ip": one.address, "date_created": f"{one.at:%Y-%m-%d %H:%M:%S}"} for one in rows]
    )


@endpoint(
    "users", "verifyGPG", right="site_admin",
    summary="Which users' keys mail can use",
)  # fmt: skip
def verify_keys(call: Call) -> Answer:
    answer = {}
    for one in accounts.listed(call.session):
        if one.gpgkey:
            answer[str(one.id)] = {"email": one.email, **_verified(one.gpgkey)}
    return Answer(answer or [])


def _verified(key: str) -> dict[str, Any]:
    try:
        found = openpgp.read(key)
    except Invalid as error:
        return {"valid": False, "note": error.public}
    return {"valid": True, "fingerprint": found.fingerprint.upper()}
