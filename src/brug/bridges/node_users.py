# SPDX-License-Identifier: EUPL-1.2
"""Organisations that use a party's node: looked at before a version is signed, and whose word is
taken for them.
"""

from brug.bridges.partners import BridgeRow
from brug.bridges.terms import Terms
from brug.directory import organisations
from brug.model.errors import Invalid
from brug.store.session import Session


def require(session: Session, wanted: Terms, host: str) -> None:
    """Raises Invalid where we would speak for who does not use this node, or the partner would
    for who does.
    """
    local = {one.uuid for one in organisations.listed(session, local=True)}
    for place, party in enumerate(wanted.parties):
        field = f"parties[{place}].node_users"
        users = [one.organisation for one in party.node_users]
        if party.organisation == host:
            if strange := sorted(set(users) - local):
                raise Invalid(field, "organisations that use this node", strange[0])
        elif ours := sorted(set(users) & local):
            raise Invalid(field, "organisations that use the partner's node", ours[0])


def sends_for(session: Session, terms: Terms | None, host: str, creator: str) -> bool:
    """Whether this node's word counts for a creator at the other side. As the system."""
    if creator == host:
        return True
    own = terms.party(host) if terms else None
    return own is not None and own.speaks_for(creator) and _is_local(session, creator)


def brings_for(session: Session, bridge: BridgeRow, terms: Terms | None, creator: str) -> bool:
    """Whether the partner's word counts for a creator: its own organisation, or one of which both
    sides said that it uses the partner's node, unless it has come to use this one, or has a
    node of its own since.
    """
    partner_org = str(bridge.org_uuid)
    if creator == partner_org:
        return True
    party = terms.party(partner_org) if terms else None
    if party is None or not party.speaks_for(creator):
        return False
    with session.as_system():
        return not _is_local(session, creator) and not session.value(
            "SELECT EXISTS (SELECT 1 FROM partner p JOIN organisation o ON o.id = p.org_id"
            " JOIN bridge b ON b.partner_id = p.id WHERE o.uuid = %s AND p.node_uuid IS NOT NULL"
            " AND b.state IN ('open', 'paused'))",
            (creator,),
        )


def _is_local(session: Session, org_uuid: str) -> bool:
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM organisation WHERE uuid::text = %s AND local)",
            (org_uuid,),
        )
    )
