# SPDX-License-Identifier: EUPL-1.2
"""Bridges that this side makes alone: to those who read a feed or get letters, and have no node.

The partner, the bridge, and the account that reads for it: of the partner's organisation, with
a role that only reads, and nobody signs in as it.
"""

from typing import Literal
from uuid import uuid4

from brug.directory import fields, roles
from brug.directory.organisations import Organisation
from brug.directory.refusals import Refused
from brug.model.errors import Conflict, Forbidden
from brug.store import settings
from brug.store.session import Session

RELATIONS: tuple[str, ...] = ("client", "community", "public")


def check(session: Session, org: Organisation, relation: str) -> None:
    """Raises Refused for the host, and for what no partner is to it."""
    if relation not in RELATIONS:
        raise Refused("relation", "choice", "one of " + ", ".join(RELATIONS), relation)
    if org.id == settings.get(session, "node.host_org_id"):
        raise Refused("organisation", "choice", "another organisation than the host", org.name)


def make(
    session: Session,
    org: Organisation,
    transport: Literal["feed", "mail"],
    name: str,
    relation: str,
) -> int:
    """An open bridge; its number. Raises Refused for a name that is taken, Forbidden."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not make the account of a bridge")
    partner_id = session.value(
        "INSERT INTO partner (org_id, kind, name, relation) VALUES (%s, %s, %s, %s) RETURNING id",
        (org.id, transport, _free(session, name, transport), relation),
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
    return int(
        session.value(
            "INSERT INTO bridge (uuid, partner_id, transport, account_id, state)"
            " VALUES (%s, %s, %s, %s, 'open') RETURNING id",
            (uuid, partner_id, transport, account),
        )
    )


def _free(session: Session, name: str, transport: str) -> str:
    """The name, or the same with the way beside it where another partner has it."""
    for one in (name, f"{name[:200]} ({transport})"):
        if session.one("SELECT 1 FROM partner WHERE lower(name) = lower(%s)", (one,)) is None:
            return one
    raise Refused("name", "taken", "a name that no other partner has", name)


def _role(session: Session) -> int:
    """A role that reads and administers nothing."""
    for role in sorted(roles.listed(session), key=lambda one: (len(one.rights), one.id)):
        if not role.rights & {"site_admin", "admin", "bridge_admin", "sync"}:
            return int(role.id)
    raise Conflict("no role reads without administering, too")
