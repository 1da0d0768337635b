# SPDX-License-Identifier: EUPL-1.2
"""The tree of own advisories as an ASGI application."""

from litestar.types import HTTPScope, Receive, Send

from brug.api.advisories.serve import ROOT, Shelves, refused
from brug.cases.advisories.provider import METADATA_PATH
from brug.edge.admission import require_known
from brug.edge.exchange import exchange
from brug.edge.node import Node


def claims(path: str) -> bool:
    """Whether an address is one of the tree."""
    return path.startswith(ROOT) or path in {METADATA_PATH, ROOT.rstrip("/")}


class OwnAdvisories:
    """Answers the addresses that it claims."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._shelves = Shelves(node.database)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """One request."""
        await exchange(
            self._node, (scope, receive, send), self._shelves.answer, refused, self._require_known
        )

    def _require_known(self, headers: dict[str, str]) -> None:
        require_known(self._node.database, headers.get("authorization", "").strip())
