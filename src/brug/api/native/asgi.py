# SPDX-License-Identifier: EUPL-1.2
"""The native interface as an ASGI application."""

from litestar.types import HTTPScope, Receive, Send

from brug.api.native.serve import ROOT, Incoming, Wire, answer, refused
from brug.bridges.native import receiving, signing
from brug.edge.exchange import Sent, exchange
from brug.edge.node import Node
from brug.edge.strangers import Strangers
from brug.model.errors import BrugError

_FINE = 200
_STRANGE = frozenset({401, 404})


class NativeInterface:
    """Answers every path under /native/."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._strangers = Strangers()

    @staticmethod
    def claims(path: str) -> bool:
        """Whether an address is one of this interface."""
        return path.startswith(ROOT)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """One request."""

        def answered(sent: Sent) -> Wire:
            return self._answer(scope["scheme"], sent)

        await exchange(self._node, (scope, receive, send), answered, refused, self._require_known)

    def _answer(self, scheme: str, sent: Sent) -> Wire:
        incoming = Incoming(
            method=sent.method,
            path=sent.path,
            query=sent.query,
            headers=sent.headers,
            body=sent.body,
            base_url=self._node.setting("node.url") or f"{scheme}://{sent.headers.get('host', '')}",
            address=sent.address,
        )
        bridge = sent.headers.get("brug-bridge", "")
        try:
            self._strangers.check(incoming.address, bridge)
        except BrugError as error:
            return refused(error)
        status, told, content = answer(self._node.database, incoming)
        if status in _STRANGE:
            self._strangers.failed(incoming.address)
        elif bridge and status == _FINE:
            self._strangers.known(bridge)
        return status, told, content

    def _require_known(self, headers: dict[str, str]) -> None:
        """A large body of a stranger is not even read."""
        with self._node.database.system() as session:
            key_id = signing.key_id_of(headers)
            if not receiving.is_known(session, headers.get("brug-bridge"), key_id):
                raise receiving.UnknownKey("a large body of a key that is not known")
