# SPDX-License-Identifier: EUPL-1.2
"""An authority from the command line: from a notification to the summary."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cases.authority.conftest import told
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.store.home import Home

pytestmark = pytest.mark.usefixtures("as_before")


def test_a_notification_from_its_file_to_the_summary(
    verb: Verb, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = tmp_path / "warning.json"
    form.write_bytes(told(summary="Pumps", cross_border="yes"))
    at = ("--at", "2026-11-27T10:00")
    number = str(verb("case", "receive", str(form), *at, "--channel", "by mail")["number"])
    (row,) = verb("case", "received")
    assert (row["number"], row["entity"]["name"]) == (number, "Zuidmark")
    assert row["feedback"]["strict"].startswith("2026-11-28T10:00")
    assert row["reports"][0]["report"] == "nis2-early-warning"
    assert number in verb("case", "receive", str(form), code=1)
    verb("case", "acknowledge", number)
    verb("case", "feedback", number, "Seen elsewhere", "--police", "Report it")
    until = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    asked = verb("case", "ask", number, until, "--text", "How far?")
    assert [one["act"].get("fact") for one in asked] == ["request_at", "report_due_at", None]
    assert [one["key"] for one in verb("case", "remarks", number)] == ["police", "states"]
    assert "contact" in verb("case", "forward", number, "--country", "BE", code=2)
    table = home.config / "authorities.toml"
    table.write_text('[[contact]]\ncountry = "BE"\nname = "CCB"\nemail = "soc@ccb.example"\n')
    made = verb("case", "forward", number, "--country", "BE", "--field", "classification")
    assert [one["name"] for one in made["otherwise"]] == ["CCB"]
    assert run(["--home", str(home.path), "case", "forward", number, "--country", "BE"]) == 0
    last = capsys.readouterr().err.rpartition("brug case record ")[2].split()
    assert last == [number, "states_informed_at", "TIME", "--of", "authority"]
    verb("case", "record", *(one.replace("TIME", "2026-11-27T12:00") for one in last))
    table.unlink()
    summed = verb("case", "summary", "2026-Q4", "--csv", str(tmp_path / "q.csv"), "--pdf",
                  str(tmp_path / "q.pdf"))  # fmt: skip
    assert summed["total"] is None, "one is too few to be shown"
    assert "2026-Q4,total" in (tmp_path / "q.csv").read_text().replace('"', "")
    assert (tmp_path / "q.pdf").read_bytes().startswith(b"%PDF-")


def test_what_was_told_is_taken_down(verb: Verb) -> None:
    said = ("--entity", "Harbour", "--channel", "by telephone", "--set", "summary=Cranes stopped")
    number = str(verb("case", "receive", *said, "--significant")["number"])
    case = verb("case", "show", number)
    assert case["fields"]["notified_as"] == "significant_incident"
    rows = {one["number"]: one for one in verb("case", "received")}
    assert rows[number]["reports"][0]["missing"][:2] == ["contact", "aware_at"]


def test_refusals_say_what_would_do(verb: Verb, tmp_path: Path) -> None:
    form = tmp_path / "form.json"
    form.write_text(json.dumps(json.loads(told()) | {"report": "nis3"}))
    assert "nis2-final" in verb("case", "receive", str(form), code=2)
    assert "file" in verb("case", "receive", str(tmp_path / "absent.json"), code=2)
    assert "entity" in verb("case", "receive", code=2)
    assert "2026-Q4" in verb("case", "summary", "2026", code=2)
    number = str(verb("case", "open", "incident", "Nobody notified")["number"])
    assert "no authority" in verb("case", "acknowledge", number, code=1)


def test_a_site_admin_breaks_the_glass(verb: Verb) -> None:
    """Of a case that the admin does not take part in: one it was let leave."""
    number = str(verb("case", "open", "incident", "Theirs")["number"])
    verb("org", "add", "Takes over")
    verb("case", "join", number, "Takes over", "--role", "lead")
    verb("case", "leave", number, str(verb("case", "show", number)["participants"][0]["id"]))
    assert "no case" in verb("case", "show", number, code=1)
    assert "because" in verb("case", "break-glass", number, "--because", " ", code=2)
    done = verb("case", "break-glass", number, "--because", "A court asks")
    assert done["number"] == number
    roles = {one["role"] for one in verb("case", "show", number)["participants"]}
    assert "break_glass" in roles
    assert "may not" in verb("case", "say", number, "x", code=1)
