# SPDX-License-Identifier: EUPL-1.2
"""Many cases together from the command line."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.store.home import Home


def opened(verb: Verb, title: str, *more: str) -> str:
    return str(verb("case", "open", "incident", title, *more)["number"])


def test_something_is_done_in_many(verb: Verb) -> None:
    one, two = opened(verb, "Walrus one"), opened(verb, "Walrus two")
    verb("case", "record", one, "detected_at", "2026-11-20T08:00")
    marked = verb("case", "bulk", "mark", "--tlp", "amber", one, two)
    assert [(item["case"], item["done"]) for item in marked] == [(one, True), (two, True)]
    found = verb("case", "bulk", "plan", "Patch", "--for", "lead", "--words", "walrus")
    assert {item["case"] for item in found} == {one, two}
    moved = verb("case", "bulk", "move", "contain", one, two, "absent", code=1)
    assert [item["done"] for item in moved] == [True, False, False]
    assert "detected_at" in moved[1]["why_not"]
    verb("org", "add", "Zuidmark Waterworks")
    verb("case", "bulk", "join", "Zuidmark Waterworks", one, two, "--role", "entity")
    verb("case", "bulk", "say", "Patch today", one, two)
    verb("case", "bulk", "link", "case", verb("case", "show", two)["uuid"], one)
    shown = verb("case", "show", one)
    assert (shown["state"], shown["marking"]["tlp"]) == ("containment", "amber")
    assert [task["title"] for task in shown["tasks"]] == ["Patch"]
    assert len(shown["participants"]) == 2
    assert [link["kind"] for link in shown["links"]] == ["case"]
    assert verb("case", "bulk", "say", "x", "--words", "nowhere") == []
    for odd in ([], [one, "--kind", "incident"]):
        assert "cases" in verb("case", "bulk", "say", "x", *odd, code=2)


def test_cases_that_are_alike_are_merged_and_split(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = (opened(verb, f"Hole CVE-2026-90001 {n}") for n in "ab")
    third = ["case", "open", "incident", "Another CVE-2026-90001"]
    assert run(["--home", str(home.path), *third]) == 0
    assert f"{b} shares cve CVE-2026-90001" in capsys.readouterr().err
    alike = verb("case", "duplicates", a)
    assert [one["case"]["number"] for one in alike][1:] == [b]
    said = verb("case", "say", b, "Seen in the pump")
    done = verb("case", "merge", b, a, "--messages", "--because", "the same")
    assert (done["merged"]["is_over"], done["messages"]) == (True, 1)
    assert "Seen in the pump" in json.dumps(verb("case", "show", a))
    assert not verb("case", "unmerge", b)["is_over"]
    made = verb("case", "split", b, "Apart", said["id"])
    assert "Seen in the pump" in json.dumps(verb("case", "show", made["number"]))
    assert "entries" in verb("case", "split", b, "Apart", "nothing", code=2)


def test_a_case_begins_with_a_template(verb: Verb, tmp_path: Path) -> None:
    number = opened(verb, "Went well", "--set", "sector=energy")
    verb("case", "plan", number, "Look back")
    made = verb("case", "template", "make", number, "As it went well")
    exported = verb("case", "template", "export", "As it went well")
    assert exported["fields"] == {"sector": "energy"}
    file = tmp_path / "template.json"
    file.write_text(json.dumps(exported | {"name": "Other", "title": "At {whom}"}))
    verb("case", "template", "import", str(file))
    assert "name" in verb("case", "template", "import", str(file), code=2)
    verb("case", "template", "import", str(file), "--replace")
    assert [one["template"]["name"] for one in verb("case", "template", "list")] == [
        "As it went well", "Other",
    ]  # fmt: skip
    file.write_text(json.dumps(exported | {"name": str(made["id"])}))  # as another is numbered
    numbered = verb("case", "template", "import", str(file))
    assert verb("case", "template", "import", str(file), "--replace")["id"] == numbered["id"]
    verb("case", "template", "delete", str(numbered["id"]))
    opened_from = verb("case", "template", "open", "Other", "--word", "whom=the bank")
    assert opened_from["title"] == "At the bank"
    assert "words.whom" in verb("case", "template", "open", "Other", code=2)
    verb("case", "template", "delete", str(made["id"]))
    assert "file" in verb("case", "template", "import", str(tmp_path / "absent"), code=2)


def test_figures_are_given_as_a_table_as_json_and_as_csv(
    verb: Verb, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(verb, "Counted")
    figures = verb("case", "statistics", "--months", "2")
    assert any(row["state"] == "detection" for row in figures["open"])
    assert run(["--home", str(home.path), "case", "statistics", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {"what", "of", "detail", "month", "value"} == set(rows[0])
    assert run(["--home", str(home.path), "case", "statistics"]) == 0
    assert "detection" in capsys.readouterr().out
