# SPDX-License-Identifier: EUPL-1.2
"""What people change about a partner: its name here, its address, what it is to the host.

What a partner is to the host decides with TLP:AMBER what may go there; so everything is
decided anew when that changes.
"""

from collections.abc import Mapping
from typing import Any

from brug.bridges import partners
from brug.bridges.crossing import asking
from brug.bridges.partners import BridgeRow
from brug.directory import audit, fields, route_changes
from brug.directory.refusals import Refused
from brug.directory.routes import Holder
from brug.directory.server_fields import address
from brug.model.errors import Invalid
from brug.store.session import Session

RELATIONS = ("client", "community", "public")


def _relation(field: str, value: Any) -> str:
    if value not in RELATIONS:
        raise Refused(field, "choice", f"one of {', '.join(RELATIONS)}", str(value))
    return str(value)


_PARTNER: Mapping[str, fields.Check] = {
    "name": fields.text(255, empty=False), "relation": _relation, "url": address,
}  # fmt: skip


def edit(session: Session, bridge: BridgeRow, given: Mapping[str, Any]) -> BridgeRow:
    """Changes `name`, `relation`, `url`, `fetch` and how it is reached, as far as given.

    All but the first two are of a node; with `fetch` we fetch what it has for us, as where it
    cannot reach us. How it is reached are the fields of `directory.route_changes`. Raises
    Refused, Forbidden.
    """
    partners.require_admin(session)
    row = fields.checked(_PARTNER, given)
    way = {name: given[name] for name in route_changes.FIELDS if name in given}
    fetch = given.get("fetch")
    if bridge.transport != "native":
        if "url" in row or way:
            raise Invalid(
                next(iter(way), "url"), "none: only the address of a node is kept with its bridge"
            )
        if fetch:
            raise Invalid("fetch", "no: only nodes have something to be fetched")
    if "name" in row and session.one(
        "SELECT 1 FROM partner WHERE lower(name) = lower(%s) AND id <> %s",
        (row["name"], bridge.partner_id),
    ):
        raise Refused("name", "taken", "a name that no other partner has", row["name"])
    holder = Holder("channel", bridge.id)
    change = route_changes.checked(session, holder, way) if way else None
    fields.update(session, "partner", bridge.partner_id, row)
    if change is not None:
        row |= route_changes.store(session, holder, change)
    if fetch is not None:
        session.execute("UPDATE channel SET collects = %s WHERE bridge_id = %s", (fetch, bridge.id))
        row["fetch"] = fetch
    audit.record(session, "edit", "Bridge", bridge.id, bridge.partner, row)
    if row.get("relation", bridge.relation) != bridge.relation:
        with session.as_system():
            asking.look_again(session, bridge.id)
    return partners.view(session, bridge.id)
