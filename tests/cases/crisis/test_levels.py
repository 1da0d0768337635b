# SPDX-License-Identifier: EUPL-1.2
"""Levels of a crisis: remarks against docs/spec/crisis.md, steps with their record, the order."""

from pathlib import Path

import pytest
from tests.cases import spec
from tests.cases.conftest import Node
from tests.cases.test_keeping import joined, opened, seen

from brug.cases import keeping, listing
from brug.cases.act_rules import OutOfStep
from brug.cases.acts import Filled, Moved
from brug.cases.clocks import facts
from brug.cases.crisis import escalating, levels
from brug.cases.crisis.escalating import Record
from brug.cases.crisis.remarks import UnusableRemarks, of, remarks
from brug.cases.files import File
from brug.cases.kinds import KINDS
from brug.cases.listing import Wanted
from brug.cases.taking_part import NotYours
from brug.model.errors import Invalid


def test_remarks_are_those_of_the_table() -> None:
    told = [[one.id, one.machine, one.state, one.country, one.source, one.status]
            for one in remarks()]  # fmt: skip
    assert told == spec.rows(spec.section("crisis", "Remarks"))


def test_a_remark_is_of_its_state_and_country() -> None:
    kind, every = KINDS["incident"], remarks()

    def ids(machine: str, state: str, country: str = "") -> set[str]:
        return {one.id for one in of(kind, every, machine, state, country)}

    assert ids("crisis", "technical") == {"technical", "blueprint", "large-scale"}
    assert ids("crisis", "none", "NL") == {"blueprint", "large-scale", "netherlands"}
    assert ids("ipcr", "full") == {"ipcr-full"}
    assert ids("phase", "detection") == set()
    assert of(KINDS["assistance"], every, "crisis", "technical", "") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[remark]", "TOML"),
        ("[[rule]]\nid='x'", "each under"),
        ("remark = [3]", "each under"),
        ('[[remark]]\nid = "technical"\nmeans = "x"', "technical.source"),
        ('[[remark]]\nid = "x"\nsource = "x"\nmachine = "phase"\nmeans = "x"', "x.machine"),
        (
            '[[remark]]\nid = "x"\nsource = "x"\nmachine = "ipcr"\nstate = "z"\nmeans = ""',
            "x.state",
        ),
        ('[[remark]]\nid = "x"\nsource = "x"\nmachine = "ipcr"', "a field means"),
        ('[[remark]]\nid = "x"\nsource = "x"\ncolour = "x"', "no field colour"),
        ('[[remark]]\nid = "technical"\nsource = "x"\ncountry = "nl"', "technical.country"),
    ],
)
def test_a_remark_that_cannot_be_so_is_refused_by_name(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "crisis.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnusableRemarks, match=said.replace(".", r"\.")):
        remarks(tmp_path)


def test_a_node_corrects_a_remark_and_it_counts_as_unchecked_then(tmp_path: Path) -> None:
    row = '[[remark]]\nid = "technical"\nfollows = "We call."\nsource = "Our plan"\n'
    (tmp_path / "crisis.toml").write_text(row, encoding="utf-8")
    (one,) = (one for one in remarks(tmp_path) if one.is_own)
    assert (one.follows, one.is_verified, one.source) == ("We call.", False, "Our plan")
    assert one.means.startswith("The CSIRTs network exchanges")


def step(node: Node, file: File, trigger: str, user: int | None = None, **more: object) -> None:
    with node.database.as_user(user or node.host) as session:
        machine = str(more.pop("machine", "crisis"))
        leaves = str(more.pop("leaves", ""))
        record = Record(because=str(more.pop("because", "two countries")), **more)  # type: ignore[arg-type]
        escalating.escalate(session, file.number, machine, trigger, record, leaves)


def test_each_step_keeps_the_record_that_it_had(node: Node) -> None:
    file = opened(node)
    at = facts.read("2190-11-28T09:00Z")
    step(node, file, "to_technical", criteria="NL and BE", informed=("NCSC",), review=at)
    step(node, file, "to_operational", criteria="DE too", decided_by="Minister")
    step(node, file, "ipcr_share", machine="ipcr", criteria="DE too", decided_by="Minister")
    last, second, first = escalating.history(seen(node, node.host, file))
    assert first.record == {"crisis_criteria": "NL and BE", "bodies_informed": ["NCSC"]}
    assert (first.source, first.target) == ("none", "technical")
    assert (first.review, second.review) == ("2190-11-28T09:00:00Z", "2190-11-28T09:00:00Z")
    assert second.record == {"crisis_criteria": "DE too", "crisis_decided_by": "Minister"}
    assert (last.machine, last.target) == ("ipcr", "information_sharing")


def test_a_step_wants_a_reason_a_role_and_the_state_that_it_leaves(node: Node) -> None:
    file = opened(node)
    joined(node, file, "entity", "entity")
    joined(node, file, "other", "csirt")
    before = len(seen(node, node.host, file).timeline)
    for error, trigger, more in (
        (Invalid, "to_technical", {"because": " ", "criteria": "x"}),
        (NotYours, "to_technical", {"user": node.entity, "criteria": "x"}),
        (NotYours, "to_political", {"user": node.other, "criteria": "x"}),
        (OutOfStep, "to_operational", {"leaves": "technical", "criteria": "x"}),
        (Invalid, "contain", {"machine": "phase"}),
        (Invalid, "nonsense", {}),
        (Invalid, "to_technical", {"decided_by": "x" * 501}),
    ):
        with pytest.raises(error):
            step(node, file, trigger, **more)
    assert len(seen(node, node.host, file).timeline) == before, "nothing half-written"
    step(node, file, "to_technical", node.other)
    assert levels.rank(seen(node, node.host, file)) == 1


def test_a_crisis_comes_first_in_every_list_until_it_is_over(node: Node) -> None:
    crisis, political = opened(node), opened(node)
    step(node, crisis, "to_technical")
    step(node, political, "to_political")
    quiet = opened(node)
    with node.database.as_user(node.host) as session:
        keeping.act(session, quiet.number, Filled(fields={"large_scale": "yes"}))
        for order in ("changed", "severity"):
            found, total = listing.listed(session, Wanted(order=order))
            numbers = [one.number for one in found]
            assert numbers == [political.number, crisis.number, quiet.number]
        assert (total, found[-1].severity) == (3, "very_large")
        assert [one.number for one in listing.crises(session)] == numbers[:2]
        assert listing.listed(session, Wanted(crisis=True))[1] == 2
        dismissed = Moved(machine="phase", trigger="dismiss", leaves="detection", because="drill")
        keeping.act(session, political.number, dismissed)
        assert [one.number for one in listing.crises(session)] == [crisis.number]
    with node.database.as_user(node.other) as session:
        assert listing.crises(session) == []
