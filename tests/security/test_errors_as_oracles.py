# SPDX-License-Identifier: EUPL-1.2
"""Hidden and absent are one answer: the same status, the same words, the same work.

Every route is asked for an item that the reader may not see and for one that nobody has;
apart from the id itself nothing may differ, the number of statements included.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Cursor
from tests.security.arena import (
    OURS,
    THEIRS,
    Arena,
    Ask,
    base_path,
    endpoints,
    named,
    sample,
    usual_method,
)

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint, plain

listed.check()

NUMBERS = count(777_000)
# Organisations are everybody's to read, tags are names without an owner.
KINDS = ("event", "attribute", "object", "report", "reference", "sighting", "sharing_group",
         "user", "key", "setting")  # fmt: skip
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


def pairs(arena: Arena) -> Iterator[tuple[str, str]]:
    """A hidden item and one that is not there, by the same kind of key."""
    for kind in KINDS:
        yield str(arena.ids[THEIRS][kind][0]), str(next(NUMBERS))
        if arena.uuids[THEIRS].get(kind):
            yield arena.uuids[THEIRS][kind][0], str(uuid4())


def asked(endpoint: Endpoint, key: str, body: Any) -> Iterator[Ask]:
    base, method = base_path(endpoint), usual_method(endpoint)
    yield Ask(method, f"{base}/{key}", body)
    yield Ask("GET", f"{base}/{key}")
    # Without an item these act on whoever asks.
    if isinstance(body, dict) and plain(endpoint.controller) not in SELVES:
        yield Ask(method, base, body | dict.fromkeys(FIELDS, key))


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_what_is_hidden_answers_as_what_is_not_there(
    module_arena: Arena, counted: Callable[[], int], endpoint: Endpoint
) -> None:
    shape = {} if endpoint.changes else endpoint.body or {}
    module_arena.ask("orgadmin", Ask("GET", "/users/view/me"))  # notes that the key is used
    body = sample(shape, module_arena.ids[OURS], 1)
    for hidden, absent in pairs(module_arena):
        requests = zip(
            asked(endpoint, hidden, body),
            asked(endpoint, absent, body),
            strict=True,
        )
        for one, other in requests:
            start = counted()
            first = module_arena.ask("orgadmin", one)
            middle = counted()
            second = module_arena.ask("orgadmin", other)
            assert first.status == second.status, (one, first, second)
            if first.status != 200:
                same = first.content.replace(hidden.encode(), absent.encode())
                assert same == second.content, one
                assert middle - start == counted() - middle, (one, "did other work")
