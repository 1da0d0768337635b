# SPDX-License-Identifier: EUPL-1.2
"""The native interface as an ASGI application: bytes in, a thread that answers, bytes out."""

import asyncio
from functools import partial
from typing import Any

from litestar.types import HTTPScope, Receive, Send

from brug.api.native.serve import ROOT, Incoming, Wire, answer, refused
from brug.bridges.native import receiving, signing
from brug.edge.bodies import read
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
        loop = asyncio.get_running_loop()
        headers = _headers(scope)
        try:
            run = partial(self._answer, scope, headers, await self._body(headers, receive))
        except BrugError as error:
            run = partial(refused, error)
        status, told, content = await loop.run_in_executor(self._node.threads, run)
        wire = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in told.items()]
        wire.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": wire})
        await send({"type": "http.response.body", "body": content, "more_body": False})

    def _answer(self, scope: HTTPScope, headers: dict[str, str], body: bytes) -> Wire:
        client: Any = scope.get("client") or ("", 0)
        incoming = Incoming(
            method=scope["method"],
            path=scope["raw_path"].partition(b"?")[0].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            base_url=self._node.setting("node.url")
            or f"{scope['scheme']}://{headers.get('host', '')}",
            address=self._node.address(client[0], headers.get("x-forwarded-for")),
        )
        bridge = headers.get("brug-bridge", "")
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

    async def _body(self, headers: dict[str, str], receive: Receive) -> bytes:
        loop = asyncio.get_running_loop()

        async def admit() -> None:
            await loop.run_in_executor(self._node.threads, self._require_known, headers)

        limit = self._node.last_known("limits.body_bytes")
        return await read(receive, headers.get("content-length"), limit, admit)

    def _require_known(self, headers: dict[str, str]) -> None:
        """A large body of a stranger is not even read."""
        with self._node.database.system() as session:
            key_id = signing.key_id_of(headers)
            if not receiving.is_known(session, headers.get("brug-bridge"), key_id):
                raise receiving.UnknownKey("a large body of a key that is not known")


def _headers(scope: HTTPScope) -> dict[str, str]:
    """By lower-case name; of several lines one, as RFC 9110 joins them."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
