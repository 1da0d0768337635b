# SPDX-License-Identifier: EUPL-1.2
"""After one organisation became part of another: it sees what both saw, and nobody sees more."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, LiteralString

from hypothesis import given
from hypothesis import strategies as st
from tests.oracle.rule import Attribute, Event, Group, Thing, World, visible
from tests.oracle.test_sharing_rule import fresh as fresh  # noqa: PLC0414 - a fixture
from tests.oracle.thoroughness import of_worlds
from tests.oracle.worlds import ORGANISATIONS, Built, build, worlds

from brug.directory import organisation_merging
from brug.store.session import Session

SEEN: dict[str, LiteralString] = {
    "event": "SELECT info FROM event",
    "attribute": "SELECT comment FROM attribute",
    "object": "SELECT comment FROM object",
    "report": "SELECT name FROM event_report",
    "sighting": "SELECT source FROM sighting",
    "proposal": "SELECT value1 || ' ' || comment FROM proposal",
    "note": "SELECT note FROM analyst_data",
    "tag": "SELECT t.name FROM tag t WHERE EXISTS (SELECT 1 FROM event_tag e WHERE e.tag_id = t.id)"
    " OR EXISTS (SELECT 1 FROM attribute_tag a WHERE a.tag_id = t.id)",
}
MARKS = {
    "event": "event", "attribute": "attr", "object": "obj", "report": "rep", "tag": "tag",
    "sighting": "sight", "proposal": "prop", "note": "note",
}  # fmt: skip


def shown(built: Built, reader: int) -> dict[str, set[str]]:
    """What the database lets a reader see, by kind."""
    with built.database.as_user(reader) as session:
        return {kind: _marks(session, kind, query) for kind, query in SEEN.items()}


def _marks(session: Session, kind: str, query: LiteralString) -> set[str]:
    text = " ".join(str(row[0]) for row in session.all(query))
    return set(re.findall(rf"{MARKS[kind]}mark\d{{3}}z", text))


def merged(world: World, gone: int, stays: int) -> World:
    """The same world where one organisation is the other."""

    def who(org: int) -> int:
        return stays if org == gone else org

    def attribute(one: Attribute) -> Attribute:
        return replace(one, sightings=[(who(org), mark) for org, mark in one.sightings])

    def thing(one: Thing) -> Thing:
        return replace(one, attributes=[attribute(a) for a in one.attributes])

    def event(one: Event) -> Event:
        asked = None if one.delegate is None else who(one.delegate)
        return replace(
            one,
            holder=who(one.holder),
            delegate=None if asked == who(one.holder) else asked,
            attributes=[attribute(a) for a in one.attributes],
            objects=[thing(o) for o in one.objects],
        )

    groups = [Group(frozenset(map(who, g.members)), g.all_orgs) for g in world.groups]
    return replace(world, groups=groups, events=[event(e) for e in world.events])


@given(
    world=worlds(),
    gone=st.integers(1, ORGANISATIONS - 1),
    stays=st.integers(0, ORGANISATIONS - 1),
)
@of_worlds(8)
def test_a_merged_organisation_sees_what_both_saw_and_nobody_else_sees_more(
    fresh: Callable[[], Any], world: World, gone: int, stays: int
) -> None:
    if gone == stays:
        stays = 0
    with fresh() as database:
        built = build(database, world)
        before = [shown(built, reader) for reader in built.readers]
        with database.system() as session:
            organisation_merging.merge(session, f"Org {gone}", f"Org {stays}")
        after = merged(world, gone, stays)
        for org, reader in enumerate(built.readers):
            found = shown(built, reader)
            part = org in (gone, stays)
            expected = visible(after, stays if part else org)
            notes = found.pop("note")
            assert found == {kind: expected[kind] for kind in found}, org
            # A group that only one of them was in may show both a note and what it is about.
            both = before[gone]["note"] | before[stays]["note"]
            assert notes >= both if part else notes == before[org]["note"], org
