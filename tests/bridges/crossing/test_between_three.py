# SPDX-License-Identifier: EUPL-1.2
"""What goes wrong only between three nodes, or within one second, each by name."""

import time

import pytest
from tests.bridges.crossing.conftest import added, new_event
from tests.bridges.crossing.triangles import Triangle, held
from tests.bridges.served import ADMIN

from brug.bridges.crossing import recalls, versions
from brug.intel import publishing


def test_what_is_edited_twice_in_a_second_arrives(
    triangle: Triangle, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    one, other, _ = triangle.three
    uuid = added(one, new_event(("domain", "a.example")))
    (item,) = held(one, uuid).items
    for number in range(4):
        value = f"a{number}.example"
        one.edit(uuid, info=f"Edit {number}", Attribute=[{"uuid": item, "value": value}],
                 published=True)  # fmt: skip
        triangle.work(one)
        there = held(other, uuid)
        assert (there.info, there.items[item].value) == (f"Edit {number}", value)


def test_the_creators_own_copy_takes_the_place_of_what_another_passed_on(
    triangle: Triangle,
) -> None:
    one, between, third = triangle.three
    triangle.wire.down.add(third.url)
    uuid = added(one, new_event(("domain", "b.example")))
    triangle.work(one)
    triangle.wire.down.clear()
    triangle.work(between)
    assert held(third, uuid)
    triangle.work()
    one.edit(uuid, info="Newer", published=True)
    triangle.work(one)
    assert held(third, uuid).info == "Newer"


def test_what_another_passes_on_before_the_creator_brings_it_is_no_conflict(
    triangle: Triangle,
) -> None:
    one, between, third = triangle.three
    uuid = added(one, new_event(("domain", "h.example")))
    triangle.work()
    triangle.wire.down.add(third.url)
    one.edit(uuid, info="Newer", published=True)
    triangle.work(one)
    triangle.wire.down.clear()
    triangle.work(between)
    triangle.work()
    assert held(third, uuid).info == "Newer"
    with third.database.as_user(ADMIN) as session:
        assert versions.unsettled(session) == []


def test_a_third_partys_withdrawal_leaves_the_creators_copy(triangle: Triangle) -> None:
    one, between, third = triangle.three
    uuid = added(one, new_event(("domain", "c.example")))
    triangle.work()
    assert held(third, uuid)
    between.mark(uuid, "tlp:red", local=True)
    triangle.work()
    assert held(third, uuid)
    for node in triangle.three:
        assert node.crossings(states=["failed", "waiting"]) == []


def test_an_edit_that_is_not_published_yet_takes_nothing_back(triangle: Triangle) -> None:
    one, other, _ = triangle.three
    uuid = added(one, new_event(("domain", "d.example")))
    triangle.work()
    one.edit(uuid, info="Draft")
    triangle.agree(one, other, handling="drop")
    triangle.work()
    assert held(other, uuid).info != "Draft"
    with one.database.as_user(ADMIN) as session:
        publishing.publish(session, uuid)
    triangle.work()
    assert held(other, uuid).info == "Draft"


def test_what_is_kept_although_recalled_is_not_passed_on(triangle: Triangle) -> None:
    one, keeper, third = triangle.three
    uuid = added(one, new_event(("domain", "e.example")))
    triangle.work(one)
    with one.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "wrong")
    triangle.work(one)
    for node, keep in ((keeper, True), (third, False)):
        with node.database.as_user(ADMIN) as session:
            (asked,) = recalls.asked(session)
            recalls.follow(session, asked.id, keep=keep, because="looked at")
    triangle.work()
    assert held(keeper, uuid)
    assert third.copy(uuid) is None


def test_a_recall_is_of_what_was_there_then_and_of_nothing_later(triangle: Triangle) -> None:
    """Of the version that waits for the partner, too; what is published again crosses again."""
    one, other, third = triangle.three
    uuid = added(one, new_event(("domain", "f.example")))
    triangle.work()
    triangle.wire.down.add(other.url)
    one.edit(uuid, info="Still wrong", published=True)
    triangle.work(one)
    with one.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "wrong")
    triangle.wire.down.clear()
    triangle.work()
    assert held(third, uuid).info == "Still wrong"
    assert held(other, uuid).info == "Campaign of Noordland", "the recall waits for a person"
    one.edit(uuid, info="Right", published=True)
    triangle.work()
    for node in (other, third):
        with node.database.as_user(ADMIN) as session:
            (asked,) = recalls.asked(session)
            recalls.follow(session, asked.id, keep=False, because="looked at")
    triangle.work()
    assert held(other, uuid).info == "Right"
    assert held(third, uuid).info == "Right"
    states = [c.state for c in one.crossings(event_uuid=uuid) if c.kind == "event"]
    assert states.count("received") == 2


def test_what_was_recalled_is_not_sent_by_whatever_else_changes(triangle: Triangle) -> None:
    one, other, third = triangle.three
    uuid = added(one, new_event(("domain", "g.example")))
    triangle.work()
    with one.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "wrong")
    triangle.work(one)
    for node in (other, third):
        with node.database.as_user(ADMIN) as session:
            (asked,) = recalls.asked(session)
            recalls.follow(session, asked.id, keep=False, because="looked at")
    triangle.agree(one, other, handling="drop")
    triangle.work()
    assert other.copy(uuid) is None
    with one.database.as_user(ADMIN) as session:
        publishing.publish(session, uuid)
    triangle.work()
    assert held(other, uuid)
