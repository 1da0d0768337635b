# SPDX-License-Identifier: EUPL-1.2
"""Terms, vendors and alarms of a disclosure, as scripts get them."""

from typing import Any

import pytest
from tests.api.cases.conftest import World

from brug.cases.embargoes import alarms


def disclosure(world: World) -> str:
    sent = {"kind": "disclosure", "title": "A pump takes any password"}
    made = world.ask("lead", "POST", "/brug/v1/cases", sent)
    assert made.status == 201, made.raw
    return str(made.body["number"])


def raised(world: World, number: str) -> int:
    with world.database.system() as session:
        row = session.one("SELECT id FROM case_file WHERE number = %s", (number,))
        assert row is not None
        alarms.raised(session, row[0], "breach", "cve elsewhere", {"cve": "CVE-2026-0042"})
        return int(session.value("SELECT max(id) FROM case_alarm"))


def test_an_alarm_is_listed_and_closed_once_with_its_reason(world: World) -> None:
    number = disclosure(world)
    alarm = raised(world, number)
    place = f"/brug/v1/cases/{number}/alarms"
    (waiting,) = [
        one for one in world.ask("lead", "GET", "/brug/v1/alarms").body["alarms"]
        if one["case"] == number
    ]  # fmt: skip
    assert (waiting["id"], waiting["kind"], waiting["closed"]) == (alarm, "breach", None)
    assert waiting["about"] == {"cve": "CVE-2026-0042"}
    assert world.ask("never", "GET", place).status == 404
    seen = world.ask("never", "GET", "/brug/v1/alarms").body["alarms"]
    assert number not in {one["case"] for one in seen}
    rubbish: list[Any] = [{}, {"because": ""}, {"because": 7}, {"because": "x", "id": 1}, []]
    for wrong in rubbish:
        assert world.ask("lead", "POST", f"{place}/{alarm}/close", wrong).status == 400, wrong
    for absent in ("0", "999999", "x", "-1", "9" * 30):
        answer = world.ask("lead", "POST", f"{place}/{absent}/close", {"because": "x"})
        assert answer.status == 404, absent
    because = {"because": "It is another flaw"}
    assert world.ask("never", "POST", f"{place}/{alarm}/close", because).status == 404
    done = world.ask("lead", "POST", f"{place}/{alarm}/close", because)
    assert [one["closed"] is None for one in done.body["alarms"]] == [False]
    again = world.ask("lead", "POST", f"{place}/{alarm}/close", because)
    assert (again.status, again.body["message"]) == (409, f"Alarm {alarm} is closed already.")
    last = world.ask("lead", "GET", f"/brug/v1/cases/{number}").body["timeline"][-1]
    assert last["act"]["because"] == "It is another flaw"


def test_terms_and_vendors_of_a_disclosure(world: World) -> None:
    number = disclosure(world)
    place = f"/brug/v1/cases/{number}/embargo"
    step = {"step": "propose", "until": "2099-01-31T10:00", "zone": "Europe/Amsterdam"}
    until = "2099-01-31T09:00:00Z"
    rubbish: list[Any] = [
        {}, [], {"step": "x"}, step | {"until": "soon"}, step | {"until": "2001-01-01T10:00"},
        step | {"zone": "Mars"}, step | {"version": "1"}, step | {"more": 1},
        {"step": "agree", "of": "x"}, {"step": "agree", "version": 7},
    ]  # fmt: skip
    for wrong in rubbish:
        assert world.ask("lead", "POST", place, wrong).status == 400, wrong
    refused = world.ask("lead", "POST", place, {"step": "accept"})
    assert (refused.status, refused.body["message"]) == (409, "No terms are proposed.")
    assert world.ask("never", "POST", place, step).status == 404
    told = world.ask("lead", "POST", place, step | {"because": "The fix needs it"}).body
    assert told == world.ask("lead", "GET", place).body
    (one,) = told["versions"]
    lead = one["by"]
    assert one == {
        "version": 1, "until": until, "zone": "Europe/Amsterdam", "state": "proposed",
        "by": lead, "because": "The fix needs it", "agreed": [lead], "refused": [],
    }  # fmt: skip
    assert told["state"] == "proposed"
    again = world.ask("lead", "POST", place, {"step": "agree"})
    assert (again.status, again.body["field"]) == (400, "step")
    assert "has agreed already" in again.body["message"]
    # It binds nobody yet.
    assert world.ask("lead", "GET", f"/brug/v1/cases/{number}").body["embargo"] is None
    told = world.ask("lead", "POST", place, {"step": "accept"}).body
    assert (told["state"], told["versions"][0]["state"]) == ("active", "in_force")
    embargo = world.ask("lead", "GET", f"/brug/v1/cases/{number}").body["embargo"]
    assert (embargo["until"], embargo["zone"]) == (until, "Europe/Amsterdam")
    assert world.ask("lead", "POST", place, {"step": "end"}).status == 400  # the reason
    told = world.ask("lead", "POST", place, {"step": "end", "because": "It is fixed"}).body
    assert (told["state"], told["versions"][0]["state"]) == ("exited", "ended")
    assert world.ask("lead", "GET", f"/brug/v1/cases/{number}/vendors").body == {"vendors": []}


@pytest.mark.parametrize("several", [False, True])
def test_terms_in_force_end_with_the_embargo_by_the_plain_act_too(
    world: World, several: bool
) -> None:
    number = disclosure(world)
    place = f"/brug/v1/cases/{number}"
    for step in ({"step": "propose", "until": "2099-01-31T10:00"}, {"step": "accept"}):
        world.ask("lead", "POST", f"{place}/embargo", step)
    doing = {"what": "embargoed", "end": True, "because": "It is fixed"}
    body: Any = [{"what": "said", "text": "It ends"}, doing] if several else doing
    answer = world.ask("lead", "POST", f"{place}/acts", body)
    assert answer.status == 201
    last = answer.body["entries"][-1] if several else answer.body
    assert last["entry"]["act"]["what"] == "embargoed"
    assert world.ask("lead", "GET", f"{place}/embargo").body["state"] == "exited"
    case = world.ask("lead", "GET", place).body
    assert case["embargo"] is None
    acts = [one["act"]["what"] for one in case["timeline"][-2:]]
    assert acts == ["moved", "embargoed"]
    again = world.ask("lead", "POST", f"{place}/acts", body)
    assert (again.status, again.body["field"]) == (409, "[1]" if several else None)
