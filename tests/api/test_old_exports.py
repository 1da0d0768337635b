# SPDX-License-Identifier: EUPL-1.2
"""The export addresses from before restSearch: what they name, and what a slip in them gives."""

import pytest
from tests.api.conftest import World
from tests.api.event_world import event

ADDRESSES = (
    "/events/xml", "/events/json", "/events/stix", "/events/stix2", "/events/csv",
    "/events/openioc", "/attributes/text", "/attributes/rpz", "/attributes/bro",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("slip", ["", "/nonsense", "/1", "/all", "/null", "?eventid=1", "/sort:id"])
def test_an_address_that_does_not_say_download_exports_nothing(
    world: World, address: str, slip: str
) -> None:
    event(world, Attribute=[{"type": "domain", "value": "old.example"}])
    reply = world.ask("orgadmin", "GET", address + slip)
    assert reply.status == 404
    assert b"old.example" not in reply.raw


@pytest.mark.parametrize(
    "address", ["/events/xml", "/events/json", "/events/stix", "/events/stix2"]
)
def test_an_event_that_is_not_there_is_refused_and_no_empty_export(
    world: World, address: str
) -> None:
    hidden = event(world, distribution=0, Attribute=[{"type": "domain", "value": "old.example"}])
    for wanted in ("99999", "nonsense", hidden["id"], hidden["uuid"]):
        reply = world.ask("other", "GET", f"{address}/download/{wanted}")
        assert (reply.status, reply.body["message"]) == (404, "Invalid event")
        assert b"old.example" not in reply.raw


@pytest.mark.parametrize("key", ["id", "uuid"])
def test_an_event_is_exported_by_its_id_and_uuid(world: World, key: str) -> None:
    made = event(world, Attribute=[{"type": "domain", "value": "old.example"}])
    event(world, Attribute=[{"type": "domain", "value": "another.example"}])
    for address in ("/events/xml", "/events/json", "/events/stix", "/events/stix2"):
        content = world.ask("orgadmin", "GET", f"{address}/download/{made[key]}").raw
        assert b"old.example" in content
        assert b"another.example" not in content


def test_parameters_may_stand_in_the_body_alone(world: World) -> None:
    made = event(world, Attribute=[{"type": "domain", "value": "old.example"}])
    asked = {"request": {"eventid": made["id"]}}
    assert b"old.example" in world.ask("orgadmin", "POST", "/events/xml", asked).raw


@pytest.mark.parametrize(
    "address", ["/attributes/returnAttributes", "/events/downloadOpenIOCEvent"]
)
def test_what_is_about_one_event_wants_that_event(world: World, address: str) -> None:
    event(world, Attribute=[{"type": "domain", "value": "old.example"}])
    reply = world.ask("orgadmin", "GET", address)
    assert (reply.status, reply.body["message"]) == (404, "Invalid event")
