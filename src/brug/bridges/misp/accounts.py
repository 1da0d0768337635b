# SPDX-License-Identifier: EUPL-1.2
"""The two accounts that act for a server: ours, and the one of the organisation over there.

What is pulled is stored in a session of ours, by the code that serves any synchronising
user; what is pushed is read in a session of theirs, so that the sharing rule holds without
being written a second time. They have a role that synchronises, no password and no key:
nobody signs in as one. A partner with a bridge has an account already.
"""

import msgspec

from brug.directory import roles
from brug.directory.servers import Server
from brug.model.errors import Conflict
from brug.store import audit
from brug.store.session import Session

_RIGHTS = frozenset({"sync", "add", "modify"})


class NoRole(Conflict):
    """No role is left that could be given."""

    code = "no_sync_role"
    public = "No role has the rights to synchronise (sync, add, modify) without being an admin's."


class Accounts(msgspec.Struct, frozen=True):
    """Ids: for us, and for the other side."""

    own: int
    remote: int


def of_server(session: Session, server: Server) -> Accounts:
    """Makes what is missing. For the system and site admins."""
    row = session.one(
        "SELECT w.own_account_id, w.remote_account_id, o.org_id, r.org_id, b.account_id"
        " FROM server_work w LEFT JOIN account o ON o.id = w.own_account_id"
        " LEFT JOIN account r ON r.id = w.remote_account_id"
        " LEFT JOIN partner p ON p.server_id = w.server_id"
        " LEFT JOIN bridge b ON b.partner_id = p.id AND b.transport = 'misp'"
        " WHERE w.server_id = %s FOR UPDATE OF w",
        (server.id,),
    )
    own, remote, own_org, remote_org, bridged = row or (None,) * 5
    if own is None or own_org != server.org_id:
        own = _made(session, server, server.org_id, "own")
        session.execute(
            "UPDATE server_work SET own_account_id = %s WHERE server_id = %s", (own, server.id)
        )
    if bridged is not None:
        return Accounts(int(own), int(bridged))
    if remote is None or remote_org != server.remote_org_id:
        remote = _made(session, server, server.remote_org_id, "remote")
        session.execute(
            "UPDATE server_work SET remote_account_id = %s WHERE server_id = %s",
            (remote, server.id),
        )
    return Accounts(int(own), int(remote))


def _made(session: Session, server: Server, org_id: int, side: str) -> int:
    email = f"server-{server.id}-{side}-{org_id}@synchronisation.invalid"
    found = session.value(
        "INSERT INTO account (email, org_id, role_id, language) VALUES (%s, %s, %s, 'en')"
        " ON CONFLICT (lower(email)) DO UPDATE SET org_id = excluded.org_id RETURNING id",
        (email, org_id, _role(session)),
    )
    audit.record(session, "add", "User", int(found), email, {"server": server.id, "side": side})
    return int(found)


def _role(session: Session) -> int:
    """The role of users who synchronise, or the one with most rights that could be one."""
    fit = [
        one
        for one in roles.listed(session)
        if one.rights >= _RIGHTS and not one.rights & {"site_admin", "admin"}
    ]
    if not fit:
        raise NoRole("no role synchronises")
    best = next((one for one in fit if one.name == "Sync user"), None)
    return (best or max(fit, key=lambda one: len(one.rights))).id
