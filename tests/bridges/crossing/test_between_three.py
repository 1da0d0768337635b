# SPDX-License-Identifier: EUPL-1.2
"""What goes wrong only between three nodes, or within one second, each by name."""

import time
from collections.abc import Iterator

import pytest
from tests.bridges.crossing.conftest import added, new_event
from tests.bridges.crossing.rulebook import Agreed, Copy
from tests.bridges.crossing.three_nodes import ROUNDS, Node, Nodes, Three
from tests.bridges.crossing.wire import Wire
from tests.bridges.served import ADMIN

from brug.bridges.crossing import recalls
from brug.intel import publishing
from brug.store.server import EmbeddedServer


@pytest.fixture(scope="module")
def nodes(
    embedded: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nodes]:
    made = Nodes(embedded, template, tmp_path_factory.mktemp("three"))
    yield made
    made.drop()


class Triangle:
    """Three nodes and the way between them."""

    def __init__(self, three: Three) -> None:
        self.three = three
        self.wire = Wire(list(three), lambda *_: None)

    def work(self, *nodes: Node) -> None:
        """Until these nodes, or all, have nothing left to do."""
        for _ in range(ROUNDS):
            busy = [
                node.work(self.wire, [one for one in self.three if one is not node])
                for node in nodes or self.three
            ]
            if not any(busy):
                return
        raise AssertionError("there is always something left to do")

    def agree(self, one: Node, other: Node, **terms: object) -> None:
        one.propose(other, Agreed(frozenset({one.org, other.org}), **terms))  # type: ignore[arg-type]
        self.work(one)
        assert other.accept(one)
        self.work(other)


@pytest.fixture
def triangle(nodes: Nodes) -> Iterator[Triangle]:
    """Each of three has agreed with each other that everything but RED crosses."""
    with nodes.fresh() as three:
        made = Triangle(three)
        made.agree(three[0], three[1])
        made.agree(three[0], three[2])
        made.agree(three[1], three[2])
        yield made


def held(node: Node, uuid: str) -> Copy:
    found = node.copy(uuid)
    assert found, f"{node.name} does not hold it"
    return found


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
