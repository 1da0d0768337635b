# SPDX-License-Identifier: EUPL-1.2
"""What the interface says of itself, drawn from its table: functions, who may call them, bodies."""

from typing import Any

from brug.api.misp.directory.directory_refusals import finding
from brug.api.misp.dispatch import ENDPOINTS, KNOWN_RIGHTS, Answer, Call, Endpoint, endpoint, route
from brug.api.misp.openapi import document
from brug.directory import roles
from brug.directory.roles import Role
from brug.formats.misp import coercion


def _camel(controller: str) -> str:
    first, *rest = controller.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _functions() -> dict[str, list[str]]:
    """Actions by controller, in MISP's spelling."""
    found: dict[str, list[str]] = {"*": ["queryACL", "restSearch"]}
    for one in sorted(ENDPOINTS.values(), key=lambda e: (_camel(e.controller), e.action)):
        found.setdefault(_camel(one.controller), []).append(one.action)
    return found


def _path(one: Endpoint) -> str:
    if one.action.startswith("admin_"):
        return f"/admin/{_camel(one.controller)}/{one.action.removeprefix('admin_')}"
    return f"/{_camel(one.controller)}/{one.action}"


def _access(role: Role) -> dict[str, Any]:
    may = sorted(
        _path(one) for one in ENDPOINTS.values() if one.right is None or one.right in role.rights
    )
    return {"name": role.name, "urls": may}


def _query(call: Call) -> Answer:
    """MISP's debugging of its access list; nothing here can be missing from the table."""
    if call.arg(0) == "printAllFunctionNames":
        return Answer(_functions())
    if call.arg(0) == "printRoleAccess":
        if call.arg(1):
            with finding(404, "Invalid role."):
                several = [roles.view(call.session, call.arg(1))]
        else:
            several = roles.listed(call.session)
        return Answer({str(role.id): _access(role) for role in several})
    return Answer([])


for _controller in ("servers", "events", "users"):
    endpoint(
        _controller, "queryACL", right="site_admin",
        summary="All functions (printAllFunctionNames), or what a role may (printRoleAccess/ID)",
    )(_query)  # fmt: skip


@endpoint(
    "api", "getAllApis", summary="Every function with its summary and body",
)  # fmt: skip
def all_apis(_call: Call) -> Answer:
    found = {
        _path(one): {
            "description": one.summary,
            "mandatory": [],
            "optional": sorted(one.body or {}),
            "params": [],
            "http_method": list(one.methods),
            "api_name": f"[{one.controller}] {one.action}",
            "controller": one.controller,
            "action": one.action,
            "body": one.body or {},
            "url": _path(one),
        }
        for one in sorted(ENDPOINTS.values(), key=_path)
    }
    return Answer({"allValidApis": found, "rights": sorted(KNOWN_RIGHTS)})


@endpoint(
    "api", "getApiInfo",
    summary="What one function of the interface does, by its path in `url`",
    body={"url": "/attributes/add"},
)  # fmt: skip
def api_info(call: Call) -> Answer:
    """An empty list for what is no function, as MISP answers."""
    url = coercion.text("url", call.data("Api").get("url") or call.query.get("url"))
    found = route("POST", url.partition("?")[0]).endpoint
    if found is None:
        return Answer([])
    said: dict[str, Any] = {
        "name": f"{_path(found)} API description",
        "description": found.summary,
        "http_method": list(found.methods),
        "url": _path(found),
    }
    if found.body:
        said["optional_fields"] = sorted(found.body)
    return Answer(said | {"api_info": said})


@endpoint("api", "openapi", summary="The interface as an OpenAPI document")
def openapi(call: Call) -> Answer:
    return Answer(document(call.base_url))


@endpoint(
    "api", "viewDeprecatedFunctionUse", right="site_admin",
    summary="Use of functions that MISP gave up: not counted",
)  # fmt: skip
def deprecated(_call: Call) -> Answer:
    return Answer({})
