# SPDX-License-Identifier: EUPL-1.2
"""The pages of the ledger: what is recorded and provable, the proof to take along, breaks."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.bridges.stranger import Stranger
from tests.listening import NO_TLS
from tests.web.node import PASSWORD, Node, post, sign_in

from brug.bridges import ledger
from brug.bridges.ledger import partner_logs, sequencer
from brug.directory import account_changes, role_changes
from brug.formats import ledger_proof


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home") / "ledger"


@contextmanager
def signed_in(node: Node, who: str) -> Iterator[httpx.Client]:
    """A browser of somebody."""
    with httpx.Client(base_url=node.url, trust_env=False, verify=NO_TLS, timeout=60) as client:
        assert sign_in(client, node.email(who)).status_code == 303
        yield client


@pytest.fixture(scope="module")
def admin(node: Node) -> Iterator[httpx.Client]:
    with signed_in(node, "admin") as client:
        yield client


def recorded(node: Node, text: str) -> str:
    with node.database.system() as session:
        return str(ledger.record(session, "crossing", {"event": text, "outcome": "pass"}))


def test_an_entry_is_recorded_then_provable_and_its_proof_holds(
    node: Node, admin: httpx.Client, folder: Path
) -> None:
    entry = recorded(node, "an event of ours")
    page = admin.get(f"/bridges/ledger/entries/{entry}").text
    assert "Recorded" in page
    assert "Download the proof" not in page
    assert admin.get(f"/bridges/ledger/entries/{entry}/proof").status_code == 409
    sequencer.catch_up(node.database, folder)
    page = admin.get(f"/bridges/ledger/entries/{entry}").text
    assert "Provable" in page
    answer = admin.get(f"/bridges/ledger/entries/{entry}/proof")
    assert answer.headers["content-disposition"] == f'attachment; filename="{entry}.tlog-proof"'
    (key,) = re.findall(r'<p class="value">([^<+]+\+[0-9a-f]{8}\+[^<]+)</p>', page)
    proved = ledger_proof.check(answer.text, [key])
    assert proved.entry is not None
    assert proved.entry["payload"]["event"] == "an event of ours"


def test_the_list_filters_by_kind_and_tells_of_the_checkpoint(
    node: Node, admin: httpx.Client, folder: Path
) -> None:
    recorded(node, "listed")
    sequencer.catch_up(node.database, folder)
    page = admin.get("/bridges/ledger", params={"kind": "crossing"}).text
    assert "listed" in page
    assert "Administrative act" not in page.partition("<tbody")[2]
    (address,) = re.findall(r"/bridges/ledger/checkpoints/\d+", page)
    assert "/ledger/" in admin.get(address).text
    assert admin.get("/bridges/ledger/checkpoints/4711").status_code == 404
    assert admin.get("/bridges/ledger/entries/nonsense").status_code == 404


def test_older_entries_are_one_step_away(node: Node, admin: httpx.Client) -> None:
    for number in range(60):
        recorded(node, f"many {number}")
    page = admin.get("/bridges/ledger").text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', page)
    assert "many 0<" not in page
    assert "many 5 " in admin.get(older.replace("&amp;", "&")).text


def test_an_auditor_reads_it_and_accepts_nothing_who_looks_after_bridges_does(
    node: Node, admin: httpx.Client
) -> None:
    with node.database.system() as session:
        bridge, _ = Stranger("Zuidmark").connected(session, "Zuidmark")
        partner_logs.follow(session, bridge, "zuidmark.example/ledger", None)
        opening = {"origin": "zuidmark.example/ledger", "size": 7, "reason": "the disk broke"}
        new = partner_logs.follow(session, bridge, "zuidmark.example/ledger/2", opening)
        role = role_changes.add(session, {"name": "Auditor"}, ["auth", "auditor"])
        given = {"email": node.email("auditor"), "org_id": 1, "role_id": role.id}
        account_changes.add(session, given | {"password": PASSWORD, "change_pw": False})
    accept = f"/bridges/ledger/partner-logs/{bridge.id}/{new.id}/accept"
    with signed_in(node, "auditor") as auditor:
        page = auditor.get("/bridges/ledger").text
        assert "the disk broke" in page
        assert "Accept the new log" not in page
        assert post(auditor, accept, {}, "/bridges/ledger").status_code == 403
    with signed_in(node, "analyst") as analyst:
        assert analyst.get("/bridges/ledger").status_code == 403
    assert "Accept the new log" in admin.get("/bridges/ledger").text
    assert post(admin, accept, {}, "/bridges/ledger").status_code == 303
    assert "Accept the new log" not in admin.get("/bridges/ledger").text
    assert post(admin, accept, {}, "/bridges/ledger").status_code == 404


def test_a_partner_is_handed_the_checkpoint_that_is_held_of_its_log(
    node: Node, admin: httpx.Client
) -> None:
    """What `brug ledger checkpoint --log` shows of it, as a file; nothing where none is held."""
    note = f"held.example/ledger\n1\n{b64encode(bytes(32)).decode()}\n\n"
    theirs, ours = (
        f"\u2014 {name} {b64encode(bytes(length)).decode()}\n"
        for name, length in (("held.example/ledger", 68), ("node.example/ledger", 76))
    )
    with node.database.system() as session:
        bridge, _ = Stranger("Held").connected(session, "Held")
        log = partner_logs.follow(session, bridge, "held.example/ledger", None)
        empty = partner_logs.follow(session, bridge, "held.example/ledger/2", None)
        session.execute(
            "INSERT INTO partner_checkpoint (partner_log_id, size, note, line)"
            " VALUES (%s, 1, %s, %s)",
            (log.id, note + theirs, ours),
        )
        shown = partner_logs.countersigned(session, log.origin)
    top = f"/bridges/ledger/partner-logs/{bridge.id}"
    assert re.findall(rf'href="({top}/[^"]+)"', admin.get("/bridges/ledger").text) == [
        f"{top}/{log.id}/checkpoint"
    ]
    told = admin.get(f"{top}/{log.id}/checkpoint")
    assert shown is not None
    assert told.text == note + theirs + ours == shown.text
    assert told.headers["content-disposition"].startswith("attachment")
    for nothing in (f"{top}/{empty.id}/checkpoint", f"{top}/4711/checkpoint"):
        assert admin.get(nothing).status_code == 404
    with signed_in(node, "analyst") as analyst:
        assert analyst.get(f"{top}/{log.id}/checkpoint").status_code == 403


def test_it_speaks_dutch(node: Node, admin: httpx.Client) -> None:
    entry = recorded(node, "een event")
    with node.database.system() as session:
        session.execute("UPDATE account SET language = 'nl' WHERE id = 1")
    try:
        page = admin.get("/bridges/ledger").text
        assert "Register" in page
        assert re.search(r"een event\s+· Mag oversteken", page), "what became of it, in words"
        page = admin.get(f"/bridges/ledger/entries/{entry}").text
        assert "Vastgelegd" in page
        assert "Recorded" not in page
    finally:
        with node.database.system() as session:
            session.execute("UPDATE account SET language = 'en' WHERE id = 1")
