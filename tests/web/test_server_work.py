# SPDX-License-Identifier: EUPL-1.2
"""The page of a server: how it stands, what failed and why, and asking for more."""

from __future__ import annotations

from tests.web.node import Node, post

from brug.bridges.misp.working import work_once
from brug.store import settings

SERVERS = "/administration/servers"


def test_a_server_is_asked_for_runs_and_says_what_came_of_them(node: Node) -> None:
    form = {"name": "CSIRT Oostland", "url": "http://127.0.0.1:9", "authkey": "q" * 40,
            "remote_org_id": "1", "pull": "1", "push": "1"}  # fmt: skip
    with node.database.system() as session:
        settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
    with node.browser("admin") as client:
        address = post(client, f"{SERVERS}/new", form).headers["location"]
        page = client.get(f"{address}/work").text
        assert "Nothing was done yet" in page
        assert "No agreement" in page
        assert post(client, f"{address}/run", {"kind": "pull"}).status_code == 303
        assert "Waits" in client.get(f"{address}/work").text
        while work_once(node.database) is not None:
            pass
        page = client.get(f"{address}/work").text
        assert "Failed" in page
        assert "Connection refused" in page
        assert "could not be reached 1 time in a row" in page
        assert "Try again now" in page
        assert post(client, f"{address}/schedule", {"minutes": "90"}).status_code == 303
        assert 'value="90"' in client.get(f"{address}/work").text
        for given in ({"minutes": "often"}, {"minutes": "-1"}, {"minutes": "43201"},
                      {"minutes": "", "days": "7"}, {"minutes": "90", "days": "x"},
                      {"minutes": "90", "days": "36501"}):  # fmt: skip
            refused = post(client, f"{address}/schedule", given)
            assert refused.status_code == 400
            assert 'aria-invalid="true"' in refused.text
            kept = client.get(f"{address}/work").text
            assert 'value="90"' in kept
            assert "Nothing was done yet" not in kept
        assert post(client, f"{address}/schedule", {"days": "7"}).status_code == 303
        assert 'value="90"' in client.get(f"{address}/work").text
        assert post(client, f"{address}/schedule", {"days": "0"}).status_code == 303
        for given in ({"kind": "steal"}, {"kind": "pull", "technique": "nonsense"},
                      {"kind": "push", "technique": "event 7"}):  # fmt: skip
            assert post(client, f"{address}/run", given).status_code == 400
        again = {"kind": "push", "technique": "incremental"}
        assert post(client, f"{address}/run", again).status_code == 303
        assert "everything but events" in client.get(f"{address}/work").text
        while work_once(node.database) is not None:
            pass
        assert "could not be reached" in client.get(f"{address}/events").text
        assert post(client, f"{address}/govern", {}).status_code == 303
        page = client.get(f"{address}/work").text
        assert "Pushes pass the gate" in page
        post(client, f"{address}/delete", {})


def test_a_run_that_did_not_do_all_does_not_say_that_it_is_done(node: Node) -> None:
    form = {"name": "Half", "url": "http://127.0.0.1:9", "authkey": "q" * 40,
            "remote_org_id": "1", "pull": "1"}  # fmt: skip
    with node.browser("admin") as client:
        address = post(client, f"{SERVERS}/new", form).headers["location"]
        with node.database.system() as session:
            failures = '[{"item": "event", "uuid": "u", "reason": "held elsewhere"}]'
            session.execute(
                "INSERT INTO server_run (server_id, kind, technique, state, failures, ended)"
                " VALUES (%s, 'pull', 'full', 'done', %s, now())",
                (int(address.rsplit("/", 1)[1]), failures),
            )
        page = client.get(f"{address}/work").text
        assert "Done in part" in page
        assert "held elsewhere" in page
        post(client, f"{address}/delete", {})


def test_nobody_else_sees_or_asks(node: Node) -> None:
    with node.browser("analyst") as client:
        for path in ("work", "events"):
            assert client.get(f"{SERVERS}/1/{path}").status_code in {403, 404}
        for path in ("run", "schedule", "govern"):
            assert post(client, f"{SERVERS}/1/{path}", {"kind": "pull"}).status_code in {403, 404}
