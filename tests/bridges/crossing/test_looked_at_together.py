# SPDX-License-Identifier: EUPL-1.2
"""Events that are looked at together become what they become one by one."""

from collections.abc import Callable, Sequence
from threading import Barrier, BrokenBarrierError
from uuid import uuid4

import pytest
from tests.bridges.crossing.conftest import added, agree, carry, crossings, new_event, stored
from tests.bridges.served import ADMIN, Served

from brug.bridges.crossing import carrier, carrying, outbox, outward, portions, reading
from brug.bridges.crossing.messages import Written
from brug.bridges.crossing.outward import Change
from brug.bridges.crossing.receipts import Result
from brug.bridges.partners import BridgeRow
from brug.intel import publishing
from brug.intel.finding import claim
from brug.intel.label import tags
from brug.model.new_event import NewEvent, NewTag
from brug.store.session import Database, Session

Two = tuple[Served, Served]


def unpublished(session: Session, uuid: str) -> None:
    publishing.unpublish(session, uuid)


def marked(session: Session, uuid: str) -> None:
    number = int(session.value("SELECT id FROM event WHERE uuid = %s", (uuid,)))
    tags.attach_to_event(session, claim(session, number), [NewTag("tlp:red")])


def nothing(_: Session, __: str) -> None:
    pass


# What is made, and what is done with it once it was looked at.
FATES: dict[str, tuple[Callable[[], NewEvent], Callable[[Session, str], None]]] = {
    "crosses": (lambda: new_event(("domain", "fine.example")), nothing),
    "in part": (lambda: new_event(("domain", "kept.example"), ("ip-dst", "192.0.2.9")), nothing),
    "held": (lambda: new_event(("domain", "red.example"), tag="tlp:red"), nothing),
    "stays": (lambda: new_event(("domain", "own.example"), level=0), nothing),
    "taken back": (lambda: new_event(("domain", "back.example")), unpublished),
    "marked later": (lambda: new_event(("domain", "later.example")), marked),
}
Told = list[tuple[str, str, str, int, int]]


def told(one: Served, other: Served) -> dict[str, tuple[Told, bool]]:
    """What the crossings of each event come to, and whether it is there."""
    uuids = {fate: added(one, make()) for fate, (make, _) in FATES.items()}
    carry(one)
    for fate, (_, then) in FATES.items():
        with one.database.as_user(ADMIN) as session:
            then(session, uuids[fate])
    carry(one)
    return {
        fate: (
            [(c.kind, c.state, c.outcome, c.passed, c.dropped) for c in crossings(one, uuid)],
            stored(other, uuid) is not None,
        )
        for fate, uuid in uuids.items()
    }


def test_it_makes_no_difference_how_many_are_looked_at_together(
    agreed: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agreed
    agree(one, other, personal_data={"regime": "gdpr", "handling": "drop"})
    together = told(one, other)
    monkeypatch.setattr(portions, "EVENTS", 1)
    assert told(one, other) == together
    there = {fate for fate, (_, is_there) in together.items() if is_there}
    assert there == {"crosses", "in part", "marked later"}, "what waits leaves what was there"
    assert together["in part"][0] == [("event", "received", "redact", 1, 1)]
    assert [c[:2] for c in together["taken back"][0]] == [
        ("withdrawal", "received"), ("event", "gone"),
    ]  # fmt: skip


def test_one_that_cannot_be_read_holds_up_none_of_those_beside_it(
    agreed: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agreed
    uuids = [added(one, new_event(("domain", f"n{n}.example"))) for n in range(3)]
    read = reading.all_for_partner

    def failing(session: Session, ids: list[int], **how: bool) -> dict[int, reading.Document]:
        found = read(session, ids, **how)
        if uuids[1] in {one["uuid"] for one in found.values()}:
            raise RuntimeError("cannot be read")
        return found

    monkeypatch.setattr(reading, "all_for_partner", failing)
    carry(one)
    assert [stored(other, uuid) is not None for uuid in uuids] == [True, False, True]
    with one.database.system() as session:
        assert session.all("SELECT event_uuid::text FROM carry_again") == [(uuids[1],)]


def test_an_event_that_is_named_twice_is_looked_at_twice(agreed: Two) -> None:
    """Once as taken back, once as it is: what is found last holds, and nothing else is sent."""
    one, _ = agreed
    uuid = added(one, new_event(("domain", "twice.example")))
    carry(one)
    with one.database.system() as session:
        number = int(session.value("SELECT id FROM event WHERE uuid = %s", (uuid,)))
    both = [Change(0, number, uuid, withdrawn=True), Change(0, number, uuid, withdrawn=False)]
    assert outward.look_at(one.database, one.bridge("CERT Zuidmark"), both) == []
    assert [(c.kind, c.state) for c in crossings(one, uuid)] == [
        ("withdrawal", "replaced"), ("event", "received"),
    ]  # fmt: skip


@pytest.mark.parametrize("alike", [False, True])
def test_two_are_on_their_way_at_once_unless_they_are_of_one_event(
    agreed: Two, monkeypatch: pytest.MonkeyPatch, alike: bool
) -> None:
    one, other = agreed
    monkeypatch.setattr(portions, "AT_FIRST", 1)
    monkeypatch.setattr(portions, "EVENTS", 1)
    uuids = [added(one, new_event(("domain", f"n{n}.example"))) for n in range(2)]
    with one.database.system() as session:
        outbox.sequence(session)
        bridge = one.bridge(other.name)
        changes = outward.changes(session, bridge.id, 10)
    assert [change.event_uuid for change in changes] == uuids
    both, met = Barrier(2), list[bool]()

    def deliver(database: Database, bridge: BridgeRow, several: Sequence[Written]) -> list[Result]:
        try:
            both.wait(0.5)
            met.append(True)
        except BrokenBarrierError:
            met.append(False)
        return carrier.deliver(database, bridge, several)

    on_the_way = [changes[0], changes[0]] if alike else changes
    carrying._Round(one.database, bridge, deliver, 2).work_off(on_the_way)
    assert met == ([False, False] if alike else [True, True])
    assert [stored(other, uuid) is not None for uuid in uuids] == [True, not alike]


def test_large_ones_are_looked_at_in_smaller_company() -> None:
    def looked_at(*sizes: int) -> list[list[int]]:
        changes = [Change(n, n, str(uuid4()), False, size) for n, size in enumerate(sizes)]
        return [[one.attributes for one in some] for some in portions.of_changes(changes)]

    most = portions.ATTRIBUTES
    assert looked_at() == []
    first, then = portions.AT_FIRST, portions.EVENTS
    assert looked_at(*[1] * (first + then + 1)) == [[1] * first, [1] * then, [1]]
    assert looked_at(most, 1, most - 1, 5 * most, 2) == [[most], [1, most - 1], [5 * most], [2]]
