# SPDX-License-Identifier: EUPL-1.2
"""Terms, vendors and alarms of a disclosure, as scripts get them."""

from typing import Any

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
    assert world.ask("lead", "POST", f"{place}/{alarm}/close", because).status == 409
    last = world.ask("lead", "GET", f"/brug/v1/cases/{number}").body["timeline"][-1]
    assert last["act"]["because"] == "It is another flaw"


def test_terms_and_vendors_of_a_disclosure(world: World) -> None:
    number = disclosure(world)
    until = {"what": "embargoed", "until": "2099-01-31T09:00:00Z", "zone": "Europe/Amsterdam"}
    sent = world.ask("lead", "POST", f"/brug/v1/cases/{number}/acts", [until])
    assert sent.status == 201, sent.raw
    told = world.ask("lead", "GET", f"/brug/v1/cases/{number}/embargo").body
    assert told["versions"] == [
        {"version": 1, "until": until["until"], "zone": until["zone"], "state": "set"}
    ]
    assert world.ask("lead", "GET", f"/brug/v1/cases/{number}/vendors").body == {"vendors": []}
