# SPDX-License-Identifier: EUPL-1.2
"""`brug demo campaign`, run as anyone would: as a process, to its end.

Of the vocabularies it has those that it uses; with THOROUGH=1 all, as anyone would.
"""

import json
import re
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.quick import WITH_FEW

from brug.cli.app import run
from brug.cli.demo.bridges import data as bridges
from brug.cli.demo.campaign import FILES, FOLDER, load
from brug.cli.demo.composing import events_of, sightings_of
from brug.cli.demo.drawing import Drawing
from brug.cli.demo.telling import Teller, Unexpected

BRUG = [sys.executable, "-c", WITH_FEW]


def test_the_story_is_told_and_every_check_holds() -> None:
    done = subprocess.run(
        [*BRUG, "demo", "campaign", "--once"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for line in (
        "1. A node from nothing",
        "Operation Lighthouse: CSIRT Noordland and Zuidmark Cyber Police",
        "An analyst may not publish; the desk may.",
        "12. Reported back",
        "checks hold.",
    ):
        assert line in done.stdout


def test_a_check_that_fails_is_named_with_its_step() -> None:
    teller = Teller(silent=True)
    said = r"step 1, Known false positives: lists with 9.9.9.9: missing \['resolvers'\]"
    with (
        pytest.raises(Unexpected, match=said),
        teller.step("Known false positives", "They harm nobody.") as step,
    ):
        step.check("lists with 9.9.9.9", {"resolvers"}, set())


def test_what_keeps_it_from_being_told_is_told_to_machines_as_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["demo", "campaign", "--json", "--port", port]) == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["outcome"], told["steps"]) == ("failed", [])
    assert "cannot listen on 127.0.0.1" in told["reason"]
    assert told["reason"] in said.err


def test_a_campaign_that_cannot_be_read_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in FILES:
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "events.toml").write_text("[[events]]\nkey = 1\n")
    assert run(["demo", "campaign", "--campaign", str(tmp_path)]) == 2
    assert "events" in capsys.readouterr().err


# The only real addresses are those that stand there as known false positives, and a private one.
ADDRESSES = re.compile(r"^(192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)")
KNOWN = {"9.9.9.9", "149.112.112.112", "192.168.1.1"}
HOSTS = ("domain", "hostname", "email-src", "email-dst", "email", "url", "link")


def test_all_that_it_tells_is_fictional() -> None:
    for event in [*events_of(load()), *bridges.load().events]:
        drawing = Drawing(event.key, datetime.now(UTC))
        for fact in event.facts:
            value = drawing.fill(fact.value)
            if fact.type.startswith("ip-"):
                assert ADDRESSES.match(value) or value in KNOWN
            elif fact.type in HOSTS and not ADDRESSES.match(value.removeprefix("http://")):
                host = re.sub(r"^(https?://|[^@]*@)", "", value).partition("/")[0]
                assert host.endswith(".example"), value
            assert not re.search(r"\{\w+:[~#]", value), value


def test_each_value_that_somebody_reports_back_on_is_in_an_event() -> None:
    campaign = load()
    now = datetime.now(UTC)
    values = {
        part
        for event in events_of(campaign)
        for fact in event.facts
        for part in Drawing(event.key, now).fill(fact.value).split("|")
    }
    assert {seen.value for seen in sightings_of(campaign, now)} <= values
