# SPDX-License-Identifier: EUPL-1.2
"""`brug advisory`: without a node, on files as they come."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.formats.csaf.documents import FAILING, Json, advisory, failing

from brug.cli.app import run

Say = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nl-2026_0042.json").write_text(json.dumps(advisory()))
    return tmp_path


def _called(say: Say, *arguments: str, code: int = 0) -> tuple[str, str]:
    say.readouterr()
    assert run(["--home", "/nowhere", "advisory", *arguments]) == code
    said = say.readouterr()
    return said.out, said.err


def test_a_sound_file_is_valid(folder: Path, capsys: Say) -> None:
    file = str(folder / "nl-2026_0042.json")
    assert _called(capsys, "check", file) == (f"{file}: valid\n", "")


@pytest.mark.parametrize(("number", "pointer"), [(one[0], one[3]) for one in FAILING])
def test_a_fault_is_named_by_file_test_and_pointer(
    number: str, pointer: str, tmp_path: Path, capsys: Say
) -> None:
    file = tmp_path / "nl-2026_0042.json"
    file.write_text(json.dumps(failing(number)))
    said, _ = _called(capsys, "check", str(file), code=1)
    (line, *_) = [one for one in said.splitlines() if f": {number} " in one]
    assert line.startswith(f"{file}: {number} ")
    assert f": {pointer or '/'}: " in line


def test_machines_get_all_findings_of_all_files(folder: Path, capsys: Say) -> None:
    wrong = folder / "wrong.json"
    wrong.write_text(json.dumps(failing("6.1.9")))
    (folder / "broken.json").write_text("{")
    files = [str(folder / name) for name in ("nl-2026_0042.json", "wrong.json", "broken.json")]
    said, errors = _called(capsys, "check", "--json", *files, code=1)
    sound, faulty, broken = json.loads(said)
    assert errors == ""
    assert (sound["file"], sound["valid"], sound["findings"]) == (files[0], True, [])
    assert [one["test"] for one in faulty["findings"]] == ["6.1.9", "6.1.9"]
    assert faulty["findings"][0] == {
        "test": "6.1.9", "title": "Invalid CVSS computation",
        "pointer": "/vulnerabilities/0/scores/0/cvss_v3/baseScore",
        "message": "expected 9.8 by the vector (got '6.5')",
    }  # fmt: skip
    assert faulty["name"] == "nl-2026_0042.json"
    assert (broken["valid"], broken["findings"]) == (False, [])
    assert "line 1, column 2" in broken["refused"]


def test_a_file_with_another_name_is_valid_and_told_its_name(folder: Path, capsys: Say) -> None:
    (folder / "nl-2026_0042.json").rename(folder / "Advisory.json")
    said, remark = _called(capsys, "check", str(folder / "Advisory.json"))
    assert said.endswith("Advisory.json: valid\n")
    assert "the standard calls this file nl-2026_0042.json" in remark


def test_a_file_that_is_not_there_is_named(capsys: Say) -> None:
    said, _ = _called(capsys, "check", "/nowhere/x.json", code=1)
    assert said == (
        "/nowhere/x.json: not read: FILE: expected a file that can be read "
        "(No such file or directory) (got '/nowhere/x.json')\n"
    )
    _, error = _called(capsys, "show", "/nowhere/x.json", code=2)
    assert "No such file or directory" in error


def _piped(monkeypatch: pytest.MonkeyPatch, document: Json) -> None:
    stream: Any = io.TextIOWrapper(io.BytesIO(json.dumps(document).encode()))
    monkeypatch.setattr(sys, "stdin", stream)


def test_what_is_piped_in_is_checked_and_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: Say
) -> None:
    _piped(monkeypatch, advisory())
    assert _called(capsys, "check", "-") == ("-: valid\n", "")
    _piped(monkeypatch, advisory())
    assert "Sluice Controller" in _called(capsys, "show", "-")[0]


def test_an_advisory_is_shown_with_products_status_scores_and_what_helps(
    folder: Path, capsys: Say
) -> None:
    said, _ = _called(capsys, "show", str(folder / "nl-2026_0042.json"))
    for part in (
        "Sluice Controller writes past the end of a message", "NL-2026:0042",
        "CSIRT Noordland (https://csirt.noordland.example)", "2, final", "TLP:CLEAR",
        "CVE-2026-40001: CWE-787 Out-of-bounds Write", "known affected", "9.8 CRITICAL",
        "vers:generic/<4.2", "pkg:generic/dijk/sluice@4.2",
        "vendor fix for 1 product: Install 4.2. https://dijk.example/4.2",
        "workaround for the group G-1: Close port 4711.",
    ):  # fmt: skip
        assert part in said
    told = json.loads(_called(capsys, "show", "--json", str(folder / "nl-2026_0042.json"))[0])
    assert told["vulnerabilities"][0]["products"][2]["status"] == ["fixed"]


def test_nothing_in_an_advisory_moves_or_hides_anything_on_a_terminal(
    folder: Path, capsys: Say
) -> None:
    document = advisory()
    document["document"]["title"] = "[red]x\x1b[2J"
    remedy = document["vulnerabilities"][0]["remediations"][0]
    remedy["details"] = "one\n\nCVE-2026-1: all is well\x1b[31m"
    file = folder / "nl-2026_0042.json"
    file.write_text(json.dumps(document))
    said, _ = _called(capsys, "show", str(file))
    assert "\x1b" not in said
    assert "[red]x<1b>" in said
    assert "\nCVE-2026-1" not in said


def test_what_is_no_advisory_is_refused_by_place(folder: Path, capsys: Say) -> None:
    file = folder / "nl-2026_0042.json"
    document = advisory()
    document["document"]["tracking"]["status"] = "done"
    file.write_text(json.dumps(document))
    _, error = _called(capsys, "show", str(file), code=2)
    assert error == (
        "brug: /document/tracking/status: expected draft or final or interim (got 'done')\n"
    )
