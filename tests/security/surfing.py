# SPDX-License-Identifier: EUPL-1.2
"""The whole application on the arena's database, and people who have signed in to its pages."""

from typing import Any, cast

import httpx
from tests.security.arena import Arena

from brug.app import build
from brug.directory import signing_in
from brug.edge.node import Node


def visitor(arena: Arena, **more: Any) -> httpx.AsyncClient:
    """A browser without script, in the application's own process."""
    application = cast("Any", build(Node(arena.database, 4)))
    transport = httpx.ASGITransport(application)
    return httpx.AsyncClient(transport=transport, base_url="http://node.example", **more)


def signed_in(arena: Arena, who: str) -> str:
    """The cookie of a person of the arena."""
    email = f"{who}@people.example"
    made = signing_in.sign_in(arena.database, email, "Correct-horse-1", "192.0.2.7")
    return made.cookie
