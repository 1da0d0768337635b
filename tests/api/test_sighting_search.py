# SPDX-License-Identifier: EUPL-1.2
"""Sightings searched, brought by partners and let go, over MISP's interface."""

from typing import Any
from uuid import uuid4

import msgspec
from tests.api.conftest import World
from tests.api.event_world import attribute, event, rows

from brug.api.misp.serve import Incoming, answer


def search(world: World, body: Any, who: str = "orgadmin", path: str = "") -> list[dict[str, Any]]:
    reply = world.ask(who, "POST", f"/sightings/restSearch{path}", body)
    assert reply.status == 200, reply.body
    return [one["Sighting"] for one in reply.body["response"]]


def sighted(world: World, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    one = attribute(world, event(world)["id"])
    reply = world.ask("orgadmin", "POST", "/sightings/add", {"id": one["id"], **fields})
    return one, reply.body["Sighting"]


def partner(world: World) -> str:
    """A synchronising user of another organisation."""
    if "othersync" not in world.keys:
        with world.database.system() as session:
            world.add(session, "othersync", world.orgs["Zuidland Energie"], 5)
    return "othersync"


def brought(attribute_uuid: str, **fields: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()), "attribute_uuid": attribute_uuid, "date_sighting": "1795000000",
        "source": "sensor-1", "type": "0",
        "Organisation": {"id": "9", "uuid": str(uuid4()), "name": "CSIRT Noordland"},
    } | fields  # fmt: skip


def test_sightings_are_found_by_id_uuid_time_type_organisation_and_source(world: World) -> None:
    one, made = sighted(world, source="sensor-9", type="1", timestamp="1700000000")
    for path, body in (
        ("/attribute", {"id": one["id"]}),
        ("/attribute", {"uuid": [one["uuid"]]}),
        ("/event", {"id": one["event_id"]}),
        ("", {"from": "1700000000", "to": "2023-11-15"}),
        ("", {"type": 1}),
        ("", {"source": "sensor-9"}),
        ("", {"org_id": made["org_id"], "last": 0}),
        ("", {"uuid": made["uuid"]}),
    ):
        assert made["uuid"] in {hit["uuid"] for hit in search(world, body, path=path)}, body
    for path, body in (
        ("", {"last": "1d"}), ("", {"type": [0, 2]}), ("", {"org_id": "!" + made["org_id"]}),
        ("/event", {"id": str(uuid4())}), ("", {"source": "sensor-8"}),
    ):  # fmt: skip
        assert made["uuid"] not in {hit["uuid"] for hit in search(world, body, path=path)}, body


def test_a_partner_asks_for_the_sightings_of_events_as_a_stock_node_does(world: World) -> None:
    one, made = sighted(world)
    uuid = rows(world, "SELECT uuid::text FROM event WHERE id = %s", one["event_id"])[0][0]
    body = {"returnFormat": "json", "last": 0, "includeUuid": True, "uuid": [uuid, str(uuid4())]}
    (hit,) = search(world, body, path="/event")
    assert (hit["uuid"], hit["attribute_uuid"], hit["event_uuid"]) == (
        made["uuid"], one["uuid"], uuid)  # fmt: skip
    assert set(hit["Organisation"]) == {"id", "uuid", "name"}


def plain(world: World, body: Any) -> str:
    status, _, content = answer(
        world.database,
        Incoming(
            method="POST", path="/sightings/restSearch", query="",
            headers={"authorization": world.keys["orgadmin"], "accept": "application/json",
                     "content-type": "application/json"},
            body=msgspec.json.encode(body), address="192.0.2.7",
            base_url="http://node.example", body_limit=10**6,
        ),
    )  # fmt: skip
    assert status == 200
    return (content if isinstance(content, bytes) else b"".join(content)).decode()


def test_sightings_come_as_csv_and_xml_with_nothing_breaking_out(world: World) -> None:
    sighted(world, source='=1+1"\n</source>&')
    assert '"\'=1+1""\n</source>&",0' in plain(world, {"returnFormat": "csv"})
    assert "&lt;/source&gt;&amp;" in plain(world, {"returnFormat": "xml"})


def test_a_partner_learns_what_is_known_and_brings_the_rest(world: World) -> None:
    one, made = sighted(world)
    new, org = brought(one["uuid"]), {"uuid": str(uuid4()), "name": "CSIRT Zuidland"}
    third = brought(one["uuid"], Organisation=org)
    odd = [{"uuid": "x"}, 7, brought(one["uuid"], type="9"), brought(str(uuid4()))]
    path = f"/sightings/filterSightingUuidsForPush/{one['event_id']}"
    uuids = [new["uuid"], made["uuid"]]
    setting = "/servers/serverSettingsEdit/Plugin.Sightings_policy"
    world.ask("admin", "POST", setting, {"value": 2})
    assert world.ask(partner(world), "POST", path, uuids).body == [made["uuid"]]
    path = f"/sightings/bulkSaveSightings/{one['event_id']}"
    answer = world.ask(partner(world), "POST", path, [new, third, *odd]).body
    assert answer == {"saved": True, "success": "2 sightings added."}
    assert world.ask(partner(world), "POST", path, [new]).body["saved"] is False
    names = {
        hit["Organisation"]["name"] for hit in search(world, {"id": one["id"]}, path="/attribute")
    }
    assert "CSIRT Zuidland" in names


def test_who_does_not_synchronise_reports_only_as_its_own_organisation(world: World) -> None:
    one, _ = sighted(world)
    path = f"/sightings/bulkSaveSightings/{one['event_id']}"
    assert world.ask("other", "POST", path, [brought(one["uuid"])]).body["saved"] is True
    found = rows(
        world, "SELECT o.name FROM sighting s JOIN organisation o ON o.id = s.org_id"
        " WHERE s.source = 'sensor-1'")  # fmt: skip
    assert "CSIRT Noordland" not in {name for (name,) in found}


def test_a_hidden_event_takes_no_sightings_and_tells_of_none(world: World) -> None:
    one = attribute(world, event(world, distribution=0)["id"])
    for path in ("bulkSaveSightings", "filterSightingUuidsForPush"):
        for key in (one["event_id"], str(uuid4())):
            reply = world.ask(partner(world), "POST", f"/sightings/{path}/{key}", [])
            assert (reply.status, reply.body["message"]) == (404, "Invalid event.")


def test_publishing_sightings_tells_partners_that_there_are_new_ones(world: World) -> None:
    one, _ = sighted(world)
    reply = world.ask("orgadmin", "POST", f"/events/publishSightings/{one['event_id']}")
    assert reply.body["message"] == "Sightings published"
    (time,) = rows(world, "SELECT sighting_timestamp FROM event WHERE id = %s", one["event_id"])
    assert time[0] > 0
