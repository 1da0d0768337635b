# SPDX-License-Identifier: EUPL-1.2
"""The node as a web application: pages, and machine interfaces behind them.

`create` is what the web server calls in each of its workers; `$BRUG_DSN` says where the
database is (`brug serve` sets it).
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, asgi
from litestar.types import Receive, Scope, Send

from brug.api.misp import all as listed
from brug.api.misp.asgi import MispInterface
from brug.edge.node import Node
from brug.store.session import Database

THREADS = 8


def create() -> Litestar:
    """The application of one worker process."""
    database = Database(os.environ["BRUG_DSN"], size=THREADS)
    return build(Node(database, THREADS))


def build(node: Node) -> Litestar:
    """The application on a node's database."""
    listed.check()
    interface = MispInterface(node)

    @asgi("/", is_mount=True, copy_scope=False)
    async def misp(scope: Scope, receive: Receive, send: Send) -> None:
        await interface(scope, receive, send)  # type: ignore[arg-type]

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        node.database.open()
        yield
        node.close()

    return Litestar(route_handlers=[misp], lifespan=[lifespan], openapi_config=None)
