# SPDX-License-Identifier: EUPL-1.2
"""How verbs show a bridge: its partner, how that is reached, and its keys."""

from datetime import UTC, datetime
from typing import Any

from brug.bridges import channel, identity, partners
from brug.bridges.partners import BridgeRow
from brug.cli import route_options
from brug.cli.output import facts, machine
from brug.directory import routes
from brug.directory.routes import Holder
from brug.model.errors import NotFound
from brug.store.session import Session


def show_bridge(session: Session, bridge: BridgeRow, *, as_json: bool) -> None:
    keys = partners.keys_of(session, bridge.partner_id)
    try:
        known = channel.of(session, bridge.id)
    except NotFound:
        known = None
    told: dict[str, Any] = {
        "id": bridge.id,
        "uuid": str(bridge.uuid),
        "partner": bridge.partner,
        "organisation": bridge.org_name,
        "organisation uuid": str(bridge.org_uuid),
        "relation": bridge.relation,
        "transport": bridge.transport,
        "state": bridge.state,
        "address": bridge.url,
    }
    if known is not None:
        told |= route_options.shown(routes.kept(session, Holder("channel", bridge.id)))
        told |= {
            "authentication string": known.authentication_string,
            "confirmed": known.confirmed,
            "version": known.version,
            "last heard": known.heard,
            "last answer": known.answered,
            "fetching": "we fetch what it has for us"
            if known.collects
            else "it fetches what we have for it"
            if known.is_fetching(datetime.now(UTC))
            else "nobody: each reaches the other",
        }
    if as_json:
        machine({
            **{name.replace(" ", "_"): value for name, value in told.items()},
            "keys": [identity.as_document(key) for key in keys],
        })  # fmt: skip
        return
    facts(told)
    for key in keys:
        ended = "revoked" if key.revoked else f"until {key.valid_until or 'further notice'}"
        facts({"key": f"{key.key_id} ({ended})"})
