# SPDX-License-Identifier: EUPL-1.2
"""The whole application in the process of the tests.

It takes a while to make, so there is one; whoever asks for it has it on their own database.
"""

from functools import cache
from typing import Any, cast

import httpx

from brug.app import build
from brug.edge.node import FRESH_SECONDS, Node, nothing
from brug.store.session import Database


@cache
def _whole() -> tuple[Node, httpx.ASGITransport]:
    node = Node(Database("", size=1), 4)
    return node, httpx.ASGITransport(app=cast("Any", build(node)))


def application(database: Database) -> httpx.ASGITransport:
    """What answers a client on a database; of what was read from the one before it knows nothing.

    It notes nothing of what is opened, which it would do at its leisure.
    """
    node, transport = _whole()
    node.database, node.opened = database, nothing
    node._read_at = -FRESH_SECONDS
    return transport
