# SPDX-License-Identifier: EUPL-1.2
"""Putting a bridge over a user that synchronises for another organisation.

From then on the user's keys are bridge keys: what a server asks with them passes the gate and is
on record, what servers do not ask for is refused, and nobody signs in as that user any more.
Without an agreement in force nothing goes and nothing comes.
"""

import msgspec

from brug.bridges import partners
from brug.bridges.partners import BridgeRow
from brug.model.errors import Conflict, NotFound
from brug.store import audit
from brug.store.session import Session


class Unbound(msgspec.Struct, frozen=True):
    """A user who reads for another organisation by the sharing rule alone."""

    id: int
    email: str
    org_id: int
    org_name: str


class CannotBind(Conflict):
    """The user is none that a bridge can be put over."""

    code = "cannot_bind"
    public = (
        "A bridge is put over a user of another organisation that synchronises, is no site admin "
        "and has no bridge yet."
    )


_UNBOUND = (
    "SELECT a.id, a.email, a.org_id, o.name FROM account a JOIN role r ON r.id = a.role_id"
    " JOIN organisation o ON o.id = a.org_id"
    " WHERE 'sync' = ANY (r.rights) AND NOT ('site_admin' = ANY (r.rights)) AND NOT a.disabled"
    " AND a.org_id::text IS DISTINCT FROM"
    "   (SELECT value #>> '{}' FROM setting WHERE name = 'node.host_org_id')"
    " AND NOT EXISTS (SELECT 1 FROM bridge b WHERE b.account_id = a.id)"
)


def unbound(session: Session) -> list[Unbound]:
    """Those who can get in, by their addresses. For the system and site admins."""
    rows = session.all(
        _UNBOUND + " AND (a.password_hash IS NOT NULL OR EXISTS (SELECT 1 FROM auth_key k"
        "   WHERE k.user_id = a.id"
        "     AND (k.expiration = 0 OR k.expiration > extract(epoch FROM now()))))"
        " ORDER BY lower(a.email)"
    )
    return [Unbound(*row) for row in rows]


def bind(session: Session, email: str) -> BridgeRow:
    """The bridge that is open over a user from now on.

    A bridge to a server of the same organisation, over which only this node pushes so far, is
    the same bridge. Raises NotFound, CannotBind, Forbidden.
    """
    partners.require_admin(session)
    with session.as_system():
        bridge_id, user = _bound(session, email)
        audit.record(session, "bind", "User", user.id, user.email, {"bridge": bridge_id})
        return partners.view(session, bridge_id)


def _bound(session: Session, email: str) -> tuple[int, Unbound]:
    wanted = email.strip()
    row = session.one(_UNBOUND + " AND lower(a.email) = lower(%s) FOR UPDATE OF a", (wanted,))
    if row is None:
        if session.value("SELECT 1 FROM account WHERE lower(email) = lower(%s)", (wanted,)):
            raise CannotBind(
                f"{wanted[:200]} is not a user of another organisation that synchronises, is no"
                " site admin and has no bridge yet"
            )
        raise NotFound(f"no user {wanted[:200]!r}")
    user = Unbound(*row)
    bridge_id = _shared(session, user) or _made(session, user)
    session.execute(
        "UPDATE account SET password_hash = NULL, issuer = NULL, subject = NULL WHERE id = %s",
        (user.id,),
    )
    session.execute("DELETE FROM web_session WHERE user_id = %s", (user.id,))
    return bridge_id, user


def _shared(session: Session, user: Unbound) -> int | None:
    """The open bridge to a server of that organisation, now over this user."""
    number = session.value(
        "UPDATE bridge b SET account_id = %s FROM partner p, server_work w"
        " WHERE p.id = b.partner_id AND p.org_id = %s AND p.server_id = w.server_id"
        " AND b.transport = 'misp' AND b.state <> 'closed'"
        " AND b.account_id = w.remote_account_id RETURNING b.id",
        (user.id, user.org_id),
    )
    return None if number is None else int(number)


def _made(session: Session, user: Unbound) -> int:
    name = user.org_name
    if session.value("SELECT 1 FROM partner WHERE lower(name) = lower(%s)", (name,)):
        name = f"{user.org_name[:150]} ({user.email[:100]})"
    partner = session.value(
        "INSERT INTO partner (org_id, kind, name) VALUES (%s, 'misp', %s) RETURNING id",
        (user.org_id, name),
    )
    return int(
        session.value(
            "INSERT INTO bridge (partner_id, transport, account_id, state)"
            " VALUES (%s, 'misp', %s, 'open') RETURNING id",
            (partner, user.id),
        )
    )
