# SPDX-License-Identifier: EUPL-1.2
"""How much of a case the nodes of its participants have, by the crossings of its entries.

Told of the entries that the reader has: of others nothing shows, not even how many there are.
"""

from collections.abc import Mapping

import msgspec

from brug.cases.case import Case
from brug.store import settings
from brug.store.session import Session

_COUNTED: Mapping[str, str] = {
    "received": "received", "recalled": "received", "gone": "received", "ended": "received",
    "held": "held", "refused": "refused",
}  # fmt: skip


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """Of an organisation on another node, what this node has for it: entries, and pieces of
    documents. `received` is by signed receipt; what was `held` or `refused` at the bridge it lacks.
    """

    org: str
    name: str
    received: int = 0
    under_way: int = 0
    held: int = 0
    refused: int = 0

    @property
    def is_whole(self) -> bool:
        return self.received > 0 and not (self.under_way or self.held or self.refused)


def reached(session: Session, case: Case) -> list[Reached]:
    """Of those to whom a bridge of this node leads, and for whom something was decided.

    The node of whoever leads passes on what came to it. Elsewhere only that one is told of: what a
    bridge to another participant refused may have come there all the same.
    """
    here = {"", str(settings.get(session, "node.uuid"))}
    leading = {one.id for one in case.present if case.kind.role(one.role).leads}
    leads_here = any(one.id in leading and one.node in here for one in case.present)
    names = {
        one.org: one.name for one in case.present
        if one.node not in here and (leads_here or one.id in leading)
    }  # fmt: skip
    if not names:
        return []
    with session.as_system():
        rows = session.all(
            "SELECT o.uuid::text, c.state, count(*) FROM crossing c"
            " JOIN bridge b ON b.id = c.bridge_id JOIN partner p ON p.id = b.partner_id"
            " JOIN organisation o ON o.id = p.org_id"
            " WHERE c.event_uuid = ANY (%s::uuid[]) AND c.outward"
            " AND c.kind IN ('case', 'document') AND c.state <> 'replaced'"
            " AND o.uuid = ANY (%s::uuid[]) GROUP BY 1, 2",
            ([one.id for one in case.timeline], list(names)),
        )
    counts: dict[str, dict[str, int]] = {}
    for org, state, count in rows:
        told, of_org = _COUNTED.get(state, "under_way"), counts.setdefault(org, {})
        of_org[told] = of_org.get(told, 0) + count
    return [Reached(org=org, name=names[org], **counts[org]) for org in names if org in counts]
