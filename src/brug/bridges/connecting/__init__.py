# SPDX-License-Identifier: EUPL-1.2
"""Two nodes come to know each other: an invitation, its acceptance, and people who compare.

1. One side makes an invitation: a signed statement with its description and keys, a token
   that counts once, and a commitment to a nonce which it keeps to itself.
2. The other side answers with a signed acceptance: its own description and keys, a nonce.
3. Only then does the first side show its nonce.
4. Both compute the authentication string from all of that, and people tell it each other
   over another way (by telephone): it is the same only where both saw the same keys. Whoever
   sits in between has to choose his part before he knows the rest, so that he has one guess
   in 10^12 for each invitation. A bridge opens at a side when a person there has confirmed.

The partner acts here in an account that nobody signs in as (schema/64_channel.sql).
"""

from brug.bridges.connecting.accepting import NotReadable, accept
from brug.bridges.connecting.confirming import OtherString, confirm
from brug.bridges.connecting.inviting import (
    Invited,
    NoInvitation,
    Pending,
    accepted,
    invite,
    pending,
    shown_to,
    withdraw,
)
from brug.bridges.connecting.saying import ACCEPTANCES, INVITATIONS, LARGEST

__all__ = [
    "ACCEPTANCES", "INVITATIONS", "LARGEST", "Invited", "NoInvitation", "NotReadable",
    "OtherString", "Pending", "accept", "accepted", "confirm", "invite", "pending", "shown_to",
    "withdraw",
]  # fmt: skip
