# SPDX-License-Identifier: EUPL-1.2
"""The node as a web application: pages, and machine interfaces behind them.

`create` is what the web server calls in each of its workers; `$BRUG_DSN` says where the
database is (`brug serve` sets it). The first segment of an address decides: pages are
Litestar's, /native/ and the well-known address are for other nodes, /brug/ is the node's own
interface, everything else is MISP's. A browser that follows an address of
MISP's pages is led to the page that shows the same.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from brug.api.advisories.asgi import OwnAdvisories
from brug.api.advisories.asgi import claims as is_own_advisory
from brug.api.cases.asgi import CasesInterface
from brug.api.cases.asgi import claims as is_about_cases
from brug.api.feeds.asgi import PublishedFeeds
from brug.api.feeds.asgi import claims as is_published_feed
from brug.api.misp import all as listed
from brug.api.misp.asgi import MispInterface
from brug.api.misp.event.showing import shown
from brug.api.misp.openapi import document
from brug.api.misp.trying import tried
from brug.api.native.asgi import NativeInterface
from brug.api.wellknown import asgi as wellknown
from brug.bridges.afterwards.opening import Openings
from brug.bridges.crossing import collecting
from brug.edge import collector, orphaned
from brug.edge.logs import configure
from brug.edge.node import Node
from brug.store import sealing
from brug.store.session import Database
from brug.web import misp_addresses, pages
from brug.web.headers import protected
from brug.web.visit import Site

THREADS = 8


def create() -> ASGIApp:
    """The application of one worker process."""
    configure()
    orphaned.end_with_parent()
    collector.calm()
    database = Database(os.environ["BRUG_DSN"], size=THREADS, keys=sealing.of_environment())
    return build(Node(database, THREADS))


def build(node: Node) -> ASGIApp:
    """The application on a node's database."""
    listed.load()
    collecting.register()
    openings = Openings(node.database)
    node.opened = openings.note
    node.closing.insert(0, openings.close)
    interface = MispInterface(node)
    native, described = NativeInterface(node), wellknown.WellKnown(node)
    published, cases = PublishedFeeds(node), CasesInterface(node)
    advisories = OwnAdvisories(node)
    site = Site(node, document, shown, tried)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        node.database.open()
        yield
        node.close()

    with_pages = Litestar(
        route_handlers=pages.handlers(site),
        exception_handlers={Exception: pages.refusal(site)},
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
    )

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or pages.claims(scope["path"]):
            await with_pages(scope, receive, send)
        elif native.claims(scope["path"]):
            await native(scope, receive, send)
        elif is_about_cases(scope["path"]):
            await cases(scope, receive, send)
        elif is_own_advisory(scope["path"]):
            await advisories(scope, receive, send)
        elif wellknown.claims(scope["path"]):
            await described(scope, receive, send)
        elif is_published_feed(scope["path"]):
            await published(scope, receive, send)
        elif misp_addresses.is_from_browser(scope):
            await misp_addresses.lead(scope, receive, send, with_pages)
        else:
            await interface(scope, receive, send)

    return protected(front)
