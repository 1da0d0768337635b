# SPDX-License-Identifier: EUPL-1.2
"""Exports, calendars and webhooks from the command line."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from icalendar import Calendar
from tests.cli.conftest import Verb

from brug.cli.app import run
from brug.store.home import Home
from brug.store.server import EmbeddedServer
from brug.store.session import Database

_RUN = "import sys; from brug.cli.app import run; sys.exit(run(sys.argv[1:]))"


@pytest.fixture
def number(verb: Verb, tmp_path: Path) -> str:
    made = str(verb("case", "open", "incident", "Pumps stopped")["number"])
    path = tmp_path / "log.txt"
    path.write_bytes(b"the pump stopped\n" * 100)
    verb("case", "attach", made, str(path))
    verb("case", "plan", made, "Image the server", "--due", "2031-05-06T12:00")
    return made


def test_what_is_exported_is_verified_without_a_node(
    verb: Verb, number: str, tmp_path: Path
) -> None:
    target = tmp_path / "case.zip"
    made = verb("case", "export", number, "--zip", "-o", str(target))
    assert (made["form"], made["pending"], made["missing"]) == ("zip", [], [])
    key = verb("bridge", "keys", "list")[0]["key_id"]
    # By another process, far from the node and without its database.
    elsewhere = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "BRUG_HOME": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", _RUN, "case", "verify", str(target), "--key", key, "--json"],
        capture_output=True, env=elsewhere, check=False,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert found["holds"]
    assert {one["state"] for one in found["checks"]} == {"holds"}
    whole = bytearray(target.read_bytes())
    whole[len(whole) // 2] ^= 1
    target.write_bytes(whole)
    assert not verb("case", "verify", str(target), "--key", key, code=1)["holds"]


def test_forms_and_places(
    verb: Verb, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = verb("case", "export", number)
    assert told["form"] == "brug-case-export/1"
    assert told["documents"][0]["why"] == "not_included"
    verb("case", "export", number, "--pdf")
    assert (tmp_path / f"{number}.pdf").read_bytes().startswith(b"%PDF")
    assert "not there yet" in verb("case", "export", number, "--pdf", code=2)
    assert "one of" in verb("case", "export", number, "--pdf", "--zip", code=2)
    assert "can be written" in verb(
        "case", "export", number, "--zip", "-o", str(tmp_path / "no" / "such"), code=2
    )
    assert "can be written" in verb("case", "export", number, "-o", "x" * 300, code=2)
    verb("case", "export", "INC-1999-0001", "--zip", code=1)
    assert not (tmp_path / "INC-1999-0001.zip").exists()


def test_what_is_no_archive_is_told_so(verb: Verb, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"rubbish")
    for name in (path, tmp_path, tmp_path / "absent"):
        said = verb("case", "verify", str(name), "--key", "x" * 43, code=2)
        assert "no archive of a case" in said


def test_laws_are_named_in_the_language_of_the_account(
    verb: Verb, number: str, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    verb("case", "join", number, "1", "--role", "entity")
    verb("case", "record", number, "aware_at", f"{datetime.now(UTC):%Y-%m-%dT%H:%M}")
    law = "2022/2555 (NIS2) 23(4)(a)"
    with (
        EmbeddedServer(home).ensure() as server,
        Database(server.dsn(), 1, keys=home.keys) as database,
    ):
        for language, kind in (("nl", "Richtlijn"), ("en", "Directive")):
            with database.system() as session:
                session.execute("UPDATE account SET language = %s", (language,))
            sources = {one["source"] for one in verb("case", "calendar")}
            assert f"{kind} (EU) {law}" in sources
            assert run(["--home", str(home.path), "case", "calendar"]) == 0
            assert f"{kind} (EU) {law}" in " ".join(capsys.readouterr().out.split())


def test_the_calendar_and_its_addresses(verb: Verb, number: str, tmp_path: Path) -> None:
    span = ("--from", "2031-05-01", "--until", "2031-06-01")
    (item,) = (one for one in verb("case", "calendar", *span) if one["case"] == number)
    assert (item["what"], item["says"]) == ("task", "Image the server")
    target = tmp_path / "due.ics"
    assert run(["case", "calendar", "--help"]) == 0
    verb("case", "calendar", *span, "--ics", str(target))
    events = Calendar.from_ical(target.read_bytes()).walk("VEVENT")
    assert item["uid"] in {str(one["uid"]) for one in events}
    made = verb("case", "calendar-address", "--name", "phone")
    assert "/cases/calendar/feed/" in made["address"]
    (one,) = verb("case", "calendar-addresses")
    assert one["name"] == "phone"
    verb("case", "calendar-revoke", str(made["id"]))
    assert verb("case", "calendar-addresses") == []
    verb("case", "calendar-revoke", str(made["id"]), code=1)
    verb("case", "calendar-address", "--name", "tablet")
    assert verb("case", "calendar-revoke", "tablet") == {"revoked": "tablet"}
    verb("case", "calendar-revoke", "tablet", code=1)
    for given in (("--from", "x"), ("--until", "1999-01-01"), ("--until", "2999-01-01")):
        assert "expected" in verb("case", "calendar", *given, code=2)
    assert "--from: expected a time such as" in verb("case", "calendar", "--from", "x", code=2)
    assert "(got 'x')" in verb("case", "calendar", "--from", "x", code=2)


def test_webhooks(verb: Verb) -> None:
    made = verb("case", "hook-add", "https://hooks.example/x", "--on", "clock", "--on", "breach")
    assert made["secret"].startswith("whsec_")
    (one,) = verb("case", "hooks")
    assert one["events"] == ["clock", "breach"]
    number = str(one["id"])
    verb("case", "hook-test", number)
    assert verb("case", "hooks")[0]["waiting"] == 1
    verb("case", "hook-pause", number)
    assert verb("case", "hooks")[0]["why"] == "asked"
    verb("case", "hook-resume", number)
    assert verb("case", "hook-log", number) == []
    verb("case", "hook-remove", number)
    assert verb("case", "hooks") == []
    assert "url" in verb("case", "hook-add", "http://hooks.example/x", code=2)
    assert "events" in verb("case", "hook-add", "https://a.example", "--on", "x", code=2)


def test_the_doctor_finds_contents_that_are_lost(verb: Verb, number: str, home: Home) -> None:
    def found() -> dict[str, str]:
        rows = verb("doctor", code=1)
        return next(one for one in rows if one["check"] == "documents")

    assert found()["state"] == "ok"
    uuid = verb("case", "show", number)["uuid"]
    shutil.rmtree(home.files / "cases" / uuid)
    assert found()["state"] == "failed"
    assert number in found()["found"]
