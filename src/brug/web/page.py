# SPDX-License-Identifier: EUPL-1.2
"""One table of pages: path and methods -> what answers, who may ask, what it shows.

Who is not signed in is sent to sign in by every page that does not say `anonymous`. A
page that shows items registers how to ask it for all that it would tell (`probe`), for the
test that compares every route with the sharing rule.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from brug.web.visit import Reply, Visit

Handler = Callable[[Visit], Reply]
Shows = Literal[
    "event", "attribute", "object", "tag", "sighting", "report", "cluster", "directory", "own",
    "proposal",
]  # fmt: skip


class Page(msgspec.Struct, frozen=True):
    """One row. `right` is a permission flag that the reader needs, whatever the page does.

    `is_open`: its form does nothing in anybody's name, so that who has not signed in may send it
    without the token that a cookie would bear out; from a page of this node all the same.
    """

    path: str
    methods: tuple[str, ...]
    handler: Handler
    right: str | None
    anonymous: bool
    shows: tuple[Shows, ...]
    probe: str | None
    is_open: bool = False


class Probe(msgspec.Struct, frozen=True):
    """How to ask a page for everything: "{event}" and so on stand for an item's id."""

    method: str
    path: str
    shows: tuple[Shows, ...]


TABLE: list[Page] = []


def page(
    path: str,
    *methods: str,
    right: str | None = None,
    anonymous: bool = False,
    shows: tuple[Shows, ...] = (),
    probe: str | None = None,
    is_open: bool = False,
) -> Callable[[Handler], Handler]:
    """Puts a handler into the table; without methods it is for reading."""

    def register(handler: Handler) -> Handler:
        TABLE.append(
            Page(
                path, methods or ("GET",), handler, right, anonymous, shows, probe or None, is_open
            )
        )
        return handler

    return register
