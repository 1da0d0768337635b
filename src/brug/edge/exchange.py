# SPDX-License-Identifier: EUPL-1.2
"""One request as ASGI has it: bytes in, a thread that answers, bytes out.

An answer that is too long to hold is sent piece by piece.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from litestar.types import HTTPResponseStartEvent, HTTPScope, Receive, Send

from brug.edge.bodies import read
from brug.edge.exports import Export
from brug.edge.node import Node
from brug.model.errors import BrugError

Wire = tuple[int, dict[str, str], bytes | Export]


class Sent(msgspec.Struct, frozen=True):
    """A request without what the web server makes of it; `path` as it came, undecoded."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    address: str


async def exchange(
    node: Node,
    connection: tuple[HTTPScope, Receive, Send],
    answer: Callable[[Sent], Wire],
    refused: Callable[[BrugError], Wire],
    require_known: Callable[[dict[str, str]], None],
) -> None:
    """`answer` runs in a thread and raises nothing; `refused` says why a body was not read.

    A large body is read only after `require_known` has found its sender by the headers.
    """
    scope, receive, _ = connection
    loop = asyncio.get_running_loop()
    headers = headers_of(scope)

    async def admit() -> None:
        await loop.run_in_executor(node.threads, require_known, headers)

    def run(body: bytes) -> Wire:
        client: Any = scope.get("client") or ("", 0)
        return answer(
            Sent(
                method=scope["method"],
                path=scope["raw_path"].partition(b"?")[0].decode("latin-1"),
                query=scope["query_string"].decode("latin-1"),
                headers=headers,
                body=body,
                address=node.address(client[0], headers.get("x-forwarded-for")),
            )
        )

    try:
        limit = node.last_known("limits.body_bytes")
        body = await read(receive, headers.get("content-length"), limit, admit)
    except BrugError as error:
        doing = partial(refused, error)
    else:
        doing = partial(run, body)
    told = await loop.run_in_executor(node.threads, doing)
    await send_back(node, told, connection)


async def send_back(node: Node, told: Wire, connection: tuple[HTTPScope, Receive, Send]) -> None:
    """An answer, without its body where only the head was asked for."""
    scope, receive, send = connection
    status, headers, content = told
    wire = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
    size = content.size if isinstance(content, Export) else len(content)
    wire.append((b"content-length", str(size).encode()))
    if scope["method"] == "HEAD":
        if isinstance(content, Export):
            content.close()
        content = b""
    start: HTTPResponseStartEvent = {
        "type": "http.response.start", "status": status, "headers": wire,
    }  # fmt: skip
    if isinstance(content, Export):
        with content:  # it goes with the client, whenever that goes
            await send(start)
            await _send_pieces(node, content, receive, send)
        return
    await send(start)
    await send({"type": "http.response.body", "body": content, "more_body": False})


async def _send_pieces(node: Node, content: Export, receive: Receive, send: Send) -> None:
    """As fast as the client reads."""
    loop = asyncio.get_running_loop()
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        pieces = iter(content)
        while not gone.done():
            piece = await loop.run_in_executor(node.threads, next, pieces, b"")
            more = bool(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": more})
            if not more:
                break
    finally:
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    """Returns when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def headers_of(scope: HTTPScope) -> dict[str, str]:
    """By lower-case name; of several lines one, as RFC 9110 joins them."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
