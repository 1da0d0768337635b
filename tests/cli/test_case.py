# SPDX-License-Identifier: EUPL-1.2
"""Casework from the command line."""

import pytest
from tests.cli.conftest import Verb

from brug.cases.kinds import KINDS
from brug.cli.app import run
from brug.store.home import Home


def opened(verb: Verb, *more: str) -> str:
    made = verb("case", "open", "incident", "Pumps stopped", *more)
    return str(made["number"])


def test_a_case_from_its_opening_to_the_notification(verb: Verb) -> None:
    number = opened(
        verb, "--set", "summary=Two stations", "--set", "countries=NL", "--set", "countries=BE"
    )
    verb("org", "add", "Zuidmark Waterworks")
    verb("case", "join", number, "Zuidmark Waterworks", "--role", "entity")
    verb("case", "record", number, "detected_at", "2026-03-29T03:30", "--zone", "Europe/Amsterdam")
    verb("case", "move", number, "contain")
    unnamed = verb("case", "move", number, "assess", code=2)
    assert "of: expected whose state it is: Zuidmark Waterworks" in unnamed
    verb("case", "move", number, "assess", "--of", "zuidmark waterworks (entity)")
    shown = verb("case", "show", number)
    assert shown["state"] == "containment"
    assert shown["fields"] == {"summary": "Two stations", "countries": ["NL", "BE"]}
    assert shown["facts"]["detected_at"]["at"] == "2026-03-29T01:30:00Z"
    verb("case", "record", number, "detected_at", "--take-back", "--because", "A test of pumps")
    assert verb("case", "show", number)["facts"] == {}
    states = {(one["machine"], bool(one["of"])): one["state"] for one in shown["states"]}
    assert states == {
        ("phase", False): "containment", ("nis2", True): "assessing", ("crisis", False): "none",
        ("csirts_network", False): "normal", ("cyclone", False): "normal",
        ("ipcr", False): "none",
    }  # fmt: skip
    assert any("find_significant (needs first: aware_at" in step for step in shown["next"])
    assert [one["act"]["what"] for one in shown["timeline"]] == [
        "opened", "filled", "joined", "recorded", "moved", "moved",
    ]  # fmt: skip


def test_a_kind_says_what_each_field_takes(verb: Verb) -> None:
    for kind in KINDS.values():
        told = verb("case", "kinds", kind.key)
        takes = {one["field"]: one["takes"] for one in told["fields"]}
        assert list(takes) == list(kind.fields.__struct_fields__)
        assert all(one["title"] != one["field"] for one in told["fields"])
    incident = {one["field"]: one["takes"] for one in verb("case", "kinds", "incident")["fields"]}
    assert incident["personal_data"] == "no, unknown, yes"
    assert incident["bound_as"].startswith("several: controller, ")
    assert (incident["loss_eur"], incident["summary"]) == ("a whole number", "a text")
    assert incident["countries"] == "several: a text such as NL or BE"
    assert "incident" in verb("case", "kinds", "raid", code=2)


def test_a_task_keeps_what_is_not_said_of_it_anew(verb: Verb) -> None:
    number = opened(verb)
    plan = ("case", "plan", number, "Go there")
    said = verb(*plan, "--for", "lead", "--due", "2026-12-01T09:00", "--to", "lead")
    task = said["act"]["task"]
    assert len(said["to"]) == 1
    verb(*plan, "--task", task, "--done", "--to", "lead")
    (now,) = verb("case", "show", number)["tasks"]
    assert now == {k: v for k, v in said["act"].items() if v} | {"is_done": True}
    verb(*plan, "--task", task, "--to-do", "--due", "2026-12-02T09:00", "--to", "lead")
    (now,) = verb("case", "show", number)["tasks"]
    assert (now["due"], "is_done" in now) == ("2026-12-02T09:00:00Z", False)
    unknown = "1b1b1b1b-0000-4000-8000-000000000009"
    assert "task of the case" in verb(*plan, "--task", unknown, "--done", code=2)


def test_people_read_fields_as_they_filled_them(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    number = opened(verb)
    capsys.readouterr()
    filled = ["case", "fill", number, "countries=NL", "countries=BE", "sector="]
    assert run(["--home", str(home.path), *filled]) == 0
    assert "fields  countries=NL, BE; sector=" in capsys.readouterr().out
    assert run(["--home", str(home.path), "case", "show", number]) == 0
    assert "filled  fields countries=NL, BE; sector=" in capsys.readouterr().out


def test_people_are_told_for_whom_a_message_is_whose_times_there_are_and_what_started_a_clock(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    number = opened(verb)
    verb("org", "add", "Heidekoog Power")
    verb("case", "join", number, "Heidekoog Power", "--role", "entity")
    verb("case", "record", number, "aware_at", "2026-03-02T03:30", "--of", "entity")
    verb("case", "record", number, "started_at", "2026-03-02T02:30", "--of", "entity")
    gone = ("--take-back", "--because", "x", "--of", "entity")
    verb("case", "record", number, "started_at", *gone)
    verb("case", "say", number, "The provider has the logs", "--to", "entity")
    verb("case", "say", number, "Somebody goes there")
    capsys.readouterr()
    assert run(["--home", str(home.path), "case", "show", number]) == 0
    lines = capsys.readouterr().out.splitlines()
    name = verb("case", "show", number)["participants"][-1]["name"]
    assert f"aware_at of {name}  2026-03-02T03:30:00Z (UTC)" in lines
    assert not any(line.startswith("started_at") for line in lines)
    assert lines[-2].endswith(f"said  text The provider has the logs  (to {name})")
    assert lines[-1].endswith("said  text Somebody goes there")
    capsys.readouterr()
    assert run(["--home", str(home.path), "case", "clocks", number]) == 0
    assert "  aware_at  " in capsys.readouterr().out


def test_a_list_says_what_it_leaves_out(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(verb)
    opened(verb)
    capsys.readouterr()
    assert run(["--home", str(home.path), "case", "list", "--limit", "1"]) == 0
    said = capsys.readouterr()
    assert "INC-" in said.out
    assert "1 of " in said.err
    assert "--offset" in said.err
    verb("case", "list", "--offset", "99999999999999999999", code=2)


def test_what_is_done_in_a_case_is_read_again(verb: Verb) -> None:
    number = opened(verb)
    verb("case", "fill", number, "users_affected=1200", "cross_border=unknown")
    verb("case", "fill", number, "cross_border=")
    verb("case", "rename", number, "Pumps stopped twice")
    verb("case", "mark", number, "--tlp", "amber")
    verb("case", "say", number, "Somebody should go there", "--to", "lead")
    task = verb("case", "plan", number, "Go there", "--for", "lead", "--due", "2026-12-01T09:00")
    verb("case", "plan", number, "Go there", "--task", task["act"]["task"], "--done")
    verb("case", "decide", number, "Tell the press?", "No", "--because", "not yet")
    verb("case", "link", number, "event", "1b1b1b1b-0000-4000-8000-000000000001")
    verb("case", "embargo", number, "2026-12-24T09:00", "--zone", "Europe/Amsterdam")
    shown = verb("case", "show", number)
    assert shown["fields"] == {"users_affected": 1200}
    assert shown["title"] == "Pumps stopped twice"
    assert shown["marking"]["tlp"] == "amber"
    assert shown["tasks"][0]["is_done"]
    assert shown["links"][0]["kind"] == "event"
    assert shown["embargo"]["until"] == "2026-12-24T08:00:00Z"
    assert verb("case", "list", "--text", "press")[0]["number"] == number


def test_an_embargo_ends_where_somebody_says_so_and_why(verb: Verb) -> None:
    number = opened(verb)
    assert verb("case", "embargo", number) is None
    verb("case", "embargo", number, "--end", "--because", "It is over", code=1)  # there is none
    verb("case", "embargo", number, "2190-12-24T09:00", "--zone", "Europe/Amsterdam")
    assert verb("case", "embargo", number)["until"] == "2190-12-24T08:00:00Z"
    for wrong in (["--end"], ["--end", "2190-12-25T09:00", "--because", "x"]):
        verb("case", "embargo", number, *wrong, code=2)
    assert verb("case", "show", number)["embargo"]["until"] == "2190-12-24T08:00:00Z"
    verb("case", "embargo", number, "--end", "--because", "It is fixed")
    assert verb("case", "embargo", number) is None
    last = verb("case", "show", number)["timeline"][-1]["act"]
    assert (last["what"], last["because"]) == ("embargoed", "It is fixed")


def test_one_person_is_asked_in_by_whoever_leads_and_nobody_of_elsewhere(verb: Verb) -> None:
    verb("org", "add", "Heide")
    verb("org", "add", "Westland")
    verb("role", "add", "Case worker", "--like", "User", "--right", "case")
    for who in ("lead@heide.example", "anna@westland.example", "bert@westland.example"):
        org = who.partition("@")[2].partition(".")[0].title()
        verb("user", "add", who, "--org", org, "--role", "Case worker")
    lead = ("--as", "lead@heide.example")
    number = verb("case", "open", "incident", "Pumps stopped", *lead)["number"]
    to = ("case", "join", number, "Westland", "--role", "csirt", *lead, "--person")
    assert "user: expected a person of this" in verb(*to, "lead@heide.example", code=2)
    assert verb(*to, "anna@westland.example")["act"]["name"] == "anna@westland.example (Westland)"
    assert verb("case", "list", "--as", "anna@westland.example")[0]["number"] == number
    assert verb("case", "list", "--as", "bert@westland.example") == []


def test_whoever_takes_no_part_is_told_that_there_is_no_such_case(verb: Verb) -> None:
    number = opened(verb)
    verb("org", "add", "Oostmeer Energy")
    verb("user", "add", "officer@oostmeer.example", "--org", "Oostmeer Energy", "--role", "User")
    said = verb("case", "show", number, "--as", "officer@oostmeer.example", code=1)
    assert said == f"brug: no case {number}\n"
    assert verb("case", "show", "INC-1999-0001", code=1) == "brug: no case INC-1999-0001\n"
    assert verb("case", "list", "--as", "officer@oostmeer.example") == []


def test_mistakes_name_what_was_expected(verb: Verb) -> None:
    number = opened(verb)
    for arguments, expected in (
        (("open", "lawsuit", "x"), f"kind: expected one of {', '.join(sorted(KINDS))}"),
        (("fill", number, "users_affected=many"), "users_affected: expected a whole number (got"),
        (("fill", number, "nothing=1"), "fields.nothing: expected one of summary"),
        (("fill", number, "summary"), "field: expected NAME=VALUE"),
        (("record", number, "aware_at", "2026-03-29T02:30", "--zone", "Europe/Amsterdam"), "at: "),
        (("record", number, "aware_at"), "at: "),
        (("record", number, "aware_at", "--take-back", "--because", "x"), "at: "),
        (("record", number, "aware_at", "2026-03-29T05:30", "--take-back"), "at: "),
        (("record", number, "born", "2026-03-29T05:30"), "fact: expected one of detected_at"),
        (("move", number, "close"), "trigger: expected one of contain, dismiss"),
        (("move", number, "assess", "--of", "entity"), "participant: expected one of"),
        (("mark", number, "--tlp", "pink"), "tlp: expected one of clear"),
        (("leave", number, "lead"), "somebody else who leads"),
    ):
        said = verb(
            "case", *arguments, code=2 if ": expected" in expected or expected[:3] == "at:" else 1
        )
        assert expected in said, arguments
    assert verb("case", "show", number)["state"] == "detection"


def test_kinds_say_what_they_have(verb: Verb) -> None:
    (incident,) = (one for one in verb("case", "kinds") if one["kind"] == "incident")
    assert "summary" in incident["fields"]
    assert "contain" in incident["triggers"]["phase"]
