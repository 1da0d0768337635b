# SPDX-License-Identifier: EUPL-1.2
"""Blocklists over MISP's interface, and what they keep out."""

from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import World
from tests.api.event_world import attribute, event, is_refused

CONTROLLERS = (
    "eventBlocklists", "orgBlocklists", "galaxyClusterBlocklists", "analystDataBlocklists",
    "sightingBlocklists",
)  # fmt: skip


def block(world: World, controller: str, *uuids: str, **fields: Any) -> Any:
    reply = world.ask("admin", "POST", f"/{controller}/add", {"uuids": list(uuids), **fields})
    assert reply.status == 200, reply.body
    return reply.body


def test_a_deleted_event_stays_away(world: World) -> None:
    added = event(world)
    world.ask("orgadmin", "POST", f"/events/delete/{added['id']}")
    again = {"info": "Back", "uuid": added["uuid"], "Orgc": added["Orgc"]}
    for who in ("orgadmin", "admin", "sync"):
        reply = world.ask(who, "POST", "/events/add", again)
        assert is_refused(reply, 403, "Event blocked by event blocklist.")
    (entry,) = world.ask("admin", "GET", "/eventBlocklists/index").body
    assert entry["event_info"] == "Phishing wave"
    assert entry["event_orgc"] == "Noordland Bank"
    assert entry["comment"] == "Automatically blocked by deleting event"
    world.ask("admin", "POST", f"/eventBlocklists/delete/{added['uuid']}")
    assert world.ask("orgadmin", "POST", "/events/add", again).status == 200


def test_a_list_that_is_switched_off_keeps_nothing_out(world: World) -> None:
    from brug.store import settings  # noqa: PLC0415

    with world.database.system() as session:
        settings.set_value(session, "events.blocklist", False)
    added = event(world)
    world.ask("orgadmin", "POST", f"/events/delete/{added['id']}")
    assert world.ask("admin", "GET", "/eventBlocklists/index").body == []
    assert event(world, uuid=added["uuid"])["uuid"] == added["uuid"]


def test_events_of_a_blocked_organisation_are_refused_and_counted(world: World) -> None:
    uuid = str(uuid4())
    block(world, "orgBlocklists", uuid, org_name="Elsewhere")
    raw = {"info": "x", "Orgc": {"name": "Elsewhere", "uuid": uuid}}
    for _ in range(2):
        reply = world.ask("sync", "POST", "/events/add", {"Event": raw})
        assert is_refused(reply, 403, "Event blocked by organisation blocklist.")
    (entry,) = world.ask("admin", "GET", "/orgBlocklists/index").body
    assert entry["blocked_data"]["blocked_amount"] == 2
    assert entry["org_name"] == "Elsewhere"
    assert world.ask("user", "POST", "/events/add", {"Event": raw}).status == 200  # its own


def test_sightings_of_a_blocked_organisation_are_left_out(world: World) -> None:
    uuid = str(uuid4())
    block(world, "sightingBlocklists", uuid)
    seen = [{"type": 0, "source": s, "Organisation": {"uuid": u, "name": s}}
            for s, u in (("blocked", uuid), ("welcome", str(uuid4())))]  # fmt: skip
    raw = {"info": "x", "Attribute": [{"type": "ip-dst", "value": "192.0.2.1", "Sighting": seen}]}
    added = world.ask("sync", "POST", "/events/add", {"Event": raw}).body["Event"]
    assert [s["source"] for s in added["Attribute"][0]["Sighting"]] == ["welcome"]


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_a_list_is_kept_by_site_admins_alone(world: World, controller: str) -> None:
    one, two = str(uuid4()), str(uuid4())
    done = block(world, controller, one, two, "x", comment="why")
    assert done["result"] == {"successes": [one, two], "fails": ["x"]}
    first = world.ask("admin", "GET", f"/{controller}/index").body[0]
    assert first["comment"] == "why"
    changed = world.ask("admin", "POST", f"/{controller}/edit/{one}", {"comment": "because"}).body
    assert next(iter(changed.values()))["comment"] == "because"
    for action in ("index", "add", f"edit/{one}", f"delete/{one}"):
        for who in ("orgadmin", "sync", "readonly"):
            assert world.ask(who, "POST", f"/{controller}/{action}", {"uuids": one}).status == 403
    gone = world.ask("admin", "POST", f"/{controller}/delete/{one}").body
    assert gone["message"] == "Blocklist entry removed"
    assert len(world.ask("admin", "GET", f"/{controller}/index").body) == 1


def test_many_are_taken_off_at_once(world: World) -> None:
    uuids = [str(uuid4()) for _ in range(3)]
    block(world, "eventBlocklists", *uuids)
    ids = [entry["id"] for entry in world.ask("admin", "GET", "/eventBlocklists/index").body]
    sent = {"EventBlocklist": {"ids": str([int(i) for i in ids[:2]])}}
    assert world.ask("admin", "POST", "/eventBlocklists/massDelete", sent).status == 200
    left = world.ask("admin", "GET", "/eventBlocklists/index").body
    assert [entry["event_uuid"] for entry in left] == uuids[2:]


def test_a_blocked_uuid_says_nothing_to_those_who_do_not_send_it(world: World) -> None:
    added = event(world)
    item = attribute(world, added["id"])
    block(world, "eventBlocklists", added["uuid"])
    assert world.ask("orgadmin", "GET", f"/events/view/{added['uuid']}").status == 200
    assert world.ask("orgadmin", "GET", f"/attributes/view/{item['uuid']}").status == 200


def test_nobody_keeps_anothers_items_away_by_deleting_some_with_their_uuids(world: World) -> None:
    theirs = str(uuid4())
    decoy = event(world, "other", uuid=theirs)
    assert world.ask("other", "POST", f"/events/delete/{decoy['id']}").status == 200
    assert event(world, "orgadmin", uuid=theirs)["uuid"] == theirs

    target = event(world)["uuid"]
    note = {"uuid": str(uuid4()), "note": "Seen", "object_uuid": target, "object_type": "Event"}
    for who in ("other", "orgadmin"):
        added = world.ask(who, "POST", f"/analystData/add/Note/{target}/Event", note)
        assert added.status == 200, added.body
        if who == "other":
            world.ask(who, "POST", f"/analystData/delete/Note/{note['uuid']}/1")
