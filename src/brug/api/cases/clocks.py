# SPDX-License-Identifier: EUPL-1.2
"""The deadlines that a node knows, and what one of them comes to by facts that are stated."""

from typing import Annotated, Any

import msgspec

from brug.api.cases.table import Call, in_language, route
from brug.cases import clocks, own_folder
from brug.cases.clocks import asking, telling
from brug.model.errors import Invalid

Names = Annotated[tuple[str, ...], msgspec.Meta(max_length=50)]


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those that oblige a role; those that were not seen in their source."""

    role: str = ""
    unverified: bool = False


class Table(msgspec.Struct, frozen=True):
    """Each as docs/spec/clocks.md has them, with what the node corrected; what is empty is not
    there.
    """

    clocks: list[dict[str, Any]]


class Computing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times of facts by name, on the wall of `zone` or with an offset; of which country the
    authority is, whose holidays and zone count; as if it were `now`.
    """

    facts: Annotated[dict[str, str], msgspec.Meta(max_length=50)]
    zone: str = "UTC"
    authority: str = ""
    authority_zone: str = ""
    roles: Names = ()
    circumstances: Names = ()
    now: str = ""


@route("GET", "/clocks", summary="The deadlines that the node knows", query=Rules,
       answers=(Table,))  # fmt: skip
def listed(call: Call) -> Table:
    asked: Rules = call.query
    known, language = _known(call), in_language(call)
    if asked.role and asked.role not in known.known.roles:
        raise Invalid("role", f"one of {', '.join(known.known.roles)}", asked.role)
    return Table([
        telling.row(row, language)
        for row in known
        if (not asked.role or asked.role in row.obliged)
        and not (asked.unverified and row.is_verified)
    ])  # fmt: skip


@route("POST", "/clocks/{clock}", summary="Compute a deadline from facts", body=Computing,
       answers=(dict[str, Any],))  # fmt: skip
def computed(call: Call) -> dict[str, Any]:
    """Nothing is kept."""
    said = msgspec.structs.asdict(call.body)
    asked = asking.Asked(**said | {"facts": list(call.body.facts.items())})
    found, at = asking.compute(_known(call), call.args["clock"], asked)
    return telling.computed(found, at, in_language(call))


def _known(call: Call) -> clocks.Table:
    return clocks.table(own_folder.config_of(call.session))
