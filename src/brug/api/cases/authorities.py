# SPDX-License-Identifier: EUPL-1.2
"""Which authority gets which report, and contacts of other countries, as JSON."""

from datetime import datetime
from typing import Any

import msgspec

from brug.api.cases.leaving import Done
from brug.api.cases.table import Call, route
from brug.cases.reports import register


class AuthorityRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`what` is authority or contact; `report`, `sector` and `address` are of the first alone,
    `email` and `phone` of the second. An `organisation` is of one country in all rows.
    """

    what: str
    country: str
    name: str
    report: str = ""
    sector: str = ""
    address: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""
    where: str = ""


class AuthorityTold(msgspec.Struct, frozen=True, kw_only=True):
    """`id` is 0 for a row of the node's file; `is_replaced`: one put in here holds instead."""

    id: int
    what: str
    row: dict[str, Any]
    changed: datetime | None
    is_replaced: bool


class Authorities(msgspec.Struct, frozen=True):
    rows: list[AuthorityTold]


def _told(one: register.Entry) -> AuthorityTold:
    return AuthorityTold(
        id=one.id, what=one.what, row=msgspec.to_builtins(one.row), changed=one.changed,
        is_replaced=one.is_replaced,
    )  # fmt: skip


@route("GET", "/authorities", summary="Authorities, and contacts of other countries",
       answers=(Authorities,))  # fmt: skip
def listed(call: Call) -> Authorities:
    return Authorities([_told(one) for one in register.listed(call.session)])


@route(
    "POST", "/authorities", summary="Add or correct an authority or a contact",
    body=AuthorityRow, answers=(AuthorityTold,), changes=True,
)  # fmt: skip
def put(call: Call) -> AuthorityTold:
    """Of the same country, report and sector it replaces what was there."""
    said = {k: v for k, v in msgspec.to_builtins(call.body).items() if v and k != "what"}
    return _told(register.put(call.session, call.body.what, said))


@route("DELETE", "/authorities/{row}", summary="Remove a row that was put in here",
       answers=(Done,), changes=True)  # fmt: skip
def removed(call: Call) -> Done:
    register.remove(call.session, call.args["row"])
    return Done()
