# SPDX-License-Identifier: EUPL-1.2
"""The native protocol between nodes (docs/reference/native-protocol.md).

`send` carries a message to a partner; what comes in is given to the handler of its kind
in `HANDLERS`, in the session of the bridge's account.
"""

from brug.bridges.native.client import PartnerRefused, Reply, send
from brug.bridges.native.handling import HANDLERS, SINGLY, Handler

__all__ = ["HANDLERS", "SINGLY", "Handler", "PartnerRefused", "Reply", "send"]
