# SPDX-License-Identifier: EUPL-1.2
"""A disclosure between a finder, two vendors and a coordinator; and Vultron's histories."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from tests.cases.conftest import Node

from brug.cases import files, keeping
from brug.cases.act_rules import Blocked
from brug.cases.acts import AnyAct, Embargoed, Filled, Joined, Moved, Recorded
from brug.cases.case import Case
from brug.cases.embargoes import negotiating, terms
from brug.cases.embargoes.negotiating import Step
from brug.cases.kinds.disclosure_machines import EXPOSURE, FIX
from brug.cases.taking_part import NotYours
from brug.model.errors import Conflict, Invalid

SOON, LATER = "2190-01-31T09:00Z", "2190-05-31T09:00Z"


class Disclosure:
    """One, with the participants that tests speak of."""

    def __init__(self, node: Node) -> None:
        self.node = node
        with node.database.as_user(node.host) as session:
            self.number = keeping.open_case(session, "disclosure", "Overflow in a pump").number
        self.parts = {name: str(uuid4()) for name in ("entity", "other")}
        for name, part in self.parts.items():
            self.act(Joined(participant=part, org=node.orgs[name], name=name, role="vendor"))

    def act(self, *several: AnyAct, user: int | None = None) -> None:
        with self.node.database.as_user(user or self.node.host) as session:
            for one in several:
                keeping.act(session, self.number, one)

    def move(self, machine: str, trigger: str, of: str = "", user: int | None = None) -> None:
        whose = self.parts.get(of, "")
        leaves = self.case().positions[machine, whose].state
        self.act(
            Moved(machine=machine, trigger=trigger, leaves=leaves, of=whose, because="so"),
            user=user,
        )

    def step(self, *steps: Step, user: int | None = None) -> None:
        with self.node.database.as_user(user or self.node.host) as session:
            for one in steps:
                negotiating.take(session, self.number, one)

    def fact(self, name: str) -> None:
        self.act(Recorded(fact=name, at="2026-11-27T10:00:00Z", zone="UTC"))

    def case(self) -> Case:
        with self.node.database.as_user(self.node.host) as session:
            return files.view(session, self.number)[1]

    def state(self, machine: str, of: str = "") -> str:
        return self.case().positions[machine, self.parts.get(of, "")].state


@pytest.fixture
def disclosure(node: Node) -> Disclosure:
    return Disclosure(node)


def test_an_embargo_asks_everybody_and_its_revision_asks_again(disclosure: Disclosure) -> None:
    with pytest.raises(Invalid, match="terms"):
        disclosure.move("embargo", "propose")
    disclosure.act(Embargoed(until="2027-01-31T09:00:00Z", zone="Europe/Amsterdam"))
    disclosure.move("embargo", "propose")
    assert disclosure.state("consent", "entity") == "invited"
    disclosure.move("consent", "agree", "entity", user=disclosure.node.entity)
    with pytest.raises(NotYours):
        disclosure.move("consent", "agree", "other", user=disclosure.node.entity)
    disclosure.move("embargo", "accept_embargo")
    with pytest.raises(Invalid, match="terms"):
        disclosure.move("embargo", "propose", user=disclosure.node.entity)
    disclosure.step(Step(step="propose", until=LATER), user=disclosure.node.entity)
    disclosure.move("embargo", "accept_embargo")
    assert disclosure.state("embargo") == "active"
    assert disclosure.state("consent", "entity") == "lapsed"
    assert disclosure.state("consent", "other") == "invited"


def test_a_proposal_of_anybody_binds_nobody_and_the_shortest_comes_first(
    disclosure: Disclosure,
) -> None:
    node, parts = disclosure.node, disclosure.parts
    disclosure.step(Step(step="propose", until=LATER, because="Firmware"), user=node.entity)
    disclosure.step(Step(step="propose", until=SOON, zone="Europe/Amsterdam"), user=node.other)
    case = disclosure.case()
    assert (case.embargo, disclosure.state("embargo")) == (None, "proposed")
    assert not terms.holds(case, datetime.now(UTC))
    assert [(one.number, one.state) for one in terms.waiting(case)] == [
        (2, "proposed"), (1, "proposed"),
    ]  # fmt: skip
    assert [one.agreed for one in terms.versions(case)] == [[parts["entity"]], [parts["other"]]]
    with pytest.raises(NotYours):
        disclosure.step(Step(step="accept"), user=node.entity)
    with pytest.raises(Invalid, match="2, 1"):
        disclosure.step(Step(step="accept", version=9))
    disclosure.step(Step(step="accept"))
    case = disclosure.case()
    assert case.embargo
    assert case.embargo.until == "2190-01-31T09:00:00Z"
    assert terms.holds(case, datetime.now(UTC))
    # What lasts longer is proposed again as other terms, and who agreed to it is asked again.
    assert [(one.until[:7], one.why, one.state) for one in terms.versions(case)] == [
        ("2190-05", "Firmware", "replaced"), ("2190-01", "", "in_force"),
        ("2190-05", "Firmware", "proposed"),
    ]  # fmt: skip
    assert disclosure.state("embargo") == "revise"
    assert [disclosure.state("consent", name) for name in parts] == ["lapsed", "signatory"]
    disclosure.step(Step(step="agree"), user=node.entity)
    disclosure.step(Step(step="reject", because="Too long"))
    case = disclosure.case()
    assert [one.state for one in terms.versions(case)] == ["replaced", "in_force", "rejected"]
    assert terms.versions(case)[1].agreed == [parts["other"], parts["entity"]]
    assert case.embargo
    assert disclosure.state("embargo") == "active"


def test_what_is_rejected_leaves_no_embargo_and_a_fix_begins_none(disclosure: Disclosure) -> None:
    node = disclosure.node
    disclosure.step(Step(step="propose", until=SOON), user=node.entity)
    disclosure.step(Step(step="refuse", because="Never"), user=node.other)
    assert terms.versions(disclosure.case())[0].refused == [disclosure.parts["other"]]
    with pytest.raises(Invalid, match="reason"):
        disclosure.step(Step(step="reject"))
    disclosure.step(Step(step="reject", because="No"))
    assert (disclosure.state("embargo"), disclosure.case().embargo) == ("none", None)
    with pytest.raises(Conflict):
        disclosure.step(Step(step="accept"))
    disclosure.step(Step(step="propose", until=SOON), user=node.entity)
    disclosure.fact("fix_available_at")
    disclosure.move("fix", "be_aware", "entity")
    for trigger in ("receive", "validate", "accept"):
        disclosure.move("report", trigger, "entity")
    disclosure.move("fix", "have_fix", "entity")
    with pytest.raises(Blocked, match="fix"):
        disclosure.step(Step(step="accept"))


def test_what_becomes_public_ends_the_embargo_and_every_vendor_knows(
    disclosure: Disclosure,
) -> None:
    disclosure.act(Embargoed(until="2027-01-31T09:00:00Z", zone="UTC"))
    disclosure.move("embargo", "propose")
    disclosure.move("embargo", "accept_embargo")
    disclosure.fact("exploit_public_at")
    disclosure.move("exposure", "exploit")
    assert disclosure.state("exposure") == "PXa"
    assert disclosure.state("embargo") == "exited"
    assert {disclosure.state("fix", name) for name in disclosure.parts} == {"Vfd"}
    assert {disclosure.state("consent", name) for name in disclosure.parts} == {"no_embargo"}


def test_a_vendor_has_a_fix_only_for_what_it_accepted_and_then_no_embargo_is_begun(
    disclosure: Disclosure,
) -> None:
    disclosure.fact("fix_available_at")
    disclosure.move("fix", "be_aware", "entity")
    with pytest.raises(Blocked, match="accepted"):
        disclosure.move("fix", "have_fix", "entity", user=disclosure.node.entity)
    for trigger in ("receive", "validate", "accept"):
        disclosure.move("report", trigger, "entity", user=disclosure.node.entity)
    disclosure.move("fix", "have_fix", "entity", user=disclosure.node.entity)
    disclosure.act(Embargoed(until="2027-01-31T09:00:00Z", zone="UTC"))
    with pytest.raises(Blocked, match="fix"):
        disclosure.move("embargo", "propose")


def test_nothing_is_published_under_an_embargo_or_with_a_vector_that_nobody_reads(
    disclosure: Disclosure,
) -> None:
    disclosure.fact("report_received_at")
    fields = {"triage": "coordinate", "products": ["pkg:npm/pump@1.0"], "summary": "An overflow"}
    disclosure.act(Filled(fields=fields | {"cvss_31": "CVSS:3.1/AV:N"}))
    disclosure.move("handling", "verify")
    disclosure.move("handling", "coordinate")
    disclosure.act(Embargoed(until="2027-01-31T09:00:00Z", zone="UTC"))
    disclosure.move("embargo", "propose")
    disclosure.move("embargo", "accept_embargo")
    with pytest.raises(Blocked, match="end of the embargo"):
        disclosure.move("handling", "publish")
    disclosure.move("embargo", "terminate")
    with pytest.raises(Blocked, match="cvss_31"):
        disclosure.move("handling", "publish")
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    disclosure.act(Filled(fields={"cvss_31": vector}))
    disclosure.move("handling", "publish")
    assert disclosure.state("handling") == "published"


# Vultron's case state, by its published rule (CMU/SEI-2021-SR-021) -----------------------


def _allowed(state: str) -> set[str]:
    """Which of the six events may be next; capitals are those that happened."""
    v, f, d, p, x, a = tuple(state)
    if x == "X" and p == "p":
        return {"P"}
    if p == "P" and v == "v":
        return {"V"}
    found = {up for up, low in (("P", p), ("X", x), ("A", a)) if low.islower()}
    if v == "v":
        found.add("V")
    if v == "V" and f == "f":
        found.add("F")
    if f == "F" and d == "d":
        found.add("D")
    return found


def _histories(state: str = "vfdpxa", so_far: str = "") -> set[str]:
    if state.isupper():
        return {so_far}
    return {
        history
        for event in _allowed(state)
        for history in _histories(state.replace(event.lower(), event), so_far + event)
    }


_FIX = {"be_aware": "V", "have_fix": "F", "deploy": "D"}
_EXPOSURE = {"be_public": "P", "exploit": "X", "attack": "A"}


def _ours(fix: str = "vfd", exposure: str = "pxa", so_far: str = "") -> set[str]:
    """Histories that our two machines let happen for one vendor, what follows at once included."""
    if (fix, exposure) == ("VFD", "PXA"):
        return {so_far}
    found = set()
    for one in FIX.leaving(fix):
        found |= _ours(one.target, exposure, so_far + _FIX[one.trigger])
    for one in EXPOSURE.leaving(exposure):
        events = _EXPOSURE[one.trigger]
        if "p" in exposure and "P" in one.target and events == "X":
            events += "P"
        aware = fix
        for effect in one.also:
            if effect.machine == "fix" and fix in effect.source:
                aware, events = effect.target, events + "V"
        found |= _ours(aware, one.target, so_far + events)
    return found


def test_the_seventy_histories_are_vultrons() -> None:
    assert len(_histories()) == 70
    assert _ours() == _histories()
