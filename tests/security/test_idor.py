# SPDX-License-Identifier: EUPL-1.2
"""Two organisations: whatever one names of the other's, nothing shows and nothing changes.

Each route is asked with the other side's ids and UUIDs of every kind: in the path, as named
parameters, in the query, in the body, in lists within it.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.security.arena import (
    MARK,
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
from brug.api.misp.dispatch import Endpoint

listed.check()

SECRETS = (MARK.encode(), b"other@people.example", b"otheradmin@people.example")
WRAPPERS = (
    "Event", "Attribute", "Object", "ObjectReference", "EventReport", "Tag", "SharingGroup",
    "ShadowAttribute", "EventDelegation",
)  # fmt: skip
ATTACKERS = ("orgadmin", "sync")
NAMES = {
    "event": ("event_id", "eventid", "uuid", "id", "extends_uuid"),
    "attribute": ("attribute_id", "uuid", "id", "referenced_uuid"),
    "object": ("object_id", "uuid", "id", "referenced_uuid"),
    "report": ("id", "uuid"),
    "reference": ("id", "uuid"),
    "sighting": ("id", "uuid"),
    "proposal": ("id", "uuid"),
    "delegation": ("id",),
    "sharing_group": ("sharing_group_id", "sg_id", "id", "uuid"),
    "user": ("user_id", "id"),
    "key": ("id", "uuid"),
    "setting": ("id",),
    "tag": ("tag", "tag_id", "tags"),
    "organisation": ("org_id", "orgc_id"),
}


def foreign(arena: Arena) -> Iterator[tuple[str, Any]]:
    """The other side's items: kind, and an id or UUID."""
    for kind in NAMES:
        for keys in (arena.ids, arena.uuids):
            # Organisations are a directory that everyone reads.
            if kind != "organisation" and keys[THEIRS].get(kind):
                yield kind, keys[THEIRS][kind][0]


def in_path(endpoint: Endpoint, arena: Arena) -> Iterator[Ask]:
    base, method = base_path(endpoint), usual_method(endpoint)
    ours = arena.ids[OURS]
    body = sample(endpoint.body, ours, 1) if endpoint.body else {}
    for kind, key in foreign(arena):
        yield Ask(method, f"{base}/{key}", body)
        if method != endpoint.methods[-1]:
            yield Ask(endpoint.methods[-1], f"{base}/{key}", body)
        yield Ask(method, f"{base}/{key}/{ours['tag'][0]}", body)
        if kind in {"tag", "event", "attribute", "object"}:
            for item in ("event", "attribute", "object"):
                yield Ask(method, f"{base}/{ours[item][0]}/{key}", body)


def in_names(endpoint: Endpoint, arena: Arena) -> Iterator[Ask]:
    """As named parameters, in the query, in the body, and in lists below every wrapper."""
    base, method = base_path(endpoint), usual_method(endpoint)
    ours = arena.ids[OURS]
    body = sample(endpoint.body, ours, 2) if endpoint.body else {}
    body = body if isinstance(body, dict) else {}
    for kind, key in foreign(arena):
        said = dict.fromkeys(NAMES[kind], key)
        named = "/".join(f"{name}:{key}" for name in said)
        yield Ask(method, f"{base}/{named}?{urlencode(said)}", body)
        yield Ask(method, base, body | said)
        yield Ask(method, base, body | {name: [key] for name in said})
        yield Ask(method, f"{base}/{ours['event'][0]}", body | said)
        wrapped = {name: [said, body | said] for name in WRAPPERS}
        yield Ask(method, f"{base}/{ours['event'][0]}", {"info": "taken over"} | wrapped)
        yield Ask(method, f"{base}/{ours['object'][0]}", body | wrapped)


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_what_is_the_others_neither_shows_nor_changes(
    module_arena: Arena, endpoint: Endpoint
) -> None:
    before = module_arena.theirs(module_arena.rows())
    who = ATTACKERS[len(named(endpoint)) % 2] if endpoint.changes else "orgadmin"
    for asked in chain(in_path(endpoint, module_arena), in_names(endpoint, module_arena)):
        answered = module_arena.ask(who, asked)
        for secret in SECRETS:
            assert secret not in answered.content.lower(), (asked, answered)
    assert module_arena.theirs(module_arena.rows()) == before
