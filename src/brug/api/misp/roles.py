# SPDX-License-Identifier: EUPL-1.2
"""`/roles`: the roles of this node, under MISP's ids and names."""

from brug.api.misp import directory_json as shape
from brug.api.misp.directory_refusals import finding
from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.paging import page_of
from brug.directory import roles


@endpoint(
    "roles", "index", methods=("GET", "POST", "HEAD"), shows=("directory",),
    probes=(("GET", "/roles/index", None),), summary="All roles",
)  # fmt: skip
def index(call: Call) -> Answer:
    found = page_of({**call.query, **call.named}, roles.listed(call.session))
    return Answer([{"Role": shape.role(role)} for role in found])


@endpoint(
    "roles", "view", methods=("GET", "POST", "HEAD"), shows=("directory",),
    probes=(("GET", "/roles/view/3", None),), summary="One role",
)  # fmt: skip
def view(call: Call) -> Answer:
    with finding(404, "Invalid Role."):
        return Answer({"Role": shape.role(roles.view(call.session, call.arg(0)))})
