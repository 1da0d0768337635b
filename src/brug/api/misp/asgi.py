# SPDX-License-Identifier: EUPL-1.2
"""MISP's interface as an ASGI application: bytes in, a thread that answers, bytes out."""

import asyncio
from functools import partial
from typing import Any

import msgspec
from litestar.types import HTTPScope, Receive, Send

from brug.api.misp.serve import Incoming, Wire, answer, refused
from brug.edge.admission import require_known
from brug.edge.bodies import read
from brug.edge.border import unforeseen
from brug.edge.exchange import send_back
from brug.edge.node import Node
from brug.edge.strangers import Strangers
from brug.model.errors import BrugError

INTERNAL = "An Internal Error Has Occurred."


class MispInterface:
    """Answers every path that no page claims."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._strangers = Strangers()

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """One request."""
        loop = asyncio.get_running_loop()
        try:
            run = partial(self._answer, scope, await self._body(scope, receive))
        except BrugError as error:
            run = partial(refused, error, scope["path"])
        told = await loop.run_in_executor(self._node.threads, run)
        await send_back(self._node, told, (scope, receive, send))

    def _answer(self, scope: HTTPScope, body: bytes) -> Wire:
        path = scope["path"]
        try:
            return answer(self._node.database, self._incoming(scope, body))
        except BrugError as error:
            return refused(error, path)
        except Exception as error:  # noqa: BLE001 — the border of a request
            number = unforeseen(path, error)
            content = msgspec.json.encode(
                {"name": INTERNAL, "message": INTERNAL, "url": path, "error_number": number}
            )
            return 500, {"Content-Type": "application/json; charset=UTF-8"}, content

    async def _body(self, scope: HTTPScope, receive: Receive) -> bytes:
        headers = dict(scope["headers"])
        declared = headers.get(b"content-length", b"").decode("latin-1")
        key = headers.get(b"authorization", b"").decode("latin-1").strip()

        async def admit() -> None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._node.threads, require_known, self._node.database, key)

        return await read(receive, declared, self._node.last_known("limits.body_bytes"), admit)

    def _incoming(self, scope: HTTPScope, body: bytes) -> Incoming:
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        client: Any = scope.get("client") or ("", 0)
        return Incoming(
            method=scope["method"],
            # As it came: it is taken apart first and decoded then, each piece once.
            path=scope["raw_path"].partition(b"?")[0].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            address=self._node.address(client[0], headers.get("x-forwarded-for")),
            base_url=self._node.setting("node.url"),
            body_limit=self._node.setting("limits.body_bytes"),
            exports=self._node.exports,
            strangers=self._strangers,
            opened=self._node.opened,
        )
