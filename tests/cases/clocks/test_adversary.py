# SPDX-License-Identifier: EUPL-1.2
"""Facts of a case as an adversary would have them: corrected, taken back, ahead, said by two at
once, over changes of the clocks; and a worker that looks only when it was told to.
"""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brug.cases import clocks, due, rules
from brug.cases.acts import AnyAct, Filled, Joined, Opened, Recorded
from brug.cases.case import Case
from brug.cases.clocks import Clock
from brug.cases.due import Rules
from brug.cases.entries import Author, Entry, case_of, next_of
from brug.cases.folding import fold
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.kinds.incident import INCIDENT
from brug.model.errors import BrugError, Invalid

NODES = [str(UUID(int=200 + n)) for n in range(2)]
ORGS = [str(UUID(int=100 + n)) for n in range(2)]
LEAD, ENTITY = str(UUID(int=1)), str(UUID(int=2))
BY = Rules(clocks.table(), clocks.calendar_of("NL"))
START = datetime(2026, 11, 2, 9, tzinfo=UTC)  # a Monday


class World:
    """A case of two nodes: who leads it, and an entity or a vendor."""

    def __init__(self, kind: str = "incident", role: str = "entity") -> None:
        self.kind = {"incident": INCIDENT, "disclosure": DISCLOSURE}[kind]
        self.case_id = case_of(Author(NODES[0], ORGS[0], 1), kind, LEAD)
        self.held: list[dict[str, Entry]] = [{}, {}]
        self.count = 0
        self.put(Opened(kind=kind, title="x", number="X-1", participant=LEAD, name="Lead"))
        self.put(Joined(participant=ENTITY, org=ORGS[1], name="Entity", role=role, node=NODES[1]))
        self.meet()

    def put(self, act: AnyAct, node: int = 0) -> Entry:
        held, author = self.held[node], Author(NODES[node], ORGS[node], 1)
        if held:
            rules.require(self.case(node), author, act)
        self.count += 1
        entry = Entry(
            id=str(UUID(int=10**6 + self.count, version=4)), case=self.case_id, author=author,
            at="2026-11-27T00:00:00Z", act=act,
            knows=dict(next_of(NODES[node], held.values(), START)),
        )  # fmt: skip
        held[entry.id] = entry
        return entry

    def say(self, fact: str, at: datetime | None, *, node: int = 0, of: str = ENTITY) -> None:
        text = at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
        self.put(Recorded(fact=fact, at=text, zone="Europe/Amsterdam", of=of, because="so"), node)

    def meet(self) -> None:
        self.held = [self.held[0] | self.held[1], self.held[0] | self.held[1]]

    def case(self, node: int = 0) -> Case:
        return fold(self.kind, self.held[node].values())

    def clock(self, row: str, now: datetime) -> Clock:
        return {b.clock.row.id: b.clock for b in due.clocks_of(self.case(), BY, now)}[row]


def amsterdam(text: str) -> datetime:
    return clocks.facts.read(text, "Europe/Amsterdam").at


# What was recorded one after another, and when the early warning (24 hours) is then due.
CORRECTED = [
    (["2026-03-28T12:00"], "2026-03-29T13:00"),  # an hour is missing on the wall
    (["2026-03-28T12:00", "2026-03-29T01:59", "2026-03-28T12:00"], "2026-03-29T13:00"),
    (["2026-03-29T01:59"], "2026-03-30T02:59"),
    (["2026-03-29T03:00"], "2026-03-30T03:00"),
    (["2026-10-24T12:00"], "2026-10-25T11:00"),  # an hour comes twice
    (["2026-10-26T00:00", "2026-10-24T12:00"], "2026-10-25T11:00"),
    (["2026-10-25T02:30"], "2026-10-26T01:30"),  # the first of both
    (["2026-10-25T02:30+01:00"], "2026-10-26T02:30"),  # the second one
    (["2028-02-28T08:00"], "2028-02-29T08:00"),
    (["2028-02-29T08:00", "2026-12-31T23:59"], "2027-01-01T23:59"),
]


@pytest.mark.parametrize(("said", "expected"), CORRECTED)
def test_a_deadline_follows_its_fact_back_and_forth_over_changes_of_the_clocks(
    said: list[str], expected: str
) -> None:
    world = World()
    for text in said:
        world.say("aware_at", amsterdam(text))
    found = world.clock("nis2-early-warning", amsterdam(said[-1]))
    assert found.strict == amsterdam(expected)
    assert world.case().conflicts == []


# One month after the notification: the strict end on the wall, and the last day by law.
MONTHS = [
    ("NL", "2027-01-31T10:00", "2027-02-28T10:00", "2027-03-01"),  # the 28th is a Sunday
    ("NL", "2028-01-31T10:00", "2028-02-29T10:00", "2028-02-29"),
    ("NL", "2027-02-28T10:00", "2027-03-28T10:00", "2027-03-30"),  # Easter
    ("DE", "2027-02-26T10:00", "2027-03-26T10:00", "2027-03-30"),  # Good Friday, not in France
    ("FR", "2027-02-26T10:00", "2027-03-26T10:00", "2027-03-26"),
    ("NL", "2027-03-27T10:00", "2027-04-27T10:00", "2027-04-28"),  # King's day
    ("BE", "2027-03-27T10:00", "2027-04-27T10:00", "2027-04-27"),
    ("NL", "2026-02-28T02:30", "2026-03-28T02:30", "2026-03-30"),
    ("NL", "2026-12-31T10:00", "2027-01-31T10:00", "2027-02-01"),
]


@pytest.mark.parametrize(("country", "sent", "strict", "last"), MONTHS)
def test_a_month_ends_on_its_date_or_the_last_and_moves_by_the_authoritys_holidays(
    country: str, sent: str, strict: str, last: str
) -> None:
    calendar = clocks.calendar_of(country)
    there = calendar.zone
    stated = clocks.facts_of([("notification_submitted_at", sent, there)])
    found = clocks.of(
        stated, ["entity"], clocks.facts.read(sent, there).at, calendar=calendar, table=BY.table,
        only=["nis2-final"],
    )[0]  # fmt: skip
    assert found.strict == clocks.facts.read(strict, there).at
    assert found.deadline().astimezone(calendar.clock).date().isoformat() == last


def test_a_clock_whose_start_is_taken_back_runs_no_more_and_the_steps_want_it_again() -> None:
    world = World()
    with pytest.raises(Invalid, match="taken back"):
        world.say("aware_at", None)
    world.say("aware_at", START - timedelta(days=1), of="")
    world.say("aware_at", START)
    assert world.clock("nis2-early-warning", START).started
    world.say("aware_at", None)
    # What is said of all is what is left; then there is nothing.
    found = world.clock("nis2-early-warning", START)
    assert found.strict == START
    world.say("aware_at", None, of="")
    found = world.clock("nis2-early-warning", START)
    assert (found.status, found.strict) == ("not_started", None)
    case = world.case()
    assert not case.holds("aware_at", ENTITY)
    assert due.next_of(case, BY, START).due is None
    with pytest.raises(Invalid, match="taken back"):
        world.say("aware_at", None)
    world.say("aware_at", START)
    with pytest.raises(Invalid, match="because"):
        world.put(Recorded(fact="aware_at", at="", zone="UTC", of=ENTITY))
    assert world.clock("nis2-early-warning", START).strict == START + timedelta(days=1)


def test_two_who_record_a_time_at_once_are_shown_and_one_who_knows_of_both_settles_it() -> None:
    world = World()
    world.say("aware_at", START, node=0)
    world.say("aware_at", START + timedelta(hours=5), node=1)
    world.say("detected_at", START, node=0, of="")
    world.say("detected_at", START, node=1, of="")  # the same time is no conflict
    world.meet()
    case = world.case()
    (one,) = case.open_conflicts
    assert one.about == f"aware_at {ENTITY}"
    held = case.fact("aware_at", ENTITY)
    assert held is world.held[0][one.holds].act
    world.say("aware_at", START + timedelta(hours=1))
    case = world.case()
    assert case.open_conflicts == []
    found = world.clock("nis2-early-warning", START + timedelta(hours=2))
    assert found.strict == START + timedelta(hours=25)


def test_a_fact_that_lies_ahead_starts_its_clock_when_it_comes_to_pass() -> None:
    world = World()
    ahead = START + timedelta(days=3)
    world.say("aware_at", ahead)
    case = world.case()
    assert world.clock("nis2-early-warning", START).status == "not_started"
    found = due.next_of(case, BY, START)
    assert (found.due, found.warning) == (None, ahead)
    found = due.next_of(case, BY, ahead)
    assert found.due == ahead + timedelta(hours=24)


@pytest.mark.parametrize(
    ("aware", "status"),
    [("2026-09-10T23:59", "not_applicable"), ("2026-09-11T00:00", "missed")],
)
def test_what_was_so_before_a_law_held_starts_none_of_its_clocks(aware: str, status: str) -> None:
    world = World("disclosure", "vendor")
    world.put(Filled(fields={"union_market": "yes"}))
    world.say("aware_of_active_exploitation_at", amsterdam(aware))
    assert world.clock("cra-vuln-warning", datetime(2026, 11, 27, tzinfo=UTC)).status == status


def test_users_are_told_of_an_exploited_vulnerability_without_a_period_until_they_were() -> None:
    world, row = World("disclosure", "vendor"), "cra-vuln-users"
    aware = amsterdam("2026-11-20T09:00")
    world.say("aware_of_active_exploitation_at", aware)
    found = world.clock(row, START + timedelta(days=900))
    assert (found.status, found.strict, found.legal) == ("running", None, None)
    assert (found.row.article, found.row.soft) == ("14(8)", "in a timely manner")
    assert found.started is not None
    assert found.started.at == aware
    assert due.next_of(world.case(), BY, aware).warning != aware
    world.say("users_informed_at", aware + timedelta(hours=30), node=1)
    world.meet()
    assert world.clock(row, aware + timedelta(days=2)).status == "met"


NAMES = (
    "aware_at", "warning_submitted_at", "notification_submitted_at", "final_submitted_at",
    "handled_at", "request_at", "requested_due_at", "intermediate_submitted_at",
)  # fmt: skip


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_a_worker_that_looks_when_it_was_told_misses_nothing(seed: int) -> None:
    """Whatever is recorded, also ahead: whoever looks at any other time owes nothing more."""
    chance, world = random.Random(seed), World()  # noqa: S311 — a world, no secret
    for _ in range(chance.randrange(1, 8)):
        at = START + timedelta(hours=chance.randrange(-72, 24 * 40))
        try:
            world.say(chance.choice(NAMES), at if chance.random() < 0.9 else None)
        except BrugError:
            continue
    case, now, sent = world.case(), START, set[tuple[str, str]]()
    others = sorted(START + timedelta(hours=chance.randrange(24 * 120)) for _ in range(12))
    last = now
    for _ in range(200):
        bound = due.clocks_of(case, BY, now)
        sent |= {(one.id, owed.key) for one, owed in due.warnings_owed(bound, now, sent)}
        next_ = due.next_of(case, BY, now, bound)
        later = next_.warning or START + timedelta(days=400)
        assert later > now
        while others and others[0] <= last:
            others.pop(0)
        while others and now < others[0] < later:
            at = others.pop(0)
            stands = due.clocks_of(case, BY, at)
            assert due.warnings_owed(stands, at, sent) == []
            assert due.next_of(case, BY, at, stands).due == next_.due
        if next_.warning is None:
            break
        last, now = now, later
    else:
        pytest.fail("it never comes to rest")
