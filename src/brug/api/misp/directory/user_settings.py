# SPDX-License-Identifier: EUPL-1.2
"""`/user_settings`: what users set for themselves, and administrators for their users."""

from typing import Any

from brug.api.misp.directory import directory_json as shape
from brug.api.misp.directory.directory_refusals import finding
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory import accounts, user_settings
from brug.directory.refusals import Refused
from brug.directory.user_settings import UserSetting
from brug.formats.misp import coercion
from brug.model.errors import Forbidden, NotFound
from brug.model.naming import number_in

INVALID = "Invalid user setting."


@endpoint(
    "user_settings", "index", shows=("own",),
    probes=(("GET", "/user_settings/index", None),), summary="Settings of users that one manages",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.query, **call.named, **call.data("UserSetting")}
    user_id = coercion.integer("user_id", asked.get("user_id"))
    found = user_settings.listed(call.session, user_id)
    if name := asked.get("setting"):
        found = [one for one in found if one.setting == name]
    return Answer([{"UserSetting": shape.user_setting(one)} for one in page_of(asked, found)])


@endpoint(
    "user_settings", "view", shows=("own",), summary="One setting by id",
)  # fmt: skip
def view(call: Call) -> Answer:
    return Answer({"UserSetting": shape.user_setting(_by_id(call, call.arg(0)))})


def _by_id(call: Call, reference: str) -> UserSetting:
    with finding(404, INVALID):
        return user_settings.view(call.session, number_in(reference) or 0)


def _named(call: Call) -> tuple[str, str, dict[str, Any]]:
    """(user, setting, body): from the path, or from the body for oneself and one's users."""
    body = call.data("UserSetting")
    user = call.arg(0) or coercion.text("user_id", body.get("user_id")) or "me"
    return user, call.arg(1) or coercion.text("setting", body.get("setting")), body


@endpoint(
    "user_settings", "getSetting", shows=("own",),
    summary="One setting by user and name", body={"setting": "homepage", "user_id": 1},
)  # fmt: skip
def get_setting(call: Call) -> Answer:
    user, name, _body = _named(call)
    if name not in user_settings.NAMES:
        raise MispError(404, "Invalid setting.")
    with finding(404, INVALID):
        found = user_settings.named(call.session, accounts.view(call.session, user).id, name)
    return Answer(shape.user_setting(found))


@endpoint(
    "user_settings", "setSetting", methods=WRITE, changes=True, shows=("own",),
    summary="Sets one setting; another's id counts only for who may manage that user",
    body={"setting": "homepage", "value": {"path": "/events/index"}},
)  # fmt: skip
def set_setting(call: Call) -> Answer:
    user, name, body = _named(call)
    if not name or "value" not in body:
        raise MispError(405, "This endpoint expects both a setting and a value to be set.")
    try:
        stored = user_settings.put(call.session, _target(call, user), name, body["value"])
    except Refused as error:
        if error.field == "setting":
            raise MispError(405, "Invalid setting.") from error
        errors = {"value": ["Invalid JSON."]}
        raise SaveFailed("add", "UserSetting", errors, "/user_settings/add") from error
    except Forbidden as error:
        needs = "This setting is restricted and requires the following permission(s): site_admin"
        raise MispError(405, needs) from error
    return Answer({"UserSetting": shape.user_setting(stored)})


def _target(call: Call, user: str) -> int:
    """As in MISP, what names somebody whom one may not manage is for oneself."""
    mine = call.principal
    if not (mine.may("admin") or mine.is_site_admin):
        return mine.user_id
    try:
        return accounts.view(call.session, user).id
    except NotFound:
        return mine.user_id


@endpoint(
    "user_settings", "delete", methods=DELETABLE, changes=True, shows=("own",),
    summary="Removes a setting by id, or by user and name", body={"setting": "homepage"},
)  # fmt: skip
def delete(call: Call) -> Answer:
    user, name, _body = _named(call)
    if name:
        with finding(404, INVALID):
            user_id = accounts.view(call.session, user).id
            found = user_settings.named(call.session, user_id, name)
    else:
        found = _by_id(call, call.arg(0))
    with finding(404, INVALID):
        user_settings.remove(call.session, found)
    return Answer(saved("Setting deleted.", f"/user_settings/delete/{found.id}", str(found.id)))


@endpoint(
    "user_settings", "setHomePage", methods=WRITE, changes=True, shows=("own",),
    summary="Where one starts", body={"path": "/events/index"},
)  # fmt: skip
def set_home_page(call: Call) -> Answer:
    path = coercion.text("path", call.data("UserSetting").get("path"))
    if not path.startswith("/") or path.startswith("//"):
        raise MispError(405, "No path POSTed.")
    user_settings.put(call.session, call.principal.user_id, "homepage", {"path": path})
    return Answer(saved(f"Homepage set to {path}", "/user_settings/setHomePage"))
