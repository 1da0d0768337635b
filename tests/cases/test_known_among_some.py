# SPDX-License-Identifier: EUPL-1.2
"""What is for some names what all of them have: who steps at once is told, and nobody else is."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from brug.cases import narrowing, rules
from brug.cases.acts import AnyAct, Joined, Moved, Opened, Recorded, Said
from brug.cases.case import Case
from brug.cases.entries import Author, Entry, case_of, next_of
from brug.cases.folding import fold
from brug.cases.kinds.disclosure import DISCLOSURE

NODES, ORGS, PARTS = ([str(UUID(int=base + n)) for n in range(5)] for base in (200, 100, 1))
LEAD, OTHER_LEAD, VENDOR, OTHER_VENDOR, LATE = range(5)
CASE = case_of(Author(NODES[LEAD], ORGS[LEAD], 1), "disclosure", PARTS[LEAD])


class World:
    """A disclosure with two coordinators and two vendors, each on a node of its own."""

    def __init__(self) -> None:
        self.held: list[dict[str, Entry]] = [{} for _ in NODES]
        self.made = 1000
        self.write(LEAD, Opened(kind="disclosure", title="x", number="CVD-1",
                                participant=PARTS[LEAD], name="0"))  # fmt: skip
        for who, role in ((OTHER_LEAD, "coordinator"), (VENDOR, "vendor"),
                          (OTHER_VENDOR, "vendor")):  # fmt: skip
            self.join(who, role)
        for who in (VENDOR, OTHER_VENDOR):
            self.write(LEAD, Recorded(fact="first_vendor_contact_attempt_at", zone="UTC",
                                      at="2026-01-01T00:00:00Z", of=PARTS[who]))  # fmt: skip
        self.exchange()

    def join(self, who: int, role: str) -> None:
        self.write(LEAD, Joined(participant=PARTS[who], org=ORGS[who], name=str(who), role=role,
                                node=NODES[who]))  # fmt: skip

    def case(self, who: int) -> Case:
        return fold(DISCLOSURE, self.held[who].values())

    def write(self, who: int, act: AnyAct, to: tuple[int, ...] = ()) -> Entry:
        by, case = Author(NODES[who], ORGS[who], 1), self.case(who)
        if isinstance(act, Opened):
            case = Case(DISCLOSURE)
        rules.require(case, by, act)
        named = narrowing.recipients(case, act, [PARTS[one] for one in to])
        self.made += 1
        entry = Entry(
            id=str(UUID(int=self.made)), case=CASE, author=by, at="2026-01-01T00:00:00Z",
            knows=dict(next_of(by.node, self.held[who].values(), datetime.now(UTC),
                               narrowing.had_by_all(case, by, act, named))),
            to=tuple(sorted(named)), act=act,
        )  # fmt: skip
        self.held[who][entry.id] = entry
        return entry

    def step(self, who: int, trigger: str, leaves: str, of: int = VENDOR) -> Entry:
        return self.write(who, Moved(machine="contact", trigger=trigger, leaves=leaves,
                                     of=PARTS[of], because="x"))  # fmt: skip

    def exchange(self) -> None:
        """Each gets what is for it."""
        for held in self.held:
            for entry in held.values():
                to = narrowing.readers(self.case(LEAD), entry)
                for who, others in enumerate(self.held):
                    if not entry.to or PARTS[who] in to:
                        others.setdefault(entry.id, entry)


@pytest.fixture
def world() -> World:
    return World()


def test_two_who_lead_and_step_at_once_are_told_and_one_of_them_settles_it(world: World) -> None:
    both = [world.step(who, "write", "unwritten") for who in (LEAD, OTHER_LEAD)]
    world.exchange()
    for who in (LEAD, OTHER_LEAD, VENDOR):
        case = world.case(who)
        (conflict,) = case.open_conflicts
        assert {conflict.holds, conflict.beside} == {one.id for one in both}
        assert (case.ignored, case.positions["contact", PARTS[VENDOR]].state) == ([], "written")
    third = world.step(LEAD, "fall_silent", "written")
    assert third.knows[NODES[OTHER_LEAD]] == both[1].number
    world.exchange()
    for who in (LEAD, OTHER_LEAD, VENDOR):
        case = world.case(who)
        assert (case.open_conflicts, case.conflicts[0].settled) == ([], third.id)
        assert case.positions["contact", PARTS[VENDOR]].state == "silent"
    assert both[0].id not in world.held[OTHER_VENDOR]


def test_whoever_has_neither_step_is_told_of_none(world: World) -> None:
    hidden = [world.step(who, "write", "unwritten") for who in (LEAD, OTHER_LEAD)]
    world.exchange()
    hidden.append(world.step(LEAD, "fall_silent", "written"))
    world.exchange()
    numbers = {one.number for one in hidden}
    # For all, for others, for one of several, and a step about another.
    for said in (
        world.write(OTHER_LEAD, Said(text="for all")),
        world.write(VENDOR, Said(text="for all")),
        world.write(OTHER_LEAD, Said(text="for another"), (OTHER_VENDOR,)),
        world.write(OTHER_LEAD, Said(text="for both"), (VENDOR, OTHER_VENDOR)),
        world.step(OTHER_LEAD, "write", "unwritten", OTHER_VENDOR),
    ):
        assert numbers.isdisjoint(set(said.knows.values()) - {said.number})


def test_who_may_have_it_later_by_their_role_is_told_of_nothing_else(world: World) -> None:
    """A message to those who lead now is not for those who will; a step is."""
    message = world.write(OTHER_LEAD, Said(text="between us"), (LEAD, VENDOR))
    world.exchange()
    step = world.step(LEAD, "write", "unwritten")
    assert step.knows.get(NODES[OTHER_LEAD], 0) < message.number
    answer = world.write(LEAD, Said(text="so do we"), (OTHER_LEAD,))
    assert answer.knows[NODES[OTHER_LEAD]] == message.number
    world.join(LATE, "coordinator")
    world.exchange()
    assert step.id in world.held[LATE]
    assert message.id not in world.held[LATE]
    # Who leads since has the steps of before, and names them.
    again = world.step(LATE, "fall_silent", "written")
    assert again.knows[NODES[LEAD]] >= step.number
