# SPDX-License-Identifier: EUPL-1.2
"""The whole application on the arena's database, and people who have signed in to its pages."""

from litestar.types import ASGIApp
from tests.security.arena import Arena

from brug.app import build
from brug.directory import signing_in
from brug.edge.node import Node


def application(arena: Arena) -> ASGIApp:
    return build(Node(arena.database, 4))


def signed_in(arena: Arena, who: str) -> str:
    """The cookie of a person of the arena."""
    email = f"{who}@people.example"
    made = signing_in.sign_in(arena.database, email, "Correct-horse-1", "192.0.2.7")
    return made.cookie
