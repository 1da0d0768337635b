# SPDX-License-Identifier: EUPL-1.2
"""`brug demo` on a terminal: the nodes that it leaves running are asked whether it is true."""

import json
import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cli.quick import BRUG
from tests.listening import NO_TLS
from tests.waiting_for import until
from tests.web.node import sign_in, token_in

from brug.cli.app import run
from brug.cli.demo.bridges import data
from brug.cli.demo.composing import uuid_of
from brug.cli.demo.running import told
from brug.formats import ledger_proof
from brug.store.home import Home

STORY = data.load()
TOLD, WAITING = uuid_of(STORY.course.told), uuid_of(STORY.course.waiting)
NOORD, ZUID, OOST = (one.name for one in STORY.organisations)


class Shown:
    """The demonstration as it runs: its process, its record, and the folder of its nodes."""

    def __init__(
        self, process: subprocess.Popen[bytes], record: dict[str, Any], folder: Path
    ) -> None:
        self.process = process
        self.record = record
        self.folder = folder
        self.urls = {one["organisation"]: one["url"] for one in record["nodes"]}
        keys = {one.name: one.key for one in STORY.organisations}
        self.homes = {name: Home(folder / keys[name]) for name in self.urls}

    def analyst(self, name: str) -> httpx.Client:
        """The tool of a node's analyst."""
        known = self.record["credentials"]
        key = next(a["api_key"] for a in known if (a["organisation"], a["role"]) == (name, "User"))
        headers = {"Authorization": key, "Accept": "application/json"}
        return httpx.Client(base_url=self.urls[name], headers=headers, timeout=30, verify=NO_TLS)

    def crossings(self, name: str, to: str, event: str) -> list[tuple[str, str, str]]:
        """What a node sent of an event: kind, outcome and state, the oldest first."""
        found = json.loads(
            told(self.homes[name], "bridge", "crossings", "--bridge", to, "--event", event,
                 "--json")
        )  # fmt: skip
        return [(c["kind"], c["outcome"], c["state"]) for c in found[::-1] if c["outward"]]


def read_until(terminal: int, end: bytes) -> bytes:
    """What is said up to some end; or all of it, if whoever speaks goes away before."""
    said = b""
    while end not in said.replace(b"\r", b""):
        try:
            said += os.read(terminal, 65_536)
        except OSError:  # nobody has the other side open any more
            break
    return said


def record_in(said: str) -> dict[str, Any]:
    """The record that it ends with; empty if it came to none."""
    try:
        found: dict[str, Any] = json.JSONDecoder().raw_decode(said)[0]
    except json.JSONDecodeError:
        return {}
    return found


def ended(process: subprocess.Popen[bytes]) -> int:
    """As somebody ends it on a terminal; its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        return process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


@pytest.fixture(scope="module")
def shown(fast_place: str | None) -> Iterator[Shown]:
    """On a terminal of its own, in a folder that has to be empty afterwards."""
    ours, theirs = os.openpty()
    with tempfile.TemporaryDirectory(
        prefix="brug-test-", dir=fast_place, ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o711)  # the account that runs the database passes through
        process = subprocess.Popen(
            [*BRUG, "demo", "--json"], stdin=theirs, stdout=theirs, stderr=theirs,
            env=os.environ | {"TMPDIR": folder},
        )  # fmt: skip
        os.close(theirs)
        said = read_until(ours, b"\n}\n").decode()
        record = record_in(said)
        if record.get("outcome") != "ok":
            ended(process)
            os.close(ours)
            pytest.fail(f"the demonstration said:\n{said}", pytrace=False)
        try:
            (own,) = Path(folder).iterdir()
            yield Shown(process, record, own / "node")
        finally:
            code = ended(process)
        assert code == 0
        assert list(Path(folder).iterdir()) == []
        for one in record["nodes"]:
            with pytest.raises(httpx.ConnectError):
                httpx.get(one["url"], verify=NO_TLS)
    os.close(ours)


def test_each_step_has_its_decision_and_a_proof_that_holds(shown: Shown) -> None:
    record = shown.record
    assert record["outcome"] == "ok", record
    decided = [one["outcome"] for step in record["steps"] for one in step["decisions"]]
    assert decided == ["pass", "redact", "hold", "pass", "pass", "pass", "hold"]
    assert all(step["proofs"] for step in record["steps"][1:])
    reasons = [one["reasons"] for step in record["steps"] for one in step["decisions"]]
    assert "Personal data may cross (GDPR art. 46(2)(a)) (4 of them)." in reasons[0]
    assert reasons[1] == ["It identifies a person (its type) (2 of them)."]
    assert any("a person to release what was received" in text for text in reasons[2])
    for step in record["steps"]:
        for proof in step["proofs"]:
            held = ledger_proof.check(Path(proof["file"]).read_text(), [proof["key"]])
            assert held.entry
            assert (held.entry["id"], held.index + 1) == (proof["entry"], proof["position"])


def test_what_it_tells_did_happen(shown: Shown) -> None:
    assert ("event", "pass", "recalled") in shown.crossings(NOORD, ZUID, TOLD)
    assert ("event", "redact", "recalled") in shown.crossings(NOORD, OOST, TOLD)
    passed_on = shown.crossings(ZUID, OOST, TOLD)
    assert passed_on[0][:2] == ("event", "hold")
    assert ("reactions", "pass", "received") in shown.crossings(OOST, NOORD, TOLD)
    assert ("recall_followed", "pass", "received") in shown.crossings(OOST, NOORD, TOLD)
    for name, status in ((NOORD, 200), (ZUID, 404), (OOST, 404)):
        with shown.analyst(name) as client:
            assert client.get(f"/events/view/{TOLD}").status_code == status
    with shown.analyst(NOORD) as client:
        asked = {"context": "event", "id": client.get(f"/events/view/{TOLD}").json()["Event"]["id"]}
        seen = client.post("/sightings/listSightings", json=asked).json()
    assert [one["Organisation"]["name"] for one in seen] == [OOST]


def test_the_case_is_there_at_all_three_with_what_is_due(shown: Shown) -> None:
    seen = [
        json.loads(told(home, "case", "show", number, "--json"))
        for home in shown.homes.values()
        for number in ("INC-" + str(datetime.now(UTC).year) + "-0001",)
    ]
    assert len({one["uuid"] for one in seen}) == 1
    timelines = [[entry["act"]["what"] for entry in one["timeline"]] for one in seen]
    assert timelines[0] == timelines[1] == timelines[2]
    assert sorted(timelines[0]) == ["filled", "joined", "joined", "opened", "recorded", "said"]


def test_what_waits_can_be_released_by_whoever_signs_in_as_it_says(shown: Shown) -> None:
    known = next(
        a for a in shown.record["credentials"]
        if (a["organisation"], a["role"]) == (ZUID, "admin")
    )  # fmt: skip
    with shown.analyst(OOST) as client:
        assert client.get(f"/events/view/{WAITING}").status_code == 404
    with httpx.Client(
        base_url=shown.urls[ZUID], follow_redirects=True, timeout=30, verify=NO_TLS
    ) as browser:
        assert sign_in(browser, known["email"], known["password"]).status_code == 200
        page = browser.get(shown.record["waiting"])
        assert "TLP:AMBER is above the ceiling of the agreement, TLP:GREEN." in page.text
        form = {"because": "agreed by telephone", "_csrf_token": token_in(page.text)}
        done = browser.post(shown.record["waiting"] + "/release", data=form)
        assert "It crosses now." in done.text
    with shown.analyst(OOST) as client:

        def arrived() -> httpx.Response | None:
            found = client.get(f"/events/view/{WAITING}")
            return found if found.status_code == 200 else None

        assert len(until(arrived).json()["Event"]["Attribute"]) == 4


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments]) not in {0, None}
    return capsys.readouterr().err


def test_a_port_that_somebody_has_is_named_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(capsys, "--home", str(tmp_path / "n"), "demo", "--port", str(port - 1))
    assert f"cannot listen on 127.0.0.1 port {port}" in said
    assert not (tmp_path / "n").exists()


def test_a_folder_with_other_things_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()
    assert "wants an empty folder" in refused(capsys, "--home", str(tmp_path), "demo")
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]
