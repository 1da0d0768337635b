# SPDX-License-Identifier: EUPL-1.2
"""One thing in many cases: each by its own rules, nothing of anybody's lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from tests.cases.many.conftest import AT, World

from brug.cases import bulk, keeping
from brug.cases.acts import Marked, Moved, Planned, Recorded, Said
from brug.cases.bulk import Asked, Join, Link, Mark, Move, Outcome, Plan, Say
from brug.cases.files import File
from brug.model.errors import Invalid


def run(world: World, step: bulk.AnyStep, *asked: File | Asked, who: str = "lead") -> list[Outcome]:
    names = [one if isinstance(one, Asked) else Asked(one.number) for one in asked]
    with world.database.as_user(world.ids[who]) as session:
        return bulk.run(session, step, names)


def codes(outcomes: list[Outcome]) -> list[str]:
    return ["done" if one.error is None else one.error.code for one in outcomes]


def test_each_goes_by_its_own_rules_and_what_one_refuses_hinders_no_other(world: World) -> None:
    ready, bare, closed = (world.open(f"Case {n}") for n in range(3))
    for file in (ready, closed):
        world.act(file, Recorded(fact="detected_at", **AT))
    world.act(closed, Moved(machine="phase", trigger="dismiss", leaves="detection", because="no"))
    theirs = world.open("Theirs", "never")
    outcomes = run(world, Move(trigger="contain"), bare, ready, theirs, closed)
    assert codes(outcomes) == ["blocked", "done", "not_found", "invalid"]
    assert world.seen(ready).state == "containment"
    assert world.seen(bare).state == "detection"
    assert world.seen(closed).state == "closed"
    assert outcomes[1].file is not None
    assert outcomes[1].file.state == "containment"


def test_what_is_hidden_is_as_absent(world: World) -> None:
    theirs = world.open("Theirs", "never")
    for name in (theirs.number, theirs.uuid, str(uuid4())):
        (outcome,) = run(world, Say(text="hello"), Asked(name))
        assert (outcome.file, outcome.error and outcome.error.public) == (
            None,
            "There is no such item, or you may not see it.",
        )
    assert len(world.seen(theirs, "never").timeline) == 1


@pytest.mark.parametrize(
    ("step", "holds"),
    [
        (Say(text="Patch today"), lambda c: c.timeline[-1].act.text == "Patch today"),
        (Plan(title="Patch", assignee="lead", due="2026-12-01T09:00:00Z"),
         lambda c: [t.due for t in c.tasks.values()] == ["2026-12-01T09:00:00Z"]),
        (Mark(tlp="amber"), lambda c: (c.marking.tlp, c.marking.pap) == ("amber", "")),
        (Join(org="CSIRT Westland", role="csirt"),
         lambda c: c.present[-1].name == "CSIRT Westland"),
        (Link(kind="case", uuid=str(uuid4())), lambda c: len(c.links) == 1),
    ],
)  # fmt: skip
def test_each_step_is_the_act_of_one_case(world: World, step: bulk.AnyStep, holds: Any) -> None:
    cases = [world.open("A"), world.open("B")]
    assert codes(run(world, step, *cases, cases[0])) == ["done", "done"]
    assert all(holds(world.seen(one)) for one in cases)


def test_a_marking_that_somebody_changed_meanwhile_stays(world: World) -> None:
    a, b = world.open("A"), world.open("B")
    asked = [Asked(one.uuid, one.state, (one.tlp, one.pap)) for one in (a, b)]
    world.act(a, Marked(tlp="red", pap="red"), "colleague")
    assert codes(run(world, Mark(tlp="green"), *asked)) == ["meanwhile", "done"]
    assert world.seen(a).marking.tlp == "red"
    assert world.seen(b).marking.tlp == "green"


def test_a_move_that_somebody_was_before_with_is_refused(world: World) -> None:
    file = world.open("A")
    world.act(file, Recorded(fact="detected_at", **AT))
    for trigger, leaves in (("contain", "detection"), ("eradicate", "containment")):
        world.act(file, Moved(machine="phase", trigger=trigger, leaves=leaves))
    assert codes(run(world, Move(trigger="contain"), Asked(file.uuid, "detection"))) == [
        "out_of_step"
    ]
    assert codes(run(world, Move(trigger="recur", leaves="recovery", because="x"), file)) == [
        "out_of_step"
    ]


def test_a_task_of_the_same_name_is_assigned_and_not_doubled(world: World) -> None:
    file = world.open("A")
    peer = world.join(file, "peer", "csirt")
    task = Planned(task=str(uuid4()), title="Patch", due="2026-12-01T09:00:00Z")
    world.act(file, task)
    narrow = Planned(task=str(uuid4()), title="Ask", assignee=peer)
    world.act(file, narrow, to=[peer])
    assert codes(run(world, Plan(title="Patch", assignee="peer"), file)) == ["done"]
    assert codes(run(world, Plan(title="Ask"), file)) == ["done"]
    tasks = {(one.title, one.assignee, one.due) for one in world.seen(file).tasks.values()}
    assert tasks == {
        ("Patch", peer, "2026-12-01T09:00:00Z"), ("Ask", peer, ""), ("Ask", "", ""),
    }  # fmt: skip
    assert codes(run(world, Plan(title="Patch", assignee="nobody"), file)) == ["invalid"]


def test_two_coordinators_at_once_lose_nothing(world: World) -> None:
    cases = [world.open(f"Case {n}") for n in range(4)]
    work = [("lead", cases), ("colleague", cases[::-1])]
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(run, world, Say(text=f"by {who}"), *order, who=who) for who, order in work
        ]
        assert [codes(job.result()) for job in jobs] == [["done"] * 4] * 2
    for file in cases:
        case = world.seen(file)
        said = {one.act.text for one in case.timeline if isinstance(one.act, Said)}
        assert said == {"by lead", "by colleague"}
        assert case.ignored == []


def test_what_was_done_before_a_failure_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = world.open("A"), world.open("B")
    acted = keeping.act

    def breaks(session: Any, which: str, *more: Any) -> Any:
        if which == b.uuid:
            raise OSError("the disk is gone")
        return acted(session, which, *more)

    monkeypatch.setattr(keeping, "act", breaks)
    with pytest.raises(OSError, match="disk"):
        run(world, Say(text="once"), a, b)
    assert len(world.seen(a).timeline) == 2
    assert len(world.seen(b).timeline) == 1


@pytest.mark.parametrize(
    ("step", "field"),
    [
        (Say(text=" "), "text"), (Plan(title=""), "title"), (Plan(title="x", due="today"), "due"),
        (Mark(), "tlp"), (Mark(tlp="blue"), "tlp"), (Mark(pap="blue"), "pap"),
        (Join(org="", role="csirt"), "org"), (Move(trigger=""), "trigger"),
        (Link(kind="merged_into", uuid=str(uuid4())), "kind"),
        (Link(kind="case", uuid="x"), "uuid"),
        (Say(text="x", because="\0"), "because"),
    ],
)  # fmt: skip
def test_what_fits_no_case_is_refused_at_once(world: World, step: bulk.AnyStep, field: str) -> None:
    with pytest.raises(Invalid, match=field):
        run(world, step, Asked("INC-2026-0001"))


@pytest.mark.parametrize("count", [0, bulk.MOST + 1])
def test_so_many_at_once(world: World, count: int) -> None:
    with pytest.raises(Invalid, match="cases"):
        run(world, Say(text="x"), *[Asked("x")] * count)
