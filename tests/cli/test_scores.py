# SPDX-License-Identifier: EUPL-1.2
"""Scores from the command line: computed, and taken into a case."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.store.home import Home

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
POINTS = ("exploitation=active", "automatable=yes", "value_density=C", "technical_impact=total",
          "safety_impact=critical")  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ((V31,), "score", 9.8), ((V40,), "score", 9.3),
        (("AV:N/AC:L/Au:N/C:P/I:P/A:P",), "score", 7.5),
        (("supplier", *POINTS), "outcome", "Immediate"),
    ],
)  # fmt: skip
def test_what_it_comes_to(
    arguments: tuple[str, ...], name: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["advisory", "score", *arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told[name] == value
    if name == "outcome":
        assert run(["advisory", "score", told["vector"]]) == 0
        assert "Immediate" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [("x",), ("CVSS:3.1/AV:Z",), ("supplier",), ("supplier", "x"), ("SSVC/x/y/",)]
)
def test_rubbish_is_refused(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["advisory", "score", *arguments]) == 2
    assert "expected" in capsys.readouterr().err


def test_a_case_says_so(verb: Verb) -> None:
    number = verb("case", "open", "disclosure", "Pump stops")["number"]
    told = verb("case", "score", number, "--cvss", V31, "--cvss", V40, "--ssvc", "supplier",
                *(part for one in POINTS for part in ("--point", one)))  # fmt: skip
    assert [one["fields"] for one in told] == [["cvss_31"], ["cvss_40"], ["ssvc", "exploitation"]]
    fields = verb("case", "show", number)["fields"]
    assert (fields["cvss_31"], fields["cvss_40"]) == (V31, V40)
    assert fields["exploitation"] == "active"
    assert "expected" in verb("case", "score", number, code=2)
    incident = verb("case", "open", "incident", "Pumps stopped")["number"]
    assert "disclosure" in verb("case", "score", incident, "--cvss", V31, code=2)


def test_cve_numbers_and_the_record(verb: Verb, home: Home, tmp_path: Path) -> None:
    number = verb("case", "open", "disclosure", "Pump stops")["number"]
    listed = tmp_path / "ids.txt"
    listed.write_text("CVE-2026-30001, CVE-2026-30002")
    assert verb("case", "cve-import", str(listed)) == {"new": 2, "free": 2}
    assert verb("case", "cve-take", number)["number"] == "CVE-2026-30001"
    (one,) = verb("case", "cve-numbers", number)
    assert (one["id"], one["state"]) == ("CVE-2026-30001", "reserved")
    out = tmp_path / "record.json"
    assert run(["--home", str(home.path), "case", "cve", number, "-o", str(out)]) == 0
    assert json.loads(out.read_bytes())["cveMetadata"]["cveId"] == "CVE-2026-30001"
    assert "expected" in verb("case", "cve-import", str(tmp_path / "none"), code=2)


def test_policies_terms_alarms_and_vendors(verb: Verb, home: Home) -> None:
    number = verb("case", "open", "disclosure", "Pump stops")["number"]
    verb("case", "record", number, "report_received_at", "2026-11-01T00:00")
    found = {one["key"]: one for one in verb("case", "embargo-policies", number)}
    assert found["certcc"]["until"].startswith("2026-12-16")
    assert all(one["source"] for one in verb("case", "embargo-policies"))
    verb("case", "embargo", number, "2190-01-31T09:00")
    told = verb("case", "embargo-terms", number)
    assert [(one["version"], one["state"]) for one in told["versions"]] == [(1, "set")]
    assert verb("case", "alarms", number) == verb("case", "alarms") == []
    assert verb("case", "vendors", number) == []
    for words in (("embargo-policies",), ("embargo-terms", number), ("vendors", number)):
        assert run(["--home", str(home.path), "case", *words]) == 0
    assert "no alarm" in verb("case", "alarms", number, "--close", "7", "--because", "x", code=1)
