# SPDX-License-Identifier: EUPL-1.2
"""`/servers/serverSettings*`: the node's settings under MISP's names.

Three kinds: those that act (Brug's own registry; those without a name of MISP's are read
and set by their own), those that are kept without effect, each said to be so, and secrets
of a stock MISP, which are neither kept nor shown.
"""

import platform
from collections.abc import Mapping
from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.directory import node_keys
from brug.model.errors import Invalid, NotFound
from brug.store import kept_settings, settings
from brug.store.settings import SETTINGS, Setting
from brug.store.settings_table import BY_MISP_NAME

_URL = "/servers/serverSettingsEdit"
# MISP's words for kinds, and its levels of importance.
_KINDS = {
    "text": "string", "number": "numeric", "flag": "boolean", "list": "string", "secret": "string",
}  # fmt: skip
_RECOMMENDED, _OPTIONAL = 1, 2
_KEPT = "Kept, shown and answered; it has no effect on this node."


def _name(setting: Setting) -> str:
    return setting.misp[0] if setting.misp else setting.name


def _shown(setting: Setting, name: str, value: Any) -> dict[str, Any]:
    return {
        "level": _RECOMMENDED,
        "description": setting.meaning,
        "value": value,
        "errorMessage": "",
        "type": _KINDS[setting.kind],
        "null": True,
        "setting": name,
        "brug_setting": setting.name,
    }


def _kept(name: str, kind: str, value: Any) -> dict[str, Any]:
    return {
        "level": _OPTIONAL,
        "description": _KEPT,
        "value": value,
        "errorMessage": "",
        "type": kind,
        "null": True,
        "setting": name,
    }


def _value_of(stored: Mapping[str, Any], name: str) -> Any:
    return stored[name] if name in stored else kept_settings.unset(name)


def _all(call: Call) -> list[dict[str, Any]]:
    values = settings.all_settings(call.session)
    acting = [_shown(one, _name(one), values[one.name]) for one in SETTINGS.values()]
    stored = kept_settings.stored(call.session)
    names = sorted({*kept_settings.KEPT, *stored})
    kept = [_kept(n, kept_settings.kind_of(n) or "string", _value_of(stored, n)) for n in names]
    return acting + kept


@endpoint(
    "servers", "serverSettings", right="site_admin",
    summary="All settings, each with its value and meaning; those kept without effect say so",
)  # fmt: skip
def all_settings(call: Call) -> Answer:
    misp = settings.get(call.session, "node.misp_version")
    found = _all(call)
    group = call.arg(0)
    if group not in {"", "diagnostics", "download"}:
        found = [one for one in found if one["setting"].partition(".")[0] == group]
    return Answer(
        {
            "version": {"current": f"v{misp}", "newest": None, "upToDate": "error"},
            "phpSettings": {},
            "gpgStatus": "OK" if node_keys.exists(call.session) else "The node has no OpenPGP key.",
            "proxyStatus": _proxy(call),
            "workers": [],
            "python_version": platform.python_version(),
            "finalSettings": found,
        }
    )


def _proxy(call: Call) -> str:
    host = settings.get(call.session, "outgoing.proxy_host")
    return "configured (not tested)" if host else "not configured (so not tested)"


@endpoint(
    "servers", "getSetting", right="site_admin",
    summary="One setting, by MISP's name or Brug's",
)  # fmt: skip
def one_setting(call: Call) -> Answer:
    name = call.arg(0)
    if name in kept_settings.REDACTED:
        raise MispError(403, "This setting is redacted.")
    if kind := kept_settings.kind_of(name):
        shown = _kept(name, kind, _value_of(kept_settings.stored(call.session), name))
    else:
        setting = _named(name)
        shown = _shown(setting, name, settings.get(call.session, name))
    shown["name"] = shown.pop("setting")
    return Answer(shown)


def _named(name: str) -> Setting:
    try:
        return settings.named(name)
    except NotFound as error:
        raise MispError(404, f"Setting {name} is invalid.") from error


@endpoint(
    "servers", "serverSettingsEdit", methods=("GET", *WRITE), right="site_admin", changes=True,
    summary="Changes one setting, by MISP's name or Brug's", body={"value": "text"},
)  # fmt: skip
def edit_setting(call: Call) -> Answer:
    name = call.arg(0)
    # One that acts can be set, and is never told.
    if name in kept_settings.REDACTED and (call.method == "GET" or name not in BY_MISP_NAME):
        raise MispError(403, "This setting is redacted.")
    kept = kept_settings.kind_of(name) is not None
    setting = None if kept else _named(name)
    if call.method == "GET":
        if setting is None:
            return Answer({name: _value_of(kept_settings.stored(call.session), name)})
        return Answer({name: settings.get(call.session, setting.name)})
    value = _value(call)
    if kept and value in (None, ""):
        raise SaveFailed("serverSettingsEdit", "Server", "Value not set.", _URL)
    try:
        if setting is None:
            kept_settings.put(call.session, name, value)
        else:
            settings.set_value(call.session, setting.name, value)
    except Invalid as error:
        raise SaveFailed("serverSettingsEdit", "Server", error.public, _URL) from error
    return Answer(saved("Field updated", _URL))


def _value(call: Call) -> Any:
    body = call.data("Server")
    if "value" not in body:
        errors = 'Invalid input. Expected: {"value": "new_setting"}'
        raise SaveFailed("serverSettingsEdit", "Server", errors, _URL)
    return body["value"]
