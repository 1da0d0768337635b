# SPDX-License-Identifier: EUPL-1.2
"""Files for sensors over restSearch: what is in them, for whom, and what markings keep out."""

from typing import Any

import msgspec
import pytest
from pymisp import MISPAttribute, MISPEvent, PyMISP
from tests.api.conftest import World
from tests.api.event_world import add_object, an_object, event, published

from brug.api.misp.serve import Incoming, answer
from brug.formats.sensors.table import SENSORS

BLOCKING = ("rpz", "hosts", "netfilter")
ALERTING = ("suricata", "snort", "zeek", "yara", "yara-json", "openioc")


def asked(
    world: World, path: str, body: Any, who: str = "orgadmin", accept: str = "application/json"
) -> str:
    status, _, content = answer(
        world.database,
        Incoming(
            method="POST", path=path, query="",
            headers={"authorization": world.keys[who], "accept": accept,
                     "content-type": "application/json"},
            body=msgspec.json.encode(body), address="192.0.2.7",
            base_url="http://node.example", body_limit=10**6,
        ),
    )  # fmt: skip
    assert status == 200, content
    return (content if isinstance(content, bytes) else b"".join(content)).decode()


def file(
    world: World, name: str, scope: str = "attributes", who: str = "orgadmin", **given: Any
) -> str:
    return asked(world, f"/{scope}/restSearch", {"returnFormat": name, **given}, who)


def indicators(world: World, *tags: str, of: str = "event", **fields: Any) -> dict[str, Any]:
    """A published event with an address, a name and a hash, tagged on it or on each of them."""
    named = [{"name": tag} for tag in tags]
    values = [
        {"type": "ip-dst", "value": "198.51.100.77", "to_ids": True},
        {"type": "domain", "value": "seventy.seven.example", "to_ids": True},
        {"type": "md5", "value": "7" * 32, "to_ids": True},
    ]
    if of == "attribute":
        values = [{**value, "Tag": named} for value in values]
    else:
        fields["Tag"] = named
    made = event(world, Attribute=values, **fields)
    published(world, made["id"])
    return made


def holds(text: str) -> bool:
    return any(part in text for part in ("198.51.100.77", "77.100.51.198", "seventy", "777777"))


@pytest.mark.parametrize("name", SENSORS)
@pytest.mark.parametrize("scope", ["attributes", "events"])
def test_what_is_published_and_for_detection_is_in_every_file(
    world: World, name: str, scope: str
) -> None:
    indicators(world, "tlp:amber")
    assert holds(file(world, name, scope))


@pytest.mark.parametrize("name", SENSORS)
def test_drafts_and_what_is_not_for_detection_are_in_no_file(world: World, name: str) -> None:
    event(world, Attribute=[{"type": "ip-dst", "value": "198.51.100.77", "to_ids": True}])
    made = event(world, Attribute=[{"type": "domain", "value": "seventy.seven.example",
                                    "to_ids": False}])  # fmt: skip
    published(world, made["id"])
    assert not holds(file(world, name))
    assert not holds(file(world, name, to_ids=0, published=0))


@pytest.mark.parametrize("of", ["event", "attribute"])
@pytest.mark.parametrize("tag", ["TLP:RED", "tlp:red", "PAP:RED", "pap:red"])
def test_red_is_in_no_file_whichever_parent_says_so(world: World, of: str, tag: str) -> None:
    indicators(world, "tlp:green", tag, of=of)
    for name in SENSORS:
        for scope in ("attributes", "events"):
            assert not holds(file(world, name, scope)), (name, scope)


@pytest.mark.parametrize("of", ["event", "attribute"])
def test_pap_amber_alerts_and_does_not_block(world: World, of: str) -> None:
    indicators(world, "PAP:AMBER", of=of)
    assert [name for name in SENSORS if holds(file(world, name))] == [
        name for name in SENSORS if name in ALERTING
    ]
    assert set(SENSORS) == {*ALERTING, *BLOCKING}


@pytest.mark.parametrize("name", [*SENSORS, "text", "csv", "stix2", "values", "hashes", "cache"])
def test_what_few_may_see_is_in_no_file_of_others(world: World, name: str) -> None:
    made = indicators(world)
    secret = {"type": "md5", "object_relation": "md5", "value": "8" * 32, "to_ids": True,
              "distribution": 0}  # fmt: skip
    address = {"type": "ip-dst", "value": "203.0.113.88", "to_ids": True, "distribution": 0}
    add_object(world, made["id"], Attribute=[secret, *an_object()["Attribute"]])
    world.ask("orgadmin", "POST", f"/attributes/add/{made['id']}", address)
    published(world, made["id"])
    for scope in ("attributes", "events"):
        text = file(world, name, scope, who="other")
        assert "203.0.113.88" not in text
        assert "88.113.0.203" not in text
        assert "88888888" not in text


def test_a_zone_is_asked_for_with_misps_parameters(world: World) -> None:
    indicators(world)
    zone = file(world, "rpz", rpz_policy="DROP", rpz_ns="ns1.example.", rpz_serial="7")
    assert "seventy.seven.example CNAME rpz-drop." in zone
    assert "SOA ns1.example. root.localhost (7 " in zone
    text = asked(world, "/attributes/rpz/download", {"policy": "PASSTHRU"})
    assert "32.77.100.51.198.rpz-ip CNAME rpz-passthru." in text
    reply = world.ask("orgadmin", "POST", "/attributes/restSearch",
                      {"returnFormat": "rpz", "rpz_ttl": "1w\nx CNAME ."})  # fmt: skip
    assert reply.status == 400
    assert "rpz_ttl" in reply.body["message"]


def test_stix_1_is_xml_for_who_accepts_xml(world: World) -> None:
    made = indicators(world)
    given = {"returnFormat": "stix", "eventid": made["id"]}
    assert asked(world, "/events/restSearch", given).startswith('{"id":"CSIRT_Noordland:STIX')
    xml = asked(world, "/events/restSearch", given, accept="application/xml")
    assert xml.startswith('<?xml version="1.0"')
    assert "AddressObj:Address_Value" in xml


def test_pymisp_asks_for_each_format(served_node: World) -> None:
    world = served_node
    made = indicators(world)
    client = PyMISP(world.url, world.keys["orgadmin"], ssl=False)
    for name in ("openioc", "xml", "suricata", "snort", "text", "rpz", "csv", "cache", "stix-xml",
                 "stix", "stix2", "yara", "yara-json", "attack", "attack-sightings", "context",
                 "context-markdown"):  # fmt: skip
        found = client.search(return_format=name, eventid=made["id"])
        assert "errors" not in found, name
        assert found or name == "attack-sightings", name
    found = client.search("attributes", return_format="json", eventid=made["id"])
    assert isinstance(found, dict)
    one = found["Attribute"][0]
    client.add_sighting({"id": one["id"], "source": "sensor-3"}, pythonify=True)
    (sighted,) = client.search_sightings(
        context="attribute", context_id=one["id"], include_attribute=True,
        include_event_meta=True, source="sensor-3", pythonify=True,
    )  # fmt: skip
    assert isinstance(sighted, dict)
    on, inside = sighted["attribute"], sighted["event"]
    assert isinstance(on, MISPAttribute)
    assert isinstance(inside, MISPEvent)
    assert (on.value, inside.id) == (one["value"], int(made["id"]))


def test_a_cache_tells_the_event_of_each_value_where_that_is_asked(world: World) -> None:
    made = indicators(world)
    lines = file(world, "cache", includeEventUuid=1, eventid=made["id"]).splitlines()
    assert len(lines) == 3
    assert all(line.split(",")[1] == made["uuid"] for line in lines)
    page = {"includeEventUuid": 1, "eventid": made["id"], "limit": 2}
    pages = [file(world, "cache", page=number, **page) for number in (1, 2, 3)]
    assert "".join(pages).splitlines() == lines
    assert pages[2] == ""
