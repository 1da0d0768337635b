# SPDX-License-Identifier: EUPL-1.2
"""`/allowedlists/*`: values that no export gives out, by regular expressions.

A stock MISP answers a client that asks for these lists with a redirect to its pages.
"""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.refusals import saved
from brug.formats.misp import coercion
from brug.intel.patterns import allowed
from brug.intel.patterns.allowed import Allowed

ABSENT = (404, "Invalid allowedlist")


def _shown(one: Allowed) -> dict[str, Any]:
    return {"Allowedlist": {"id": str(one.id), "name": one.pattern}}


@endpoint(
    "allowedlists", "index",
    shows=("vocabulary",), summary="Regular expressions of values that exports leave out",
)  # fmt: skip
def listed(call: Call) -> Answer:
    return Answer([_shown(one) for one in allowed.listed(call.session)])


@endpoint(
    "allowedlists", "admin_index",
    right="regexp_access", shows=("vocabulary",),
    summary="Regular expressions of values that exports leave out",
)  # fmt: skip
def administered(call: Call) -> Answer:
    return listed(call)


def _pattern(call: Call) -> str:
    return coercion.text("name", call.data("Allowedlist").get("name"))


@endpoint(
    "allowedlists", "admin_add",
    methods=WRITE, right="regexp_access", changes=True, shows=("vocabulary",),
    summary="Leaves values out of exports that a regular expression fits",
    body={"name": "/8\\.8\\.8\\.8/"},
)  # fmt: skip
def add(call: Call) -> Answer:
    with saving("add", "Allowedlist", "/admin/allowedlists/add"):
        return Answer(_shown(allowed.add(call.session, _pattern(call))))


@endpoint(
    "allowedlists", "admin_edit",
    methods=WRITE, right="regexp_access", changes=True, shows=("vocabulary",),
    summary="Changes a regular expression of the list", body={"name": "/8\\.8\\.8\\.8/"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    number = call.arg(0)
    with reaching(ABSENT), saving("edit", "Allowedlist", f"/admin/allowedlists/edit/{number}"):
        return Answer(_shown(allowed.edit(call.session, number, _pattern(call))))


@endpoint(
    "allowedlists", "admin_delete",
    methods=DELETABLE, right="regexp_access", changes=True,
    summary="Takes a regular expression off the list",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(ABSENT):
        found = allowed.remove(call.session, call.arg(0))
    return Answer(
        saved("Allowedlist deleted", f"/admin/allowedlists/delete/{found.id}", str(found.id))
    )
