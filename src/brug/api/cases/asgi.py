# SPDX-License-Identifier: EUPL-1.2
"""The interface for cases as an ASGI application."""

from litestar.types import HTTPScope, Receive, Send

from brug.api.cases.serve import Served, answer, refused
from brug.api.cases.table import claims
from brug.edge.admission import require_known
from brug.edge.exchange import Sent, Wire, exchange
from brug.edge.node import Node
from brug.edge.strangers import Strangers

__all__ = ["CasesInterface", "claims"]


class CasesInterface:
    """Answers every path under /brug/."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._strangers = Strangers()

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """One request."""
        await exchange(
            self._node, (scope, receive, send), self._answer, refused, self._require_known
        )

    def _answer(self, sent: Sent) -> Wire:
        served = Served(
            database=self._node.database,
            strangers=self._strangers,
            base_url=str(self._node.setting("node.url")).rstrip("/"),
            body_limit=self._node.setting("limits.body_bytes"),
            exports=self._node.exports,
        )
        return answer(served, sent)

    def _require_known(self, headers: dict[str, str]) -> None:
        require_known(self._node.database, headers.get("authorization", "").strip())
