# SPDX-License-Identifier: EUPL-1.2
"""What would cross, stage by stage; and how far a level carries an event."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from psycopg.types.json import Jsonb
from tests.bridges.gate.worlds import attribute, event, tagged
from tests.bridges.world import ONE, World

from brug.bridges import explaining, partners, simulating
from brug.bridges.explaining import Explained
from brug.directory import sharing_group_changes
from brug.intel.adding import add
from brug.model.errors import Invalid, NotFound
from brug.model.new_event import GroupRef, NewAttribute, NewEvent, NewTag


def stored(world: World, level: int = 3, *, published: bool = True, **more: Any) -> int:
    new = NewEvent(None, "Campaign", distribution=level, published=published, **more)
    new.tags.append(NewTag("tlp:green"))
    new.attributes.append(
        NewAttribute(None, "domain", "Network activity", True, "evil.example", "")
    )
    with world.admin() as session:
        return add(session, new).event_id


def explained(world: World, event_id: int) -> Explained:
    with world.admin() as session:
        bridge = partners.view(session, world.bridge.id)
        return explaining.explain(world.database, session, bridge, event_id)


def test_each_stage_before_the_gate_says_what_keeps_an_event(world: World) -> None:
    world.agree()
    assert explained(world, stored(world, 0)).stage == "unseen"
    assert explained(world, stored(world, 1)).stage == "level"
    event_id = stored(world)
    assert explained(world, event_id).outcome == "pass"
    with world.database.system() as session:
        session.execute("UPDATE bridge SET filters = %s", (Jsonb({"tags": ["wanted"]}),))
    assert explained(world, event_id).stage == "unwanted"
    with world.database.system() as session:
        session.execute("UPDATE bridge SET filters = '{}', state = 'paused'")
    paused = explained(world, event_id)
    assert (paused.stage, paused.outcome) == ("not_open", "refuse")
    assert paused.counts["passed"] == 1
    with world.database.system() as session:
        session.execute(
            "UPDATE event SET orgc_id = (SELECT id FROM organisation WHERE uuid = %s)", (ONE,)
        )
    assert explained(world, event_id).stage == "theirs"


def test_what_a_filter_leaves_out_is_not_told_as_kept_by_its_level(world: World) -> None:
    world.agree()
    new = NewEvent(None, "Campaign", distribution=3, published=True)
    for kind, value in (("domain", "evil.example"), ("md5", "0" * 32)):
        category = "Network activity" if kind == "domain" else "Payload delivery"
        new.attributes.append(NewAttribute(None, kind, category, True, value, ""))
    with world.admin() as session:
        event_id = add(session, new).event_id
    with world.database.system() as session:
        session.execute("UPDATE bridge SET filters = %s", (Jsonb({"types": ["md5"]}),))
    found = explained(world, event_id)
    assert (found.seen, found.staying, found.unwanted) == (2, 0, 1)


def test_of_what_is_deleted_nothing_is_told_as_crossing(world: World) -> None:
    world.agree()
    event_id = stored(world)
    with world.database.system() as session:
        session.execute("UPDATE attribute SET deleted = true WHERE event_id = %s", (event_id,))
    found = explained(world, event_id)
    assert found.counts["passed"] == 0
    assert [one for one in found.parts if one.kind == "attribute"] == []
    with world.admin() as session:
        held = simulating.simulate(world.database, session, event_id, 1)
    assert [one.attributes for one in held] == [0, 0]


def test_a_draft_is_explained_as_if_it_were_published(world: World) -> None:
    world.agree()
    found = explained(world, stored(world, published=False))
    assert found.draft
    assert (found.stage, found.outcome) == ("gate", "pass")


def test_without_an_agreement_the_reason_is_told(world: World) -> None:
    found = explained(world, stored(world))
    assert (found.outcome, found.version) == ("refuse", None)
    assert [one.code for one in found.reasons] == ["no_agreement"]


def test_values_that_the_reader_does_not_see_are_counted_and_not_shown(world: World) -> None:
    world.agree()
    with world.admin() as session:
        group = sharing_group_changes.add(session, {"name": "Without the host"})
        sharing_group_changes.add_organisation(session, group.id, ONE)
    new = NewEvent(None, "Campaign", distribution=3, published=True)
    secret = NewAttribute(None, "domain", "Network activity", True, "theirs.example", "")
    secret = msgspec.structs.replace(secret, distribution=4, group=GroupRef(id=group.id))
    new.attributes.append(secret)
    with world.partner() as session:
        event_id = add(session, new).event_id
    with world.database.system() as session:
        session.execute("UPDATE event SET orgc_id = 1 WHERE id = %s", (event_id,))
        session.execute("DELETE FROM sharing_group_org WHERE org_id = 1")
    with world.analyst() as session:
        seen = session.all("SELECT value1 FROM attribute WHERE event_id = %s", (event_id,))
        found = explaining.explain(world.database, session, world.bridge, event_id)
    assert seen == []
    assert sum(part.count for part in found.parts) == 1
    assert [part.examples for part in found.parts] == [[]]


def test_what_the_reader_does_not_see_is_not_explained(world: World) -> None:
    with world.other_partner() as session, pytest.raises(NotFound):
        explaining.explain(world.database, session, world.bridge, stored(world, 0))


def test_a_simulation_begins_with_what_crosses_now(world: World) -> None:
    event_id = stored(world)
    with world.admin() as session:
        found = simulating.simulate(world.database, session, event_id, 2)
        assert [one.who for one in found] == ["here"]
    world.agree()
    with world.admin() as session:
        found = simulating.simulate(world.database, session, event_id, 2)
        assert [(one.hop, one.who, one.level) for one in found] == [
            (0, "here", 3), (1, "partner", 3), (2, "anyone", 3),
        ]  # fmt: skip
        for hops in (0, 11):
            with pytest.raises(Invalid):
                simulating.simulate(world.database, session, event_id, hops)


def test_what_is_held_may_be_held_there_once_it_is_released(world: World) -> None:
    world.agree(release={"when": ["green"]})
    event_id = stored(world)
    assert explained(world, event_id).outcome == "hold"
    with world.admin() as session:
        found = simulating.simulate(world.database, session, event_id, 2)
    assert [(one.hop, one.who, one.held) for one in found] == [
        (0, "here", False), (1, "partner", True), (2, "anyone", True),
    ]  # fmt: skip


def travelled(document: dict[str, Any], hops: int) -> list[tuple[int, str, int, int]]:
    found = simulating.onward(document, "Partner", hops)
    return [(one.hop, one.who, one.level, one.attributes) for one in found]


def test_levels_carry_as_far_as_they_say() -> None:
    two = attribute(1, "a.example", distribution="2"), attribute(2, "b.example", distribution="5")
    everywhere = event(*two, tags=("tlp:amber",))
    assert travelled(everywhere, 4) == [
        (1, "partner", 3, 2), (2, "anyone", 3, 2), (3, "anyone", 3, 1), (4, "anyone", 3, 1),
    ]  # fmt: skip
    assert travelled(event(*two, distribution="1"), 4) == [
        (1, "partner", 1, 2), (2, "pullers", 0, 2),
    ]  # fmt: skip
    members = [{"Organisation": {"uuid": ONE, "name": "One"}}, {"Organisation": {"name": "Two"}}]
    shared = event(*two, distribution="4", SharingGroup={"SharingGroupOrg": members})
    assert travelled(shared, 2) == [(1, "partner", 4, 2), (2, "members", 4, 2)]
    assert simulating.onward(shared, "Partner", 1)[0].members == ["One", "Two"]
    marked = simulating.onward({**everywhere, "Tag": tagged("tlp:amber", "tlp:red")}, "P", 1)
    assert marked[0].marking == "red"
