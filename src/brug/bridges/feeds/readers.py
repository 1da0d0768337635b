# SPDX-License-Identifier: EUPL-1.2
"""Bridges to those who read a feed and have no node: the partner, the bridge, its account.

What they may have is agreed like with any partner (`brug bridge agreement`), and accepted on
paper, since there is no node that signs.
"""

from typing import Literal
from uuid import uuid4

from brug.bridges import partners
from brug.bridges.partners import BridgeRow
from brug.directory import fields, organisations, roles
from brug.directory.refusals import Refused
from brug.model.errors import Conflict, Forbidden
from brug.store import audit, settings
from brug.store.session import Session

Relation = Literal["client", "community", "public"]
RELATIONS: tuple[Relation, ...] = ("client", "community", "public")


def bridge_to(session: Session, organisation: int | str, relation: str = "community") -> BridgeRow:
    """The bridge over which an organisation reads feeds; made and open where there is none.

    Raises NotFound, Refused, Forbidden.
    """
    partners.require_admin(session)
    if relation not in RELATIONS:
        raise Refused("relation", "choice", "one of " + ", ".join(RELATIONS), relation)
    org = organisations.view(session, organisation)
    if org.id == settings.get(session, "node.host_org_id"):
        raise Refused("organisation", "choice", "another organisation than the host", org.name)
    found = session.value(
        "SELECT b.id FROM bridge b JOIN partner p ON p.id = b.partner_id"
        " WHERE p.org_id = %s AND b.transport = 'feed' AND b.state <> 'closed' ORDER BY b.id",
        (org.id,),
    )
    if found is not None:
        return partners.view(session, int(found))
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not make the account of a bridge")
    name = org.name
    if session.one("SELECT 1 FROM partner WHERE lower(name) = lower(%s)", (name,)):
        name = f"{org.name[:200]} (feed)"
    partner_id = session.value(
        "INSERT INTO partner (org_id, kind, name, relation) VALUES (%s, 'feed', %s, %s)"
        " RETURNING id",
        (org.id, name, relation),
    )
    uuid = uuid4()
    account = fields.insert(
        session,
        "account",
        {
            "email": f"bridge-{uuid}@bridges.invalid", "org_id": org.id, "role_id": _role(session),
            "language": settings.get(session, "node.language"),
        },
    )  # fmt: skip
    bridge_id = session.value(
        "INSERT INTO bridge (uuid, partner_id, transport, account_id, state)"
        " VALUES (%s, %s, 'feed', %s, 'open') RETURNING id",
        (uuid, partner_id, account),
    )
    audit.record(session, "add", "Bridge", bridge_id, name, {"transport": "feed"})
    return partners.view(session, int(bridge_id))


def _role(session: Session) -> int:
    """A role that reads and administers nothing."""
    for role in sorted(roles.listed(session), key=lambda one: (len(one.rights), one.id)):
        if not role.rights & {"site_admin", "admin", "bridge_admin", "sync"}:
            return int(role.id)
    raise Conflict("no role reads without administering, too")
