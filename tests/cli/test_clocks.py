# SPDX-License-Identifier: EUPL-1.2
"""`brug clocks`: the table with its sources, and one deadline computed. No node is needed."""

import json
import shlex
from pathlib import Path
from typing import Any, Protocol

import pytest

from brug.cases import clocks
from brug.cli.app import run

HOWTO = Path(__file__).resolve().parents[2] / "docs/how-to/correct-a-deadline.md"
RISKLESS = "--fact aware_at=2026-11-28T08:00Z --circumstance risk_unlikely"
WARNING = "nis2-early-warning --fact aware_at=2026-11-27T14:20 --zone Europe/Amsterdam"


class Said(Protocol):
    def __call__(self, command: str, code: int = 0) -> tuple[str, str]: ...


@pytest.fixture
def said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a verb says on a node whose config folder is there, on both streams."""
    (tmp_path / "config").mkdir()

    def doing(command: str, code: int = 0) -> tuple[str, str]:
        assert run(["--home", str(tmp_path), "clocks", *shlex.split(command)]) == code
        read = capsys.readouterr()
        return read.out, read.err

    return doing


def machine(said: Said, command: str) -> Any:
    return json.loads(said(f"{command} --json")[0])


def test_titles_are_in_the_language_of_the_terminal(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Early warning" in said(f"compute {WARNING}")[0]
    monkeypatch.setenv("LC_ALL", "nl_NL.UTF-8")
    for command in ("", f"compute {WARNING}", "--json"):
        assert "Vroegtijdige waarschuwing" in said(command)[0]
        assert "Richtlijn (EU) 2022/2555 (NIS2)" in said(command)[0]
    for command in ("", "--json"):
        assert "zonder onnodige vertraging" in said(command)[0]
    assert "without undue delay" not in said("")[0]
    told = said("compute nis2-recipients --fact aware_at=2026-11-27T14:20 --role entity")[0]
    assert "zonder onnodige vertraging" in told
    for form in ("", " --json"):
        spared = said(f"compute gdpr-sa {RISKLESS}{form}")[0]
        assert "Geldt niet, omdat: risk_unlikely" in " ".join(spared.split())


def test_all_rows_are_listed_with_their_source(said: Said) -> None:
    out, _ = said("")
    for row in clocks.table():
        assert f"\n{row.id} " in out
    assert "from memory, not checked" in out
    rows = {row["id"]: row for row in machine(said, "")}
    assert rows.keys() == clocks.table().rows.keys()
    assert rows["cra-vuln-final"]["where"] == "craevidence.com"


def test_rows_are_chosen_by_role_and_by_whether_they_were_checked(said: Said) -> None:
    of_role = machine(said, "--role manufacturer")
    assert {row["instrument"] for row in of_role} == {"Regulation (EU) 2024/2847 (CRA)"}
    unchecked = machine(said, "--unverified")
    assert {row["status"] for row in unchecked} == {"memory", "proposal"}
    assert "--role: expected one of" in said("--role king", code=2)[1]


def test_one_deadline_is_computed_with_its_rule_and_source(said: Said) -> None:
    out, _ = said(f"compute {WARNING} --authority NL --now 2026-11-28T10:00")
    for line in (
        "status      due_soon at 2026-11-28 10:00:00+01:00",
        "strict end  2026-11-28 14:20:00+01:00 (2026-11-28 13:20:00+00:00 UTC)",
        "legal end   2026-11-28 15:00:00+01:00 (2026-11-28 14:00:00+00:00 UTC)",
        "started by  aware_at, 2026-11-27 14:20:00+01:00 Europe/Amsterdam",
        "article     Directive (EU) 2022/2555 (NIS2), 23(4)(a)",
        "source      nis2-info.eu; docs.modulos.ai",
    ):
        assert line in out
    assert "1182/71" in out


def test_machines_get_the_same_in_utc(said: Said) -> None:
    found = machine(said, f"compute {WARNING} --now 2026-11-28T10:00")
    assert found["strict"] == "2026-11-28T13:20:00Z"
    assert found["legal"] == "2026-11-28T14:00:00Z"
    assert found["started"] == {"at": "2026-11-27T13:20:00Z", "zone": "Europe/Amsterdam"}
    assert found["status"] == "due_soon"
    assert found["is_verified"] is True
    assert [one["mark"] for one in found["warns"]] == ["75%", "PT1H", "due"]


def test_what_was_not_checked_says_so(said: Said) -> None:
    out, _ = said("compute led-30 --fact aware_at=2026-11-27T14:20")
    assert "source      from memory, not checked" in out


def test_roles_circumstances_and_other_facts_count(said: Said) -> None:
    command = (
        "compute dora-initial --fact aware_at=2026-11-28T08:00Z"
        " --fact classified_major_at=2026-11-28T09:00Z --authority NL"
    )
    assert machine(said, command)["legal"] == "2026-11-30T11:00:00Z"
    strict = machine(said, f"{command} --role credit_institution")
    assert strict["legal"] == "2026-11-28T14:00:00Z"
    assert machine(said, f"compute gdpr-sa {RISKLESS}")["status"] == "not_applicable"
    met = f"compute {WARNING} --fact warning_submitted_at=2026-11-27T20:00 --now 2026-12-01T10:00"
    assert machine(said, met)["status"] == "met"


def test_the_authoritys_zone_can_be_said(said: Said) -> None:
    command = "compute nis2-final --fact notification_submitted_at=2026-11-24T10:00Z"
    madeira = machine(said, f"{command} --authority PT --authority-zone Atlantic/Azores")
    assert madeira["legal"] == "2026-12-25T00:59:59Z"
    assert madeira["zone"] == "Atlantic/Azores"


@pytest.mark.parametrize(
    ("command", "code", "named"),
    [
        ("nope", 1, "no deadline is called 'nope'"),
        ("nis2-early-warning", 1, "nis2-early-warning starts with aware_at"),
        ("nis2-early-warning --fact aware_at", 2, "--fact: expected NAME=TIME"),
        ("nis2-early-warning --fact x=2026-11-27T14:20", 2, "this deadline has aware_at"),
        ("nis2-early-warning --fact aware_at=yesterday", 2, "aware_at: expected a time"),
        ("nis2-early-warning --fact aware_at=2026-11-27", 2, "aware_at: expected a time, not"),
        ("nis2-early-warning --fact aware_at=0001-01-01T00:00", 2, "aware_at: expected a time"),
        (f"{WARNING} --zone Europe/Atlantis", 2, "--zone: expected a time zone"),
        (f"{WARNING} --now soon", 2, "--now: expected a time"),
        (f"{WARNING} --authority XX", 2, "--authority: expected one of"),
        (f"{WARNING} --authority NL --authority-zone Mars", 2, "--authority-zone: expected"),
        (f"{WARNING} --role king", 2, "--role: expected one of"),
        (f"{WARNING} --circumstance rain", 2, "--circumstance: expected one of"),
        ("nis2-early-warning --fact aware_at=2026-03-29T02:30 --zone Europe/Amsterdam", 2,
         "aware_at: expected a time that the clocks of Europe/Amsterdam show"),
        ("nis2-final --fact notification_submitted_at=2026-11-27T14:20", 2,
         "--authority: expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_the_name_of_the_field(
    said: Said, command: str, code: int, named: str
) -> None:
    assert named in said(f"compute {command}", code=code)[1]


def test_a_node_corrects_a_row_and_the_list_says_so(said: Said, tmp_path: Path) -> None:
    page = HOWTO.read_text("utf-8")
    first = page.split("```toml\n")[1].partition("```")[0]
    (tmp_path / "config" / "deadlines.toml").write_text(first, encoding="utf-8")
    listed = next(
        line for line in said("")[0].splitlines() if line.startswith("nis2-notification ")
    )
    assert "PT48H" in listed
    found = said("compute nis2-notification --fact aware_at=2026-11-24T14:20Z")[0]
    assert "2026-11-26 14:20:00+00:00" in found
    assert "Ministerial regulation of 1 March 2027, art. 4; of this node: period, status" in found
    (tmp_path / "config" / "deadlines.toml").write_text(first.replace("PT48H", "2 days"))
    assert "deadlines.toml: nis2-notification.period: expected an ISO 8601" in said("", code=2)[1]


def test_a_row_that_no_case_can_have_is_told(said: Said, tmp_path: Path) -> None:
    blocks = HOWTO.read_text("utf-8").split("```toml\n")[1:]
    added = next(one.partition("```")[0] for one in blocks if '"own-customers"' in one)
    (tmp_path / "config" / "deadlines.toml").write_text(added, encoding="utf-8")
    assert said("")[1] == ""
    more = '[facts]\nboard_told_at = "The board was told"\n'
    idle = more + added.replace("recipients_informed_at", "board_told_at")
    (tmp_path / "config" / "deadlines.toml").write_text(idle, encoding="utf-8")
    assert (
        "own-customers: in no case: no kind records all of aware_at, board_told_at" in said("")[1]
    )


def test_the_commands_of_the_page_work(said: Said) -> None:
    page = HOWTO.read_text("utf-8").split("```console\n")[1].partition("```")[0]
    commands = [line.removeprefix("$ brug clocks") for line in page.splitlines()]
    assert len(commands) == 3
    for command in commands:
        assert said(command)[0]
