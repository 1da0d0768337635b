# SPDX-License-Identifier: EUPL-1.2
"""A server whose side is a partner with a bridge is pushed to through the gate, on record."""

from typing import Any

from tests.bridges.misp.conftest import NodeForD
from tests.bridges.misp.serving_side import Reply, Request, Server, serving
from tests.sync.recorded import ORG_C, ORG_D

from brug.bridges import agreements
from brug.bridges.crossing import judging, rows
from brug.bridges.misp import governing
from brug.bridges.partners import BridgeRow
from brug.directory import servers

TERMS: dict[str, Any] = {
    "our_country": "NL", "their_country": "BE", "senders": [ORG_C, ORG_D],
    "purposes": ["cyber-defence"], "legal_basis": "GDPR art. 6(1)(e)", "document": "letter 12",
    "personal_data": {"regime": "gdpr", "handling": "drop", "transfer": {"tool": "eea"}},
    "valid_from": "2026-01-01T00:00:00+00:00",
}  # fmt: skip


def receiving(request: Request) -> Reply:
    if request.path == "/servers/getVersion":
        return Reply(200, {"version": "2.5.1", "perm_sync": True})
    if request.path == "/events/filterEventIdsForPush":
        return Reply(200, [one["Event"]["uuid"] for one in request.body])
    if request.path == "/events/index":
        return Reply(200, [])
    return Reply(404 if request.method == "HEAD" else 200, {})


def pushed(c: Server) -> list[str]:
    return [o.body["Event"]["info"] for o in c.asked if o.path.endswith("/metadata:1")]


def governed(node: NodeForD, server: int) -> BridgeRow:
    with node.database.as_user(1) as session:
        return governing.govern(session, servers.view(session, server))


def agree(node: NodeForD, bridge: BridgeRow, **more: Any) -> None:
    with node.database.as_user(1) as session:
        wanted = agreements.draft(session, bridge, TERMS | more)
        made = agreements.propose(session, bridge, wanted)
        agreements.accept_on_paper(session, made, "signed on paper")


def published(node: NodeForD, info: str, tag: str) -> str:
    new = {"info": info, "distribution": 3, "Tag": [{"name": tag}],
           "Attribute": [{"type": "domain", "value": f"{info}.example"}]}  # fmt: skip
    event = node.ask("D", "POST", "/events/add", new).body["Event"]
    node.ask("D", "POST", f"/events/publish/{event['id']}", {})
    return str(event["uuid"])


def test_the_gate_decides_and_a_person_releases_what_it_holds(node: NodeForD) -> None:
    with serving(receiving) as c:
        server = node.add_server(c.url)
        bridge = governed(node, server)
        green = published(node, "green", "tlp:green")
        red = published(node, "red", "tlp:red")
        assert [run.counts for run in node.work()] == [{}, {}]
        assert pushed(c) == []  # a bridge without an agreement lets nothing over
        agree(node, bridge, ceiling={"tlp": "green"})
        run = node.run(server, "push", "full")
        assert pushed(c) == ["green"], run
        assert run.counts == {"events": 1, "held": 1}
        assert any("held for a person" in loss.reason for loss in run.losses)
        with node.database.as_user(1) as session:
            states = {
                one.event_uuid: one for one in reversed(rows.listed(session, bridge_id=bridge.id))
            }
            assert states[green].state == "sent"
            assert states[red].state == "held"
            judging.release(session, states[red].id, "they need it now")
        node.run(server, "push", "full")
        assert pushed(c).count("red") == 1
        with node.database.as_user(1) as session:
            assert rows.last(session, bridge.id, red, "event").state == "sent"  # type: ignore[union-attr]


def test_the_report_names_what_was_removed_for_good_and_stays_there(node: NodeForD) -> None:
    with serving(receiving) as c:
        server = node.add_server(c.url)
        agree(node, governed(node, server), ceiling={"tlp": "green"})
        new = {"info": "some", "distribution": 3, "Tag": [{"name": "tlp:green"}], "Attribute": [
            *({"type": "domain", "value": f"{one}.example"} for one in ("stays", "soft", "hard")),
            {"type": "domain", "value": "red.example", "Tag": [{"name": "tlp:red"}]},
        ]}  # fmt: skip
        event = node.ask("D", "POST", "/events/add", new).body["Event"]
        parts = {one["value"]: one for one in event["Attribute"]}
        node.ask("D", "POST", f"/events/publish/{event['id']}", {})
        node.work()
        for value, how in (("soft", ""), ("hard", "/1"), ("red", "/1")):
            number = parts[f"{value}.example"]["id"]
            node.ask("D", "POST", f"/attributes/delete/{number}{how}", {})
        node.ask("D", "POST", f"/events/publish/{event['id']}", {})
        (run,) = node.work()
        last = [o.body["Event"] for o in c.asked if o.path.endswith("/metadata:1")][-1]
    deleted = {one["value"]: one["deleted"] for one in last["Attribute"]}
    assert deleted == {"stays.example": False, "soft.example": True}
    (loss,) = [one for one in run.losses if "stays there" in one.reason]
    assert loss.examples == [parts["hard.example"]["uuid"]], "what never crossed is not named"


def test_a_paused_bridge_sends_nothing_and_without_one_misps_rule_holds(node: NodeForD) -> None:
    with serving(receiving) as c:
        server = node.add_server(c.url)
        published(node, "free", "tlp:red")
        node.work()
        assert pushed(c) == ["free"]
        governed(node, server)
        with node.database.system() as session:
            session.execute("UPDATE bridge SET state = 'paused'")
        published(node, "later", "tlp:green")
        (run,) = node.work()
        assert pushed(c) == ["free"]
        assert "paused" in run.losses[0].reason
