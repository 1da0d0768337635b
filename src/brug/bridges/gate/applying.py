# SPDX-License-Identifier: EUPL-1.2
"""Making the copy that crosses, with the pseudonym key of its bridge.

The key is made with the first copy, kept sealed, and known to this node alone.
"""

import secrets
from base64 import b64decode, b64encode
from typing import Any

from brug.bridges.gate import redacting
from brug.bridges.gate.deciding import Decision
from brug.bridges.gate.gathering import Facing
from brug.bridges.gate.pseudonyms import Pseudonyms
from brug.bridges.gate.spreading import Settled, settled
from brug.store.session import Session


def apply(
    session: Session, event: dict[str, Any], decision: Decision, bridge: Facing
) -> dict[str, Any]:
    """The event as it may cross."""
    return copy_of(session, event, settled(event, decision), bridge)


def copy_of(
    session: Session, event: dict[str, Any], found: Settled, bridge: Facing
) -> dict[str, Any]:
    """The same, where what is kept out is known already."""
    needed = any(one.becomes == "pseudonym" for one, _ in found.decision.alike)
    # Without anything to replace no key is needed; what is not asked for cannot be missing.
    names = pseudonyms(session, bridge) if needed else Pseudonyms(bytes(32))
    return redacting.copy_of(event, found, bridge.transport, names)


def pseudonyms(session: Session, bridge: Facing) -> Pseudonyms:
    """Those of a bridge. Raises NotSealed where its key cannot be read."""
    purpose = f"bridge {bridge.uuid} pseudonyms"
    fresh = session.seal.close(b64encode(secrets.token_bytes(32)).decode(), purpose)
    session.execute(
        "INSERT INTO pseudonym_key (bridge_id, sealed) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (bridge.id, fresh),
    )
    sealed = session.value("SELECT sealed FROM pseudonym_key WHERE bridge_id = %s", (bridge.id,))
    return Pseudonyms(b64decode(session.seal.open(sealed, purpose)))
