# SPDX-License-Identifier: EUPL-1.2
"""Two organisations: whatever one names of the other's, nothing shows and nothing changes.

Each route is asked with the other side's ids and UUIDs: of every kind that it takes, in each
of its addresses and bodies; of the usual kinds in the path, as named parameters, in the
query, in the body, in lists within it; of all kinds at once.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.security.arena import Arena
from tests.security.asking import Ask
from tests.security.drawing import (
    Absent,
    all_spots,
    base_path,
    body_for,
    named,
    placed,
    same,
    usual_method,
)
from tests.security.kinds import MARK, OURS, THEIRS
from tests.security.order import endpoints
from tests.security.samples import Form
from tests.thorough import share

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint

listed.load()

WRAPPERS = (
    "Event", "Attribute", "Object", "ObjectReference", "EventReport", "Tag", "SharingGroup",
    "ShadowAttribute", "EventDelegation", "Note", "Opinion", "Relationship", "Collection",
    "CollectionElement", "Bookmark", "SharingGroupBlueprint", "TagCollection", "GalaxyCluster",
    "GalaxyClusterRelation", "DecayingModel", "EventGraph", "CryptographicKey", "UserSetting",
    "Sighting", "User", "AuthKey",
)  # fmt: skip
ATTACKERS = ("orgadmin", "sync")
# What every route is asked for, and what bodies call it.
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
}
# The same of the kinds that only some routes take.
MORE_NAMES = {
    "cluster": ("id", "uuid", "galaxy_cluster_id", "galaxy_cluster_uuid", "target_id",
                "referenced_galaxy_cluster_uuid", "extends_uuid"),
    "collection": ("id", "uuid", "collection_id"),
    "element": ("id", "uuid", "element_uuid"),
    "note": ("id", "uuid", "object_uuid", "related_object_uuid"),
}  # fmt: skip
USUAL = ("id", "uuid")
# The ways of asking for something that a route does not take are shared by so many.
PARTS = 6
# What everybody reads.
PUBLIC = {"organisation", "galaxy", "role"}


def secrets(arena: Arena) -> tuple[bytes, ...]:
    """What stands in no answer to the first organisation, in small letters."""
    signers = (row["fingerprint"] for row in arena.items[THEIRS]["signer"])
    people = ("other@people.example", "otheradmin@people.example")
    return tuple(text.lower().encode() for text in (MARK, *people, *signers))


def kinds(endpoint: Endpoint) -> set[str]:
    """What the route takes."""
    return {same(kind) for kind, _ in all_spots(endpoint)} - PUBLIC


def foreign(arena: Arena, several: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The other side's items: kind, and an id or UUID."""
    for kind in several:
        for keys in (arena.ids, arena.uuids):
            if keys[THEIRS].get(kind):
                yield kind, keys[THEIRS][kind][0]


def body_of(endpoint: Endpoint, arena: Arena, number: int) -> Any:
    body = body_for(endpoint, arena.items[OURS], number)
    return {} if isinstance(body, Form) else body


def of_each_kind(
    ways: Callable[[Endpoint, Arena, list[str]], Iterator[Ask]], endpoint: Endpoint, arena: Arena
) -> Iterator[Ask]:
    """Of what the route takes in every way, of what every route is asked for in some."""
    own = kinds(endpoint)
    yield from ways(endpoint, arena, sorted(own))
    for place, kind in enumerate(kind for kind in NAMES if kind not in own):
        every = list(ways(endpoint, arena, [kind]))
        yield from share(every, f"{named(endpoint)} {ways.__name__}", PARTS, place)


def in_path(endpoint: Endpoint, arena: Arena, several: list[str]) -> Iterator[Ask]:
    base, method = base_path(endpoint), usual_method(endpoint)
    ours = arena.ids[OURS]
    body = body_of(endpoint, arena, 1)
    for kind, key in foreign(arena, several):
        yield Ask(method, f"{base}/{key}", body)
        if method != endpoint.methods[-1]:
            yield Ask(endpoint.methods[-1], f"{base}/{key}", body)
        yield Ask(method, f"{base}/{key}/{ours['tag'][0]}", body)
        if kind in {"tag", "event", "attribute", "object"}:
            for item in ("event", "attribute", "object"):
                yield Ask(method, f"{base}/{ours[item][0]}/{key}", body)


def in_names(endpoint: Endpoint, arena: Arena, several: list[str]) -> Iterator[Ask]:
    """As named parameters, in the query, in the body, and in lists below every wrapper."""
    base, method = base_path(endpoint), usual_method(endpoint)
    ours = arena.ids[OURS]
    body = body_of(endpoint, arena, 2)
    body = body if isinstance(body, dict) else {}
    for kind, key in foreign(arena, several):
        said = dict.fromkeys(NAMES.get(kind) or MORE_NAMES.get(kind, USUAL), key)
        named = "/".join(f"{name}:{key}" for name in said)
        yield Ask(method, f"{base}/{named}?{urlencode(said)}", body)
        yield Ask(method, base, body | said)
        yield Ask(method, base, body | {name: [key] for name in said})
        yield Ask(method, f"{base}/{ours['event'][0]}", body | said)
        wrapped = {name: [said, body | said] for name in WRAPPERS}
        yield Ask(method, f"{base}/{ours['event'][0]}", {"info": "taken over"} | wrapped)
        yield Ask(method, f"{base}/{ours['object'][0]}", body | wrapped)


def in_forms(endpoint: Endpoint, arena: Arena) -> Iterator[Ask]:
    """In each place of the route's own addresses and bodies, with ours in the others."""
    for kind, field in all_spots(endpoint):
        theirs = arena.items[THEIRS].get(same(kind))
        if not theirs or same(kind) in PUBLIC:
            continue
        keys = {theirs[0][field], *(theirs[0].get(name) for name in USUAL)} - {None}
        for key in sorted(keys, key=str):
            try:
                yield from placed(endpoint, arena.items[OURS], (kind, field), key)
            except Absent:  # none of ours to stand around it
                continue


def all_at_once(endpoint: Endpoint, arena: Arena) -> Iterator[Ask]:
    """Lists of every item of theirs of every kind, under every name."""
    every = [key for _, key in foreign(arena, arena.ids[THEIRS].keys() - PUBLIC)]
    body = body_of(endpoint, arena, 3)
    names = (*(body if isinstance(body, dict) else ()), *USUAL, "ids", "uuids", "user_ids")
    yield Ask(usual_method(endpoint), base_path(endpoint), dict.fromkeys(names, every))
    yield Ask(usual_method(endpoint), base_path(endpoint), every)


@pytest.mark.parametrize("endpoint", endpoints(), ids=named)
def test_what_is_the_others_neither_shows_nor_changes(arena: Arena, endpoint: Endpoint) -> None:
    before = arena.theirs(arena.at_first)
    who = ATTACKERS[len(named(endpoint)) % 2] if endpoint.changes else "orgadmin"
    hidden = secrets(arena)
    several: Iterable[Ask] = chain(
        of_each_kind(in_path, endpoint, arena),
        of_each_kind(in_names, endpoint, arena),
        in_forms(endpoint, arena),
        all_at_once(endpoint, arena),
    )
    # That each is refused to whoever lacks the right is seen in test_privileges.
    if not arena.may(who, endpoint):
        several = share(list(of_each_kind(in_path, endpoint, arena)), named(endpoint), PARTS)
    for asked in several:
        answered = arena.ask(who, asked)
        told = answered.content.lower()
        for secret in hidden:
            # A search is answered with the words that it asked for.
            if secret in told and secret not in asked.path.lower().encode():
                pytest.fail(f"{asked} {answered}")
    assert arena.theirs(arena.rows()) == before
