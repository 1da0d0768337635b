# SPDX-License-Identifier: EUPL-1.2
"""`/roles`: the roles of this node, under MISP's ids and names; site admins change them.

Brug's own rights are no part of this interface: a change here leaves them as they are.
"""

from typing import Any

from brug.api.misp.directory import directory_json as shape
from brug.api.misp.directory.directory_refusals import finding, saving
from brug.api.misp.directory.given import flag, given, number, text
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import SaveFailed, saved
from brug.directory import role_changes, roles
from brug.directory.refusals import InUse

_FIELDS = {
    "name": text, "restricted_to_site_admin": flag, "enforce_rate_limit": flag,
    "rate_limit_count": number, "memory_limit": text, "max_execution_time": text,
}  # fmt: skip
# MISP's ladder `permission`: 0 reads, 1 changes one's own, 2 the organisation's, 3 publishes.
_LADDER = ("", "modify", "modify_org", "publish")
IN_USE = "It is not possible to delete role that is assigned to users."
_BODY = {"name": "text", "permission": 2, "perm_sighting": True}


@endpoint(
    "roles", "index", shows=("directory",),
    probes=(("GET", "/roles/index", None),), summary="All roles",
)  # fmt: skip
def index(call: Call) -> Answer:
    found = page_of({**call.query, **call.named}, roles.listed(call.session))
    return Answer([{"Role": shape.role(role) | {"default": role.default_role}} for role in found])


@endpoint(
    "roles", "view", shows=("directory",),
    probes=(("GET", "/roles/view/3", None),), summary="One role",
)  # fmt: skip
def view(call: Call) -> Answer:
    with finding(404, "Invalid Role."):
        return Answer({"Role": shape.role(roles.view(call.session, call.arg(0)))})


def _rights(body: dict[str, Any]) -> tuple[set[str], set[str]]:
    """(given, taken) of what a body says: flags by name, and the ladder."""
    said = {
        name: flag(f"perm_{name}", body[f"perm_{name}"])
        for name in shape.PERMISSIONS
        if body.get(f"perm_{name}") is not None
    }
    rung = number("permission", body.get("permission"))
    if rung is not None and rung < len(_LADDER):
        said |= {name: _LADDER.index(name) <= rung for name in _LADDER[1:]} | {"add": rung > 0}
    return {name for name, on in said.items() if on}, {n for n, on in said.items() if not on}


@endpoint(
    "roles", "admin_add", methods=WRITE, right="site_admin", changes=True, shows=("directory",),
    summary="Adds a role", body=_BODY,
)  # fmt: skip
def add(call: Call) -> Answer:
    body = call.data("Role")
    with saving("add", "role", "/admin/roles/add"):
        more, _fewer = _rights(body)
        made = role_changes.add(call.session, given(_FIELDS, body), more)
    return Answer({"Role": shape.role(made)})


@endpoint(
    "roles", "admin_edit", methods=WRITE, right="site_admin", changes=True, shows=("directory",),
    summary="Changes the fields and flags given of a role", body=_BODY,
)  # fmt: skip
def edit(call: Call) -> Answer:
    body = call.data("Role")
    with finding(404, "Invalid Role"), saving("edit", "role", "/admin/roles/edit"):
        more, fewer = _rights(body)
        fields = given(_FIELDS, body)
        changed = role_changes.edit(call.session, call.arg(0), fields, more=more, fewer=fewer)
    return Answer({"Role": shape.role(changed)})


@endpoint(
    "roles", "admin_delete", methods=DELETABLE, right="site_admin", changes=True,
    summary="Removes a role that nobody has",
)  # fmt: skip
def delete(call: Call) -> Answer:
    try:
        with finding(404, "Invalid Role."):
            gone = role_changes.delete(call.session, call.arg(0))
    except InUse as error:
        role_id = roles.view(call.session, call.arg(0)).id
        raise SaveFailed("delete", "Role", IN_USE, f"/roles/delete/{role_id}", role_id) from error
    return Answer(saved("Role deleted.", f"/roles/delete/{gone.id}", gone.id))


@endpoint(
    "roles", "admin_set_default", methods=WRITE, right="site_admin", changes=True,
    summary="New users get this role where none is named",
)  # fmt: skip
def set_default(call: Call) -> Answer:
    with finding(404, "Invalid Role"), saving("edit", "role", call.path, call.arg(0)):
        chosen = role_changes.make_default(call.session, call.arg(0))
    return Answer(saved("Default role set.", call.path, str(chosen.id)))
