# SPDX-License-Identifier: EUPL-1.2
"""A person compares what both sides show; only then does a bridge open."""

import secrets
from datetime import UTC, datetime

from brug.bridges import agreements, channel, partners
from brug.bridges.connecting.saying import digits_of
from brug.bridges.partners import BridgeRow, NotInState
from brug.directory import audit
from brug.model.errors import Invalid
from brug.store.session import Session


class OtherString(Invalid):
    """What the other side reads is not what this side computed."""

    code = "other_string"

    def __init__(self) -> None:
        super().__init__("string", "the authentication string that this side shows")
        self.public = (
            "The strings differ. Somebody may be in between: do not open this bridge, close it "
            "and invite again over another way."
        )
        self.args = (self.public,)


def confirm(session: Session, bridge: BridgeRow, read_out: str) -> BridgeRow:
    """A person says what the other side reads; the bridge opens where it is the same."""
    partners.require_admin(session)
    if bridge.state != "invited":
        raise NotInState(bridge.partner, bridge.state, "open")
    known = channel.of(session, bridge.id)
    shown = digits_of(known.authentication_string)
    if len(digits_of(read_out)) != len(shown):
        raise Invalid("string", f"the {len(shown)} digits that the other side shows", read_out)
    if not secrets.compare_digest(digits_of(read_out), shown):
        raise OtherString
    session.execute(
        "UPDATE channel SET confirmed = now(), confirmed_by = %s WHERE bridge_id = %s",
        (session.principal.user_id, bridge.id),
    )
    session.execute("UPDATE bridge SET state = 'open' WHERE id = %s", (bridge.id,))
    # Opening has everything looked at, under what is in force: once is enough.
    agreement = agreements.in_force(session, bridge.id, datetime.now(UTC))
    session.execute(
        "UPDATE channel SET agreement = %s WHERE bridge_id = %s",
        (agreement.id if agreement else None, bridge.id),
    )
    audit.record(
        session, "confirm", "Bridge", bridge.id, bridge.partner,
        {"keys": [key.key_id for key in partners.keys_of(session, bridge.partner_id)]},
    )  # fmt: skip
    return partners.view(session, bridge.id)
