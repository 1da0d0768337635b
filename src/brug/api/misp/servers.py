# SPDX-License-Identifier: EUPL-1.2
"""`/servers`: what the node is, and its settings under MISP's names.

Settings that Brug has under no name of MISP's are read and set by their own.
"""

from typing import Any

from brug import __version__
from brug.api.misp.directory_refusals import finding
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import SaveFailed, saved
from brug.model.errors import Invalid
from brug.store import settings
from brug.store.settings import SETTINGS, Setting

_READ = ("GET", "POST", "HEAD")
# MISP's words for kinds, and its level of importance "recommended".
_KINDS = {"text": "string", "number": "numeric", "flag": "boolean", "list": "string"}
_LEVEL = 1


@endpoint(
    "servers", "getVersion", methods=_READ, summary="Which interface this is, and what one may",
)  # fmt: skip
def version(call: Call) -> Answer:
    misp = settings.get(call.session, "node.misp_version")
    mine = call.principal
    return Answer(
        {
            "version": misp,
            "pymisp_recommended_version": misp,
            "perm_sync": "sync" in mine.rights,
            "perm_sighting": "sighting" in mine.rights,
            "perm_galaxy_editor": "galaxy_editor" in mine.rights,
            "perm_analyst_data": "analyst_data" in mine.rights,
            "uuid": settings.get(call.session, "node.uuid") if "sync" in mine.rights else "-",
            "request_encoding": ["gzip"],
            "filter_sightings": True,
            "brug_version": __version__,
        }
    )


@endpoint(
    "servers", "getPyMISPVersion", methods=_READ, summary="Which PyMISP suits this interface",
)  # fmt: skip
def pymisp_version(call: Call) -> Answer:
    return Answer({"version": settings.get(call.session, "node.misp_version")})


@endpoint(
    "servers", "getInstanceUUID", methods=_READ, right="sync", summary="The node's UUID",
)  # fmt: skip
def instance_uuid(call: Call) -> Answer:
    return Answer({"uuid": settings.get(call.session, "node.uuid")})


@endpoint(
    "servers", "index", methods=_READ, right="site_admin",
    summary="MISP servers that this node exchanges with: none as yet",
)  # fmt: skip
def index(_call: Call) -> Answer:
    return Answer([])


def _name(setting: Setting) -> str:
    return setting.misp[0] if setting.misp else setting.name


def _shown(setting: Setting, name: str, value: Any) -> dict[str, Any]:
    return {
        "level": _LEVEL,
        "description": setting.meaning,
        "value": value,
        "errorMessage": "",
        "type": _KINDS[setting.kind],
        "null": True,
        "setting": name,
        "brug_setting": setting.name,
    }


@endpoint(
    "servers", "serverSettings", methods=_READ, right="site_admin",
    summary="All settings, each with its value and meaning",
)  # fmt: skip
def all_settings(call: Call) -> Answer:
    values = settings.all_settings(call.session)
    misp = settings.get(call.session, "node.misp_version")
    return Answer(
        {
            "version": {"current": f"v{misp}", "newest": None, "upToDate": "error"},
            "finalSettings": [
                _shown(one, _name(one), values[one.name]) for one in SETTINGS.values()
            ],
        }
    )


@endpoint(
    "servers", "getSetting", methods=_READ, right="site_admin",
    summary="One setting, by MISP's name or Brug's",
)  # fmt: skip
def one_setting(call: Call) -> Answer:
    name = call.arg(0)
    with finding(404, f"Setting {name} is invalid."):
        setting = settings.named(name)
    shown = _shown(setting, name, settings.get(call.session, name))
    shown["name"] = shown.pop("setting")
    return Answer(shown)


@endpoint(
    "servers", "serverSettingsEdit", methods=("GET", *WRITE), right="site_admin", changes=True,
    summary="Changes one setting, by MISP's name or Brug's", body={"value": "text"},
)  # fmt: skip
def edit_setting(call: Call) -> Answer:
    name, url = call.arg(0), "/servers/serverSettingsEdit"
    with finding(404, f"Setting {name} is invalid."):
        setting = settings.named(name)
    if call.method == "GET":
        return Answer({name: settings.get(call.session, setting.name)})
    body = call.data("Server")
    if "value" not in body:
        errors = 'Invalid input. Expected: {"value": "new_setting"}'
        raise SaveFailed("serverSettingsEdit", "Server", errors, url)
    try:
        settings.set_value(call.session, setting.name, body["value"])
    except Invalid as error:
        raise SaveFailed("serverSettingsEdit", "Server", error.public, url) from error
    return Answer(saved("Field updated", url))


@endpoint(
    "servers", "postTest", methods=WRITE, summary="Says what of a request arrived",
)  # fmt: skip
def post_test(call: Call) -> Answer:
    headers = {"Content-type": call.headers.get("content-type", ""), "Accept": call.accept}
    return Answer({"body": call.body, "headers": headers | {"Authorization": "OK"}})
