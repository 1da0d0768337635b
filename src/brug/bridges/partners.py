# SPDX-License-Identifier: EUPL-1.2
"""Partners and the bridges to them: who they are, their keys, and the state of each bridge.

States: invited (keys have been exchanged, no person has compared them yet), open, paused,
closed. Whoever works with bridges sees all; whoever looks after them changes them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from brug.bridges.identity import PublicKey
from brug.directory import audit
from brug.model.errors import Conflict, Forbidden, NotFound
from brug.store.session import Session


class BridgeRow(msgspec.Struct, frozen=True):
    """A bridge and the partner at its other end."""

    id: int
    uuid: UUID
    partner_id: int
    transport: str
    account_id: int
    state: str
    filters: dict[str, Any]
    made: datetime
    partner: str
    kind: str
    url: str
    node_uuid: UUID | None
    relation: str
    org_id: int
    org_uuid: UUID
    org_name: str


_SELECT = (
    "SELECT b.id, b.uuid, b.partner_id, b.transport, b.account_id, b.state, b.filters, b.made,"
    " p.name, p.kind, p.url, p.node_uuid, p.relation, p.org_id, o.uuid, o.name"
    " FROM bridge b JOIN partner p ON p.id = b.partner_id JOIN organisation o ON o.id = p.org_id"
)
# Which state may follow which.
_FOLLOWS: Mapping[str, frozenset[str]] = {
    "open": frozenset({"paused"}),
    "paused": frozenset({"open"}),
    "closed": frozenset({"invited", "open", "paused"}),
}


def listed(session: Session) -> list[BridgeRow]:
    """All bridges, by the partner's name."""
    return [BridgeRow(*row) for row in session.all(_SELECT + " ORDER BY lower(p.name), b.id")]


def view(session: Session, reference: int | str | UUID) -> BridgeRow:
    """By id, UUID or the partner's name. Raises NotFound."""
    wanted = str(reference).strip()
    row = None
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        row = session.one(_SELECT + " WHERE b.id = %s", (int(wanted),))
    elif (found := _uuid(wanted)) is not None:
        row = session.one(_SELECT + " WHERE b.uuid = %s", (found,))
    elif "\x00" not in wanted:
        rows = session.all(_SELECT + " WHERE lower(p.name) = lower(%s) ORDER BY b.id", (wanted,))
        if len(rows) > 1:
            ids = ", ".join(str(row[0]) for row in rows)
            raise Conflict(f"several bridges lead to {wanted!r}: name one by its id ({ids})")
        row = rows[0] if rows else None
    if row is None:
        raise NotFound(f"no bridge {wanted[:200]!r}")
    return BridgeRow(*row)


def keys_of(session: Session, partner_id: int) -> list[PublicKey]:
    """The keys that are held of a partner, the newest first."""
    rows = session.all(
        "SELECT key_id, public, valid_from, valid_until, revoked FROM partner_key"
        " WHERE partner_id = %s ORDER BY valid_from DESC, key_id",
        (partner_id,),
    )
    return [PublicKey(*row) for row in rows]


def hold_key(session: Session, partner_id: int, key: PublicKey) -> None:
    """Holds a key of a partner; of one that is held, the validity only ever shrinks."""
    session.execute(
        "INSERT INTO partner_key AS k"
        " (partner_id, key_id, public, valid_from, valid_until, revoked)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (partner_id, key_id) DO UPDATE SET"
        " valid_until = least(k.valid_until, excluded.valid_until),"
        " revoked = coalesce(k.revoked, excluded.revoked)",
        (partner_id, key.key_id, key.public, key.valid_from, key.valid_until, key.revoked),
    )


def pause(session: Session, bridge: BridgeRow) -> BridgeRow:
    """Nothing crosses until it is resumed; keys and pings still do."""
    return _to(session, bridge, "paused")


def resume(session: Session, bridge: BridgeRow) -> BridgeRow:
    """What waited crosses now."""
    return _to(session, bridge, "open")


def close(session: Session, bridge: BridgeRow) -> BridgeRow:
    """For good: whoever wants it back connects anew."""
    closed = _to(session, bridge, "closed")
    session.execute(
        "UPDATE partner_key SET valid_until = least(valid_until, now()) WHERE partner_id = %s"
        " AND NOT EXISTS (SELECT 1 FROM bridge WHERE partner_id = %s AND state <> 'closed')"
        " AND valid_from < now()",
        (bridge.partner_id, bridge.partner_id),
    )
    return closed


def require_admin(session: Session) -> None:
    """Raises Forbidden for whoever does not look after bridges."""
    me = session.principal
    if not (me.is_site_admin or session.value("SELECT host_has_right('bridge_admin')")):
        raise Forbidden(f"{me.email} does not look after bridges")


def _to(session: Session, bridge: BridgeRow, state: str) -> BridgeRow:
    require_admin(session)
    changed = session.execute(
        "UPDATE bridge SET state = %s WHERE id = %s AND state = ANY (%s)",
        (state, bridge.id, sorted(_FOLLOWS[state])),
    )
    if changed.rowcount != 1:
        now = view(session, bridge.id).state
        raise NotInState(bridge.partner, now, state)
    audit.record(session, "edit", "Bridge", bridge.id, bridge.partner, {"state": state})
    return view(session, bridge.id)


class NotInState(Conflict):
    """A bridge cannot go from its state to the one that was asked for."""

    code = "bridge_state"

    def __init__(self, partner: str, now: str, wanted: str) -> None:
        super().__init__(
            f"the bridge to {partner} is {now}; from there it does not become {wanted}"
        )
        self.public = f"The bridge is {now}; from there it does not become {wanted}."


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
