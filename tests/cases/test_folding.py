# SPDX-License-Identifier: EUPL-1.2
"""Nodes that hold the same entries show the same case, whatever way these came."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import examples

from brug.cases import rules
from brug.cases.acts import AnyAct, Filled, Joined, Left, Moved, Opened, Recorded, Said
from brug.cases.case import Case
from brug.cases.entries import Author, Entry, case_of, decoded, encoded, knew, next_of, ordered
from brug.cases.folding import continued, fold
from brug.cases.kinds.incident import INCIDENT, PHASE
from brug.cases.telling import folded
from brug.cli.case_group import conflict as told_conflict
from brug.model.errors import BrugError

NODE = str(UUID(int=200))
ORGS = [str(UUID(int=100 + n)) for n in range(3)]
FIRST = str(UUID(int=1))
CASE = case_of(Author(NODE, ORGS[0], 1), "incident", FIRST)


class World:
    """Three nodes that each have some of the entries."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 — a world, no secret
        self.held: list[dict[str, Entry]] = [{}, {}, {}]
        self.had: dict[str, set[str]] = {}  # what the author of each had before
        first = self.write(
            0,
            Opened(kind="incident", title="Pumps", number="INC-1", participant=FIRST, name="One"),
        )
        assert first
        for n in (1, 2):
            self.write(0, Joined(participant=self.uuid(), org=ORGS[n], name="x", role="lead"))
        self.write(0, Recorded(fact="detected_at", at="2026-01-01T00:00:00Z", zone="UTC"))
        for n in (1, 2):
            self.exchange(0, n)

    def uuid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def case(self, node: int) -> Case:
        return fold(INCIDENT, self.held[node].values())

    def write(self, node: int, act: AnyAct) -> Entry | None:
        """As an honest node does: nothing that its rules refuse."""
        held = self.held[node]
        author = Author(str(UUID(int=200 + node)), ORGS[node], 1)
        try:
            rules.require(self.case(node), author, act)
        except BrugError:
            return None
        entry = Entry(
            id=self.uuid(), case=CASE, author=author, at="2026-01-01T00:00:00Z",
            knows=dict(next_of(author.node, held.values(), datetime.now(UTC))), act=act,
        )  # fmt: skip
        self.had[entry.id] = set(held)
        held[entry.id] = entry
        return entry

    def exchange(self, one: int, other: int) -> None:
        self.held[other] |= self.held[one]

    def step(self) -> None:
        node, other = self.random.sample(range(3), 2)
        if self.random.random() < 0.3:
            self.exchange(node, other)
        else:
            self.write(node, self.act(node))

    def act(self, node: int) -> AnyAct:
        case = self.case(node)
        choice = self.random.randrange(6)
        if choice < 2 and (open_ := PHASE.leaving(case.state)):
            one = self.random.choice(open_)
            return Moved(
                machine="phase", trigger=one.trigger, leaves=case.state, because="so it is"
            )
        if choice == 2:
            return Filled(fields={"summary": self.random.choice("abc"), "users_affected": 1})
        if choice == 3:
            return Left(participant=self.random.choice(list(case.participants)))
        if choice == 4:
            return Recorded(fact="handled_at", at="2026-01-02T00:00:00Z", zone="UTC")
        return Said(text="hello")


def shown(case: Case) -> object:
    return (
        case.fields, case.positions, case.participants, case.facts, case.conflicts, case.ignored,
        [one.id for one in case.timeline], case.title,
    )  # fmt: skip


@given(st.integers(0, 2**32), st.integers(0, 40))
@settings(max_examples=examples(150), deadline=None)
def test_any_order_duplication_and_partition_converge(seed: int, steps: int) -> None:
    world = World(seed)
    for _ in range(steps):
        world.step()
    every = world.held[0] | world.held[1] | world.held[2]
    expected = shown(fold(INCIDENT, every.values()))
    came: Sequence[Entry] = [decoded(encoded(one)) for one in every.values()]
    for _ in range(3):
        shuffled = world.random.sample(came, len(came)) + world.random.choices(came, k=3)
        assert shown(fold(INCIDENT, shuffled)) == expected
    merged = fold(INCIDENT, every.values())
    told = {one.id for one in merged.timeline} | {one.entry for one in merged.ignored}
    assert told | {one.beside for one in merged.conflicts} == every.keys(), "nothing is lost"


@given(st.integers(0, 2**32), st.integers(0, 30))
@settings(max_examples=examples(100), deadline=None)
def test_the_order_is_causal(seed: int, steps: int) -> None:
    world = World(seed)
    for _ in range(steps):
        world.step()
    every = world.held[0] | world.held[1] | world.held[2]
    order = ordered(every.values())
    assert len(order) == len(every)
    for place, one in enumerate(order):
        assert not any(knew(one, later) for later in order[place + 1 :])
        assert {earlier.id for earlier in order if knew(one, earlier)} == world.had[one.id]


@given(st.integers(0, 2**32), st.integers(5, 30))
@settings(max_examples=examples(60), deadline=None)
def test_who_lacks_messages_to_others_shows_the_rest_alike(seed: int, steps: int) -> None:
    world = World(seed)
    for _ in range(steps):
        world.step()
    every = world.held[0] | world.held[1] | world.held[2]
    whole = fold(INCIDENT, every.values())
    part = fold(INCIDENT, [one for one in every.values() if not isinstance(one.act, Said)])
    assert (part.fields, part.positions, part.participants, part.conflicts) == (
        whole.fields, whole.positions, whole.participants, whole.conflicts,
    )  # fmt: skip


def test_two_moves_from_one_state_are_a_conflict_until_somebody_who_knows_both_moves_on() -> None:
    world = World(7)
    moves = [
        world.write(0, Moved(machine="phase", trigger="contain", leaves="detection")),
        world.write(
            1,
            Moved(machine="phase", trigger="dismiss", leaves="detection", because="false alarm"),
        ),
    ]
    world.exchange(0, 1)
    world.exchange(1, 0)
    case = world.case(0)
    assert shown(case) == shown(world.case(1))
    (conflict,) = case.open_conflicts
    assert {conflict.holds, conflict.beside} == {one.id for one in moves if one}
    onward = "eradicate" if case.state == "containment" else "reopen"
    assert world.write(
        0, Moved(machine="phase", trigger=onward, leaves=case.state, because="settled")
    )
    assert world.case(0).open_conflicts == []
    assert world.case(0).conflicts[0].beside == conflict.beside, "what did not hold stays readable"


def test_two_values_of_one_field_are_a_conflict_and_the_same_value_is_none() -> None:
    world = World(8)
    world.write(0, Filled(fields={"summary": "a", "users_affected": 5}))
    world.write(1, Filled(fields={"summary": "b", "users_affected": 5}))
    world.exchange(1, 0)
    (two,) = world.case(0).open_conflicts
    assert two.about == "summary"
    sides = {two.holds: "a (One)", two.beside: "b (x)"}
    if world.held[0][two.holds].author.org != ORGS[0]:
        sides = {two.holds: "b (x)", two.beside: "a (One)"}
    said = f"summary: {sides[two.holds]} holds, beside {sides[two.beside]}"
    assert told_conflict(world.case(0), two, world.held[0]) == said
    world.write(0, Filled(fields={"summary": "both"}))
    assert world.case(0).open_conflicts == []
    assert world.case(0).fields == {"summary": "both", "users_affected": 5}


def test_what_a_node_may_not_say_changes_nothing_and_is_named() -> None:
    world = World(9)
    last = max(one.number for one in world.held[0].values())
    forged = Entry(
        id=world.uuid(), case=CASE, author=Author(NODE, str(UUID(int=666)), 1),
        at="2026-01-01T00:00:00Z", knows={NODE: last + 1},
        act=Moved(machine="phase", trigger="contain", leaves="detection"),
    )  # fmt: skip
    stale = Entry(
        id=world.uuid(), case=CASE, author=Author(NODE, ORGS[0], 1),
        at="2026-01-01T00:00:00Z", knows={NODE: last + 1},
        act=Moved(machine="phase", trigger="close", leaves="lessons"),
    )  # fmt: skip
    case = fold(INCIDENT, [*world.held[0].values(), forged, stale])
    assert case.state == "detection"
    assert {one.entry for one in case.ignored} == {forged.id, stale.id}
    reasons = {one.entry: one.reason for one in case.ignored}
    assert reasons[forged.id] == "somebody who takes no part may not have this moved"
    assert case.conflicts == []


def test_an_entry_that_claims_to_know_nothing_is_no_earlier_than_the_first() -> None:
    world = World(10)
    early = Entry(
        id=str(UUID(int=0)), case=CASE, author=Author(NODE, ORGS[0], 1),
        at="2026-01-01T00:00:00Z", knows={NODE: 1}, act=Said(text="first"),
    )  # fmt: skip
    case = fold(INCIDENT, [early, *world.held[0].values()])
    assert case.title == "Pumps"
    assert [one.entry for one in case.ignored] == [early.id]


def test_what_is_for_some_is_named_and_counted_by_no_other_entry() -> None:
    world = World(12)
    now = datetime(2026, 11, 27, tzinfo=UTC)
    last = max(world.held[0].values(), key=lambda one: one.number)
    other = str(UUID(int=201))
    hidden = msgspec.structs.replace(
        last, id=str(UUID(int=1)), author=Author(other, ORGS[1], 1), to=(FIRST,),
        knows={**last.knows, other: last.number + 5},
    )  # fmt: skip
    with_it = next_of(NODE, [*world.held[0].values(), hidden], now)
    assert with_it[NODE] > hidden.number
    assert with_it.get(other, 0) < hidden.number
    later = max(last.number, hidden.number) // 10**6 + 60
    at = datetime.fromtimestamp(later, UTC)
    assert next_of(NODE, [*world.held[0].values(), hidden], at) == next_of(
        NODE, world.held[0].values(), at
    )


def test_nobody_opens_a_case_that_is_anothers() -> None:
    world = World(11)
    taking = Opened(kind="incident", title="Mine", number="INC-9", participant=FIRST, name="Taker")
    forged = [
        Entry(
            id=str(UUID(int=number)), case=CASE, author=author, at="2026-01-01T00:00:00Z",
            knows={author.node: 1}, act=act,
        )
        for number, (author, act) in enumerate([
            (Author(str(UUID(int=201)), ORGS[1], 1), taking),
            (Author(NODE, ORGS[1], 1), taking),
            (Author(NODE, ORGS[0], 1), msgspec.structs.replace(taking, kind="assistance")),
        ])
    ]  # fmt: skip
    case = fold(INCIDENT, [*forged, *world.held[0].values()])
    assert case.title == "Pumps"
    assert {one.entry for one in case.ignored} == {one.id for one in forged}


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_a_fold_that_goes_on_is_the_fold_of_all_and_changes_nothing_before_it(
    seed: int, steps: int
) -> None:
    """Also where what is added came late, or corrects what was said."""
    world = World(seed)
    for _ in range(steps):
        world.step()
    for one in (1, 2):
        world.exchange(one, 0)
    every = list(world.held[0].values())
    world.random.shuffle(every)
    at = world.random.randrange(len(every) + 1)
    some = {one.id: one for one in every[:at]}
    begun = fold(INCIDENT, some.values())
    before = msgspec.json.encode(folded(begun)) if begun.id else b""
    case = continued(begun, some, every[at:])
    assert folded(case) == folded(fold(INCIDENT, every))
    assert case.timeline == fold(INCIDENT, every).timeline
    if begun.id:
        assert msgspec.json.encode(folded(begun)) == before
