# SPDX-License-Identifier: EUPL-1.2
"""Putting a server under an agreement: its side becomes a partner with a bridge.

From then on every push to it passes the gate and is on record; without an agreement in force
nothing goes. What is pulled from it is not touched by that.
"""

from brug.bridges import partners
from brug.bridges.misp import accounts, judging
from brug.bridges.partners import BridgeRow
from brug.directory.servers import Server
from brug.model.errors import Forbidden
from brug.store import audit
from brug.store.session import Session


def govern(session: Session, server: Server) -> BridgeRow:
    """The bridge to a server; an open one is made where there is none. For site admins."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not govern servers")
    known = judging.bridge_of(session, server.id)
    if known is not None:
        return known
    acting = accounts.of_server(session, server)
    partner_id = session.value(
        "INSERT INTO partner (org_id, kind, name, url, server_id)"
        " VALUES (%s, 'misp', %s, %s, %s) ON CONFLICT (server_id) DO UPDATE"
        " SET name = excluded.name, url = excluded.url RETURNING id",
        (server.remote_org_id, server.name, server.url, server.id),
    )
    made = session.value(
        "INSERT INTO bridge (partner_id, transport, account_id, state)"
        " VALUES (%s, 'misp', %s, 'open') ON CONFLICT (partner_id, transport)"
        " DO UPDATE SET state = 'open' RETURNING id",
        (partner_id, acting.remote),
    )
    audit.record(session, "govern", "Server", server.id, server.name, {"bridge": int(made)})
    return partners.view(session, int(made))
