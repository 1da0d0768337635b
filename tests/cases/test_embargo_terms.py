# SPDX-License-Identifier: EUPL-1.2
"""Terms of embargoes as several nodes negotiate them: Vultron's table, and one end for all."""

import random
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.thorough import examples

from brug.cases import rules
from brug.cases.acts import AnyAct, Joined, Moved, Opened, Recorded
from brug.cases.case import Case
from brug.cases.embargoes import negotiating, terms
from brug.cases.embargoes.negotiating import STEPS, Step
from brug.cases.entries import Author, Entry, case_of, knew, next_of
from brug.cases.folding import fold
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.kinds.disclosure_machines import CONSENT, EMBARGO
from brug.model.errors import BrugError

NODES = [str(UUID(int=200 + n)) for n in range(3)]
ORGS = [str(UUID(int=100 + n)) for n in range(3)]
PARTS = [str(UUID(int=1 + n)) for n in range(3)]
AUTHORS = [Author(NODES[n], ORGS[n], 1) for n in range(3)]
CASE = case_of(AUTHORS[0], "disclosure", PARTS[0])
NOW = datetime(2026, 11, 27, tzinfo=UTC)
ENDS = ("2027-01-31T09:00", "2027-02-28T09:00", "2027-08-31T09:00")

# Vultron's embargo management and consent (CERT/CC, vultron/core/states, August 2026).
EM = {
    ("none", "propose"): "proposed", ("proposed", "propose"): "proposed",
    ("proposed", "reject_embargo"): "none", ("proposed", "accept_embargo"): "active",
    ("active", "propose"): "revise", ("revise", "propose"): "revise",
    ("revise", "accept_embargo"): "active", ("revise", "reject_embargo"): "active",
    ("active", "terminate"): "exited", ("revise", "terminate"): "exited",
}  # fmt: skip
PEC = {
    (state, trigger): target
    for trigger, target in (("agree", "signatory"), ("refuse", "declined"))
    for state in ("no_embargo", "invited", "lapsed")
} | {("signatory", "revise"): "lapsed"}


class Nodes:
    """Three, each with what it has of one disclosure: coordinator, vendor, finder."""

    def __init__(self) -> None:
        self.held: list[dict[str, Entry]] = [{}, {}, {}]
        self.count = 0
        opened = Opened(
            kind="disclosure", title="Pump", number="CVD-1", participant=PARTS[0], name="Lead"
        )
        self.put(0, opened)
        for n, role in ((1, "vendor"), (2, "finder")):
            self.put(0, Joined(participant=PARTS[n], org=ORGS[n], name=role, role=role,
                               node=NODES[n]))  # fmt: skip
        self.meet(0, 1)
        self.meet(0, 2)

    def put(self, node: int, act: AnyAct) -> Entry:
        """Raises what the rules do."""
        held = self.held[node]
        if held:
            rules.require(self.case(node), AUTHORS[node], act)
        self.count += 1
        entry = Entry(
            id=str(UUID(int=10**6 + self.count, version=4)), case=CASE, author=AUTHORS[node],
            at="2026-11-27T00:00:00Z", act=act,
            knows=dict(next_of(NODES[node], held.values(), NOW)),
        )  # fmt: skip
        held[entry.id] = entry
        return entry

    def take(self, node: int, step: Step) -> None:
        for one in negotiating.acts(self.case(node), AUTHORS[node], step, NOW):
            self.put(node, one)

    def meet(self, one: int, other: int) -> None:
        both = self.held[one] | self.held[other]
        self.held[one], self.held[other] = both, dict(both)

    def case(self, node: int) -> Case:
        return fold(DISCLOSURE, self.held[node].values())


def told(case: Case) -> object:
    return (
        [(one.number, one.until, one.state, one.agreed, one.refused)
         for one in terms.versions(case)],
        {key: one.state for key, one in case.positions.items()},
        case.conflicts, case.ignored,
    )  # fmt: skip


def test_states_and_steps_are_vultrons() -> None:
    for machine, table in ((EMBARGO, EM), (CONSENT, PEC)):
        ours = {
            (state, one.trigger): one.target
            for state in machine.states
            for one in machine.leaving(state)
        }
        ours.pop(("declined", "ask_again"), None)  # ours: who declined may be asked once more
        assert ours == table


def test_proposals_that_did_not_know_of_each_other_both_stand() -> None:
    nodes = Nodes()
    nodes.take(1, Step(step="propose", until=ENDS[2]))
    nodes.take(2, Step(step="propose", until=ENDS[0]))
    nodes.meet(0, 1)
    nodes.meet(0, 2)
    case = nodes.case(0)
    assert [one.until[:10] for one in terms.waiting(case)] == ["2027-01-31", "2027-08-31"]
    assert (case.conflicts, case.ignored) == ([], [])
    assert [one.agreed for one in terms.waiting(case)] == [[PARTS[2]], [PARTS[1]]]
    assert not terms.holds(case, NOW)


def test_what_is_proposed_while_others_are_put_into_force_is_other_terms() -> None:
    nodes = Nodes()
    nodes.take(1, Step(step="propose", until=ENDS[0]))
    nodes.meet(0, 1)
    nodes.meet(0, 2)
    nodes.take(2, Step(step="propose", until=ENDS[2]))
    nodes.take(0, Step(step="accept"))
    nodes.meet(0, 2)
    case = nodes.case(0)
    assert case.positions["embargo", ""].state in {"active", "revise"}
    assert [one.state for one in terms.versions(case)].count("in_force") == 1
    assert [one.until[:10] for one in terms.waiting(case)] == ["2027-08-31"]
    assert terms.holds(case, NOW)
    assert not terms.holds(case, datetime(2027, 1, 31, 9, tzinfo=UTC))  # it ends with its date


@given(st.integers(0, 2**32))
@example(1096445)
@settings(max_examples=examples(60), deadline=None)
def test_however_it_is_negotiated_all_come_to_the_same_and_a_proposal_binds_nobody(
    seed: int,
) -> None:
    nodes, chance = Nodes(), random.Random(seed)  # noqa: S311 — a world, no secret
    for _ in range(14):
        node, other = chance.sample(range(3), 2)
        if chance.random() < 0.3:
            nodes.meet(node, other)
            continue
        step = Step(step=chance.choice(STEPS), until=chance.choice(ENDS), because="so",
                    of=PARTS[chance.randrange(3)])  # fmt: skip
        try:
            nodes.take(node, step)
        except BrugError:
            continue
    every = {**nodes.held[0], **nodes.held[1], **nodes.held[2]}
    several = list(every.values())
    case = fold(DISCLOSURE, several)
    chance.shuffle(several)
    assert told(fold(DISCLOSURE, several)) == told(case)
    state = case.positions["embargo", ""].state
    if terms.holds(case, NOW):
        assert case.embargo
        assert state != "none" or any(one.state == "set" for one in terms.versions(case))
    accepts = [one for one in case.timeline
               if isinstance(one.act, Moved) and one.act.trigger == "accept_embargo"]  # fmt: skip
    if not accepts:
        assert state in {"none", "proposed"}
    for one in terms.versions(case):
        assert not set(one.agreed) & set(one.refused)
        if one.state == "in_force":
            # Two may have proposed the same end at once; whoever put it into force knew of one.
            same = [each for each in case.timeline if _proposes(each) == one.until]
            assert any(knew(each, other) for each in accepts for other in (one.entry, *same))


def _proposes(entry: Entry) -> str:
    act = entry.act
    if not isinstance(act, Moved) or act.machine != "embargo" or act.trigger in {"agree", "refuse"}:
        return ""
    named = terms.said(act.because)
    return named[0] if named else ""


def test_nothing_is_proposed_once_it_is_public() -> None:
    nodes = Nodes()
    nodes.take(1, Step(step="propose", until=ENDS[0]))
    nodes.meet(0, 1)
    nodes.take(0, Step(step="accept"))
    nodes.put(0, Recorded(fact="public_disclosure_at", at="2026-11-27T00:00:00Z", zone="UTC"))
    nodes.put(0, Moved(machine="exposure", trigger="be_public", leaves="pxa"))
    case = nodes.case(0)
    assert [one.state for one in terms.versions(case)] == ["ended"]
    assert not terms.holds(case, NOW)
    for step in STEPS:
        try:
            nodes.take(0, Step(step=step, until=ENDS[1], because="so", of=PARTS[1]))
        except BrugError:
            continue
        assert step in {"agree", "refuse"}
