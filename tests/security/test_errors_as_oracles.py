# SPDX-License-Identifier: EUPL-1.2
"""Hidden and absent are one answer: the same status, the same words, the same work.

Every route is asked for an item that the reader may not see and for one that nobody has;
apart from the id itself nothing may differ, the number of statements included.
"""

from collections.abc import Callable, Iterator
from itertools import chain, count
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Cursor
from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.drawing import (
    Absent,
    Spot,
    all_spots,
    base_path,
    named,
    placed,
    same,
    usual_method,
)
from tests.security.kinds import OURS, THEIRS
from tests.security.order import endpoints
from tests.security.samples import sample
from tests.thorough import share

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint, plain

listed.load()

NUMBERS = count(77_000_000)
# What every route is asked for, besides what it takes.
USUAL = ("event", "attribute", "object", "report", "reference", "sighting", "sharing_group",
         "user", "key", "setting")  # fmt: skip
# Organisations are everybody's to read, tags are names without an owner.
PUBLIC = {"organisation", "tag", "cluster_tag", "galaxy"}
SELVES = {"users", "authkeys", "usersettings"}
FIELDS = ("id", "uuid", "event_id", "attribute_id", "object_id", "sharing_group_id", "sg_id",
          "user_id", "referenced_uuid", "extends_uuid")  # fmt: skip


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many statements have been sent by now."""
    sent = 0
    execute = Cursor.execute

    def counting(self: Any, *args: Any, **more: Any) -> Any:
        nonlocal sent
        sent += 1
        return execute(self, *args, **more)

    monkeypatch.setattr(Cursor, "execute", counting)
    return lambda: sent


def absent(field: str) -> str:
    """What nobody has in a field."""
    number = next(NUMBERS)
    if field == "uuid":
        return str(uuid4())
    return str(number) if field == "id" else f"{number}@people.example"


def pairs(arena: Arena) -> Iterator[tuple[str, str, str]]:
    """A kind, a hidden item of it and one that is not there, by the same kind of key."""
    for kind in USUAL:
        theirs = arena.items[THEIRS][kind][0]
        for field in ("id", "uuid"):
            if field in theirs:
                yield kind, str(theirs[field]), absent(field)


def asked(endpoint: Endpoint, key: str, body: Any) -> Iterator[Ask]:
    base, method = base_path(endpoint), usual_method(endpoint)
    yield Ask(method, f"{base}/{key}", body)
    yield Ask("GET", f"{base}/{key}")
    # Without an item these act on whoever asks.
    if isinstance(body, dict) and plain(endpoint.controller) not in SELVES:
        yield Ask(method, base, body | dict.fromkeys(FIELDS, key))


Question = tuple[Ask, Ask, str, str]


def usual(endpoint: Endpoint, arena: Arena) -> Iterator[Question]:
    """The usual kinds, wherever the route might look for them."""
    shape = {} if endpoint.changes else endpoint.body or {}
    body = sample(shape, arena.ids[OURS], 1)
    taken = {same(kind) for kind, _ in all_spots(endpoint)}
    for place, (kind, hidden, gone) in enumerate(pairs(arena)):
        every = list(zip(asked(endpoint, hidden, body), asked(endpoint, gone, body), strict=True))
        requests = every if kind in taken else share(every, named(endpoint), 3, place)
        yield from ((one, other, hidden, gone) for one, other in requests)


def own(endpoint: Endpoint, arena: Arena) -> Iterator[Question]:
    """What the route takes, in each place of its addresses and bodies."""
    for spot in all_spots(endpoint):
        theirs = arena.items[THEIRS].get(same(spot[0]))
        if theirs and same(spot[0]) not in PUBLIC:
            for field in {spot[1], "id", "uuid"} & theirs[0].keys():
                yield from _in_place(endpoint, arena, spot, str(theirs[0][field]), absent(field))


def _in_place(
    endpoint: Endpoint, arena: Arena, spot: Spot, hidden: str, gone: str
) -> Iterator[Question]:
    items = arena.items[OURS]
    try:
        for one, other in zip(
            placed(endpoint, items, spot, hidden),
            placed(endpoint, items, spot, gone),
            strict=True,
        ):
            yield one, other, hidden, gone
    except Absent:  # none of ours to stand around it
        return


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_what_is_hidden_answers_as_what_is_not_there(
    arena: Arena, counted: Callable[[], int], endpoint: Endpoint
) -> None:
    arena.ask("orgadmin", Ask("GET", "/users/view/me"))  # notes that the key is used
    questions = list(chain(usual(endpoint, arena), own(endpoint, arena)))
    # That each is refused to whoever lacks the right is seen in test_privileges.
    if not arena.may("orgadmin", endpoint):
        questions = [*share(questions, named(endpoint), 5)]
    for one, other, hidden, gone in questions:
        start = counted()
        first = arena.ask("orgadmin", one)
        middle = counted()
        second = arena.ask("orgadmin", other)
        assert first.status == second.status, (one, first, second)
        if first.status != 200:
            same_words = first.content.replace(hidden.encode(), gone.encode())
            assert same_words == second.content, one
            assert middle - start == counted() - middle, (one, "did other work")
