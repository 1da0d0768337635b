# SPDX-License-Identifier: EUPL-1.2
"""GET and HEAD change nothing, on any route, by anyone, whatever stands in the address."""

from itertools import product

import pytest
from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.drawing import named, paths
from tests.security.kinds import OURS, THEIRS
from tests.security.order import endpoints
from tests.security.surfing import signed_in, visitor
from tests.thorough import share
from tests.waiting_for import outcome_of

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint
from brug.web.page import TABLE, Page

listed.load()

SAID = "/disabled:1/enabled:1/value:changed/published:1/name:changed?value=changed&enabled=1&id=1"
# Who can do the most asks for each address; the rest of the ways are shared.
FIRST = ("GET", "admin", "")
WAYS = tuple(product(("GET", "HEAD"), ("admin", "publisher"), ("", SAID)))


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_reading_changes_nothing(module_arena: Arena, endpoint: Endpoint) -> None:
    before = module_arena.rows()
    sides = (module_arena.items[OURS], module_arena.items[THEIRS])
    for items in sides:
        for place, path in enumerate(paths(endpoint, items)):
            rest = [way for way in WAYS if way != FIRST]
            for method, who, more in (FIRST, *share(rest, named(endpoint), 7, place)):
                module_arena.ask(who, Ask(method, path + more))
    assert module_arena.rows() == before


def address(page: Page, arena: Arena) -> str:
    """The page's address with an item of ours for each of its arguments."""
    segments = [
        str(arena.ids[OURS]["event"][0]) if part.startswith("{") else part
        for part in page.path.split("/")
    ]
    return "/".join(segments)


def test_reading_a_page_changes_nothing(module_arena: Arena) -> None:
    cookie = signed_in(module_arena, "publisher")
    before = module_arena.rows()

    async def surf() -> None:
        async with visitor(module_arena) as client:
            client.cookies["brug"] = cookie
            for page in TABLE:
                for method in ("GET", "HEAD"):
                    answered = await client.request(method, address(page, module_arena))
                    assert answered.status_code < 500, (page.path, answered.text)

    outcome_of(surf())
    after = module_arena.rows()
    seen = {key for key in after if key[0] != "web_session"}
    assert {key: after[key] for key in seen} == {k: before[k] for k in before if k in seen}
    assert seen == {key for key in before if key[0] != "web_session"}
