# SPDX-License-Identifier: EUPL-1.2
"""The whole application on the arena's database, and people who have signed in to its pages."""

from typing import Any

import httpx
from tests.security.arena import Arena
from tests.whole import application

from brug.directory import signing_in


def visitor(arena: Arena, **more: Any) -> httpx.AsyncClient:
    """A browser without script, in the application's own process."""
    transport = application(arena.database)
    return httpx.AsyncClient(transport=transport, base_url="http://node.example", **more)


def signed_in(arena: Arena, who: str) -> str:
    """The cookie of a person of the arena."""
    email = f"{who}@people.example"
    made = signing_in.sign_in(arena.database, email, "Correct-horse-1", "192.0.2.7")
    return made.cookie
