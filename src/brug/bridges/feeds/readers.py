# SPDX-License-Identifier: EUPL-1.2
"""Bridges to those who read a feed and have no node: the partner, the bridge, its account.

What they may have is agreed like with any partner (`brug bridge agreement`), and accepted on
paper, since there is no node that signs.
"""

from brug.bridges import one_sided, partners
from brug.bridges.partners import BridgeRow
from brug.directory import organisations
from brug.store import audit
from brug.store.session import Session


def bridge_to(session: Session, organisation: int | str, relation: str = "community") -> BridgeRow:
    """The bridge over which an organisation reads feeds; made and open where there is none.

    Raises NotFound, Refused, Forbidden.
    """
    partners.require_admin(session)
    org = organisations.view(session, organisation)
    one_sided.check(session, org, relation)
    found = session.value(
        "SELECT b.id FROM bridge b JOIN partner p ON p.id = b.partner_id"
        " WHERE p.org_id = %s AND b.transport = 'feed' AND b.state <> 'closed' ORDER BY b.id",
        (org.id,),
    )
    if found is not None:
        return partners.view(session, int(found))
    bridge_id = one_sided.make(session, org, "feed", org.name, relation)
    made = partners.view(session, bridge_id)
    audit.record(session, "add", "Bridge", bridge_id, made.partner, {"transport": "feed"})
    return made
