# SPDX-License-Identifier: EUPL-1.2
"""A user that synchronises for another organisation, once a bridge is over it: what its server
pulls and pushes with the same key passes the gate.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.bridges.afterwards.conftest import let_pass
from tests.bridges.misp.test_two_nodes import Side
from tests.bridges.served import node
from tests.conftest import copied
from tests.listening import NO_TLS

from brug.bridges import agreements
from brug.bridges import checking as bridge_checking
from brug.bridges.afterwards import ending
from brug.bridges.crossing import judging, rows
from brug.bridges.misp import binding
from brug.bridges.misp.binding import CannotBind
from brug.bridges.partners import BridgeRow
from brug.directory import account_changes, accounts, servers
from brug.model.errors import Forbidden, NotFound
from brug.store import settings
from brug.store.server import EmbeddedServer

EMAIL = "sync@partner.example"
Bound = tuple[Side, Side, BridgeRow]


@pytest.fixture(scope="module")
def two(embedded: EmbeddedServer, template: str) -> Iterator[tuple[Side, Side]]:
    """The second pulls from the first, as a user of its organisation there."""
    with (
        copied(embedded, template) as one,
        copied(embedded, template) as other,
        node("CSIRT Noordland", one) as noord,
        node("CERT Zuidmark", other) as zuid,
    ):
        noordland, zuidmark = Side(noord, "Noordland"), Side(zuid, "Zuidmark")
        zuidmark.knows(noordland)
        yield noordland, zuidmark


@pytest.fixture(scope="module")
def bound(two: tuple[Side, Side]) -> Bound:
    with two[0].served.database.as_user(1) as session:
        return *two, binding.bind(session, EMAIL)


def agree(noordland: Side, bridge: BridgeRow, **more: Any) -> None:
    with noordland.served.database.as_user(1) as session:
        host, _ = agreements.host(session)
        terms: dict[str, Any] = {
            "our_country": "NL", "their_country": "BE",
            "senders": sorted([host, str(bridge.org_uuid)]), "purposes": ["cyber-defence"],
            "legal_basis": "GDPR art. 6(1)(e)", "document": "letter 12",
            "ceiling": {"tlp": "green"},
            "personal_data": {"regime": "gdpr", "handling": "drop", "transfer": {"tool": "eea"}},
            "valid_from": "2026-01-01T00:00:00+00:00",
        }  # fmt: skip
        made = agreements.propose(session, bridge, agreements.draft(session, bridge, terms | more))
        agreements.accept_on_paper(session, made, "signed on paper")


def published(side: Side, info: str, tag: str, **more: Any) -> dict[str, Any]:
    event = side.add(info, Tag=[{"name": tag}], **more)
    side.publish(event)
    return event


def key_of(side: Side) -> str:
    """What the second uses as its key at the first."""
    with side.served.database.system() as session:
        return servers.key_of(session, servers.view(session, side.server))


def ask(bound: Bound, method: str, path: str, body: Any = None) -> httpx.Response:
    return httpx.request(
        method, bound[0].served.url + path, json=body, timeout=30,
        headers={"Authorization": key_of(bound[1]), "Accept": "application/json"},
        verify=NO_TLS,
    )  # fmt: skip


def test_doctor_names_who_is_not_governed_and_binding_mends_it(two: tuple[Side, Side]) -> None:
    with two[0].served.database.as_user(1) as session:
        made = account_changes.add(
            session,
            {"email": "other@partner.example", "password": "Correct-horse-1", "role_id": 5,
             "org_id": binding.unbound(session)[0].org_id},
        ).account  # fmt: skip
        found = {row[0]: row for row in bridge_checking.checked(session)}
        assert "other@partner.example" in found["sync users"][2]
        assert "brug bridge bind" in found["sync users"][3]
        with pytest.raises(CannotBind):
            binding.bind(session, accounts.view(session, 1).email)
        with pytest.raises(NotFound):
            binding.bind(session, "nobody@partner.example")
        bridge = binding.bind(session, "other@partner.example")
        assert (bridge.transport, bridge.state) == ("misp", "open")
        with pytest.raises(CannotBind):
            binding.bind(session, "other@partner.example")
        assert "other@partner.example" not in str(list(bridge_checking.checked(session)))
    with pytest.raises(Forbidden), two[0].served.database.as_user(1) as session:
        account_changes.edit(session, made.id, {"password": "Correct-horse-2"})


def test_nothing_goes_without_an_agreement(bound: Bound) -> None:
    noordland, zuidmark, _ = bound
    event = published(noordland, "early", "tlp:green")
    assert ask(bound, "GET", f"/events/view/{event['uuid']}").status_code == 404
    assert ask(bound, "POST", "/events/index", {"minimal": 1}).json() == []
    zuidmark.pull()
    assert zuidmark.held(event) is None


def test_what_a_server_pulls_has_passed_the_gate_and_is_on_record(bound: Bound) -> None:
    noordland, zuidmark, bridge = bound
    agree(noordland, bridge)
    person = {"type": "target-user", "category": "Targeting data", "value": "jan.jansen",
              "to_ids": False}  # fmt: skip
    domain = {"type": "domain", "value": "pulled.example"}
    green = published(noordland, "green", "tlp:green", Attribute=[domain, person])
    red = published(noordland, "red", "tlp:red")
    run = zuidmark.pull()
    assert "events" in run.counts, run
    there = zuidmark.held(green)
    assert there
    assert [a["value"] for a in there["Attribute"]] == ["pulled.example"]
    assert "brug:redacted" in [tag["name"] for tag in there["Tag"]]
    assert zuidmark.held(red) is None
    with noordland.served.database.as_user(1) as session:
        sent = rows.last(session, bridge.id, green["uuid"], "event")
        held = rows.last(session, bridge.id, red["uuid"], "event")
    assert sent
    assert held
    assert (sent.state, sent.outcome, sent.dropped) == ("sent", "redact", 1)
    assert held.state == "held"
    # Asked again it is the same crossing; what is held is no longer listed.
    zuidmark.pull()
    listed = ask(bound, "POST", "/events/index", {"minimal": 1, "published": 1}).json()
    assert red["uuid"] not in [one["uuid"] for one in listed]
    with noordland.served.database.as_user(1) as session:
        assert len(rows.listed(session, event_uuid=green["uuid"])) == 1
        judging.release(session, held.id, "they need it now")
    zuidmark.pull()
    assert zuidmark.held(red)


def test_levels_are_served_as_they_are_and_the_server_lowers_them(bound: Bound) -> None:
    noordland, zuidmark, bridge = bound
    agree(noordland, bridge)
    event = published(noordland, "connected", "tlp:green", distribution=2)
    zuidmark.pull()
    there = zuidmark.held(event)
    assert there
    assert there["distribution"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/events/restSearch", {"returnFormat": "json"}),
        ("POST", "/attributes/restSearch", {"returnFormat": "json"}),
        ("GET", "/attributes/view/1", None), ("GET", "/events/export", None),
        ("GET", "/tags", None), ("GET", "/organisations", None), ("GET", "/objects/view/1", None),
        ("GET", "/events/view/1/extended:1", None), ("POST", "/events/csv/download", {}),
        ("GET", "/sightings/index/1", None), ("GET", "/event_reports/view/1", None),
    ],
)  # fmt: skip
def test_what_servers_do_not_ask_for_is_refused(
    bound: Bound, method: str, path: str, body: Any
) -> None:
    agree(bound[0], bound[2])
    answered = ask(bound, method, path, body)
    assert answered.status_code in {403, 404}, answered.text
    assert "example" not in answered.text.replace("partner.example", "")


def test_a_list_with_titles_says_what_may_cross_alone(bound: Bound) -> None:
    noordland, _, bridge = bound
    agree(noordland, bridge)
    secret = published(noordland, "written by jan@firm.example", "tlp:green")
    red = published(noordland, "red-title", "tlp:red")
    listed = ask(bound, "GET", "/events/index").json()
    said = {one["uuid"]: one["info"] for one in listed}
    assert red["uuid"] not in said
    assert "jan@firm.example" not in said[secret["uuid"]]


def test_what_is_pushed_has_to_be_agreed_and_is_answered_with_its_head(bound: Bound) -> None:
    noordland, _, bridge = bound
    new: dict[str, Any] = {"info": "theirs", "distribution": 3,
           "uuid": "0a3c1e5f-1111-4000-8000-000000000001",
           "Orgc": {"uuid": str(bridge.org_uuid), "name": "CERT Zuidmark"},
           "Attribute": [{"type": "domain", "value": "pushed.example"}]}  # fmt: skip
    with noordland.served.database.as_user(1) as session:
        host, _ = agreements.host(session)
    agree(noordland, bridge, senders=[host])
    refused = ask(bound, "POST", "/events/add", {"Event": new})
    assert refused.status_code == 403
    agree(noordland, bridge)
    taken = ask(bound, "POST", "/events/add", {"Event": new})
    assert taken.status_code == 200, taken.text
    assert "Attribute" not in taken.json()["Event"]
    with noordland.served.database.as_user(1) as session:
        (came,) = rows.listed(session, event_uuid=new["uuid"])
    assert (came.outward, came.state, came.kind) == (False, "received", "event")


def test_what_a_server_pushed_goes_after_the_time_that_was_agreed(bound: Bound) -> None:
    noordland, _, bridge = bound
    agree(noordland, bridge, retention_days=30)
    uuid = "0a3c1e5f-2222-4000-8000-000000000001"
    new = {"info": "for a time", "distribution": 3, "uuid": uuid,
           "Attribute": [{"type": "domain", "value": "for-a-time.example"}]}  # fmt: skip
    assert ask(bound, "POST", "/events/add", {"Event": new}).status_code == 200
    let_pass(noordland.served, uuid, 31)
    done = ending.end_due(noordland.served.database)
    assert (uuid, "deleted") in [(one.event_uuid, one.outcome) for one in done]
    with noordland.served.database.as_user(1) as session:
        assert [c.kind for c in rows.listed(session, event_uuid=uuid)] == ["event"]


@pytest.mark.parametrize("kinds", [["event"], ["event", "sighting", "note", "cluster"]])
def test_what_is_said_beside_events_goes_as_agreed(bound: Bound, kinds: list[str]) -> None:
    noordland, _, bridge = bound
    agree(noordland, bridge, kinds=kinds)
    with noordland.served.database.system() as session:
        settings.set_value(session, "sightings.policy", 2)
    event = published(noordland, f"said-{len(kinds)}", "tlp:green")
    assert ask(bound, "GET", f"/events/view/{event['uuid']}").status_code == 200
    seen = noordland.ask("POST", "/sightings/add", {"value": f"said-{len(kinds)}.example"})
    assert seen, seen
    body = {"returnFormat": "json", "last": 0, "includeUuid": True, "uuid": [event["uuid"]]}
    found = ask(bound, "POST", "/sightings/restSearch/event", body).json()["response"]
    assert bool(found) == ("sighting" in kinds)
    note = {"note": "look", "object_type": "Event", "object_uuid": event["uuid"],
            "distribution": 3}  # fmt: skip
    noordland.ask("POST", f"/analyst_data/add/Note/{event['uuid']}/Event", note)
    times = ask(bound, "POST", "/analyst_data/indexMinimal", {"orgc_name": []}).json()
    assert bool(times.get("Note")) == ("note" in kinds)


def test_a_paused_bridge_gives_nothing(bound: Bound) -> None:
    noordland, _, bridge = bound
    agree(noordland, bridge)
    event = published(noordland, "paused", "tlp:green")
    with noordland.served.database.system() as session:
        session.execute("UPDATE bridge SET state = 'closed' WHERE id = %s", (bridge.id,))
    assert ask(bound, "GET", f"/events/view/{event['uuid']}").status_code == 404
    with noordland.served.database.system() as session:
        session.execute("UPDATE bridge SET state = 'open' WHERE id = %s", (bridge.id,))
    assert ask(bound, "GET", f"/events/view/{event['uuid']}").status_code == 200
