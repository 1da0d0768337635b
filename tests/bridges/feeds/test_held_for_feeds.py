# SPDX-License-Identifier: EUPL-1.2
"""What is held for a partner's feed waits for a person, and is in the feed once released."""

from typing import Any

import pytest
from pymisp import MISPEvent
from tests.bridges.feeds.conftest import World
from tests.bridges.feeds.test_published_feeds import (
    CLEAR,
    GREEN,
    RED,
    agree,
    bridge,
    get,
    house,
    infos,
    publish,
    put,
)

from brug.bridges import partners, waiting
from brug.bridges.crossing import judging, rows
from brug.bridges.crossing.judging import NotHeld
from brug.bridges.crossing.rows import Crossing
from brug.bridges.feeds import published, publishing
from brug.directory import account_changes
from brug.store import settings

__all__ = ["house"]


@pytest.fixture
def to(house: World) -> partners.BridgeRow:
    made = bridge(house, "Zuidland Energie")
    agree(house, made, ceiling={"tlp": "green", "pap": "red"})
    return made


def crossings(house: World, to: partners.BridgeRow) -> list[Crossing]:
    with house.database.as_user(house.ids["admin"]) as session:
        return rows.listed(session, bridge_id=to.id)


def held(house: World, to: partners.BridgeRow) -> list[Crossing]:
    return [one for one in crossings(house, to) if one.state == "held"]


def release(house: World, number: int, who: str = "admin") -> None:
    with house.database.as_user(house.ids[who]) as session:
        judging.release(session, number, "agreed by telephone")


def test_what_is_held_is_released_into_the_feed(house: World, to: partners.BridgeRow) -> None:
    put(house, "green", 3, GREEN)
    event = put(house, "red", 3, RED)
    feed, token = publish(house, name="for-zuidland", bridge_id=to.id)
    etag = get(house, f"{token}/manifest.json").headers["etag"]
    assert infos(house, token) == {"green"}
    (one,) = held(house, to)
    assert (one.event_uuid, one.kind, one.releasable) == (event["uuid"], "event", True)
    with house.database.as_user(house.ids["admin"]) as session:
        assert waiting.for_reader(session).held == 1
        assert published.view(session, feed.id).held == 1
    release(house, one.id)
    changed = get(house, f"{token}/manifest.json", **{"If-None-Match": etag})
    assert {entry["info"] for entry in changed.json().values()} == {"green", "red"}
    assert "red.example.com" in get(house, f"{token}/{event['uuid']}.json").text
    assert [c.state for c in crossings(house, to)] == ["sent"]
    with house.database.system() as session:
        assert published.view(session, feed.id).held == 0
        kinds = [row[0] for row in session.all("SELECT kind FROM ledger_entry ORDER BY number")]
    assert {"crossing", "judgement", "feed"} <= set(kinds)
    # Looked at again, for whatever reason, it stays released.
    with house.database.system() as session:
        session.execute("UPDATE published_part SET fingerprint = ''")
        publishing.refreshed(house.database, feed, now=True)
    assert infos(house, token) == {"green", "red"}
    assert [c.state for c in crossings(house, to)] == ["sent"]


def test_what_is_released_is_there_at_the_next_fetch(house: World, to: partners.BridgeRow) -> None:
    with house.database.system() as session:
        settings.set_value(session, "feeds.published_seconds", 3600)
    put(house, "red", 3, RED)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    assert infos(house, token) == set()
    put(house, "green", 3, GREEN)
    assert infos(house, token) == set()  # not looked at yet
    release(house, held(house, to)[0].id)
    assert infos(house, token) == {"red", "green"}


def test_a_release_is_of_one_version(house: World, to: partners.BridgeRow) -> None:
    event = put(house, "red", 3, RED)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    assert infos(house, token) == set()
    (first,) = held(house, to)
    path = f"/events/edit/{event['uuid']}"
    house.ask("admin", "POST", path, {"info": "red v2", "published": True})
    assert infos(house, token) == set()
    (second,) = held(house, to)
    assert second.id != first.id
    with house.database.as_user(house.ids["admin"]) as session, pytest.raises(NotHeld):
        judging.release(session, first.id, "too late")
    release(house, second.id)
    assert infos(house, token) == {"red v2"}
    house.ask("admin", "POST", path, {"info": "red v3", "published": True})
    assert infos(house, token) == set()
    assert len(held(house, to)) == 1


def test_what_is_refused_stays_out_until_it_changes(house: World, to: partners.BridgeRow) -> None:
    event = put(house, "red", 3, RED)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    infos(house, token)
    (one,) = held(house, to)
    with house.database.as_user(house.ids["admin"]) as session:
        judging.refuse(session, one.id, "not for them")
    assert infos(house, token) == set()
    assert held(house, to) == []
    path = f"/events/edit/{event['uuid']}"
    house.ask("admin", "POST", path, {"info": "red v2", "published": True})
    infos(house, token)
    assert len(held(house, to)) == 1


def test_several_feeds_of_a_partner_wait_once_and_get_it_together(
    house: World, to: partners.BridgeRow
) -> None:
    values = [
        {"type": "domain", "value": "a.example.com", "to_ids": True},
        {"type": "domain", "value": "b.example.com", "to_ids": False},
    ]
    put(house, "red", 3, RED, values=values)
    whole, token = publish(house, name="for-zuidland", bridge_id=to.id)
    _, listed = publish(
        house, name="values-zuidland", bridge_id=to.id, format="values", filters={"to_ids": True}
    )
    assert infos(house, token) == set()
    assert get(house, f"{listed}/values.txt").text == ""
    (one,) = held(house, to)
    release(house, one.id)
    assert get(house, f"{listed}/values.txt").text == "a.example.com\n"
    assert infos(house, token) == {"red"}
    assert [c.state for c in crossings(house, to)] == ["sent"]
    with house.database.as_user(house.ids["admin"]) as session:
        published.delete(session, whole.id)
    assert get(house, f"{listed}/values.txt").text == "a.example.com\n"


def test_what_no_feed_would_have_waits_for_nobody(house: World, to: partners.BridgeRow) -> None:
    event, other = put(house, "red", 3, RED), put(house, "red-too", 3, RED)
    feed, token = publish(house, name="for-zuidland", bridge_id=to.id)
    infos(house, token)
    assert len(held(house, to)) == 2
    house.ask("admin", "POST", f"/events/unpublish/{event['uuid']}")
    infos(house, token)
    assert [one.event_uuid for one in held(house, to)] == [other["uuid"]]
    with house.database.as_user(house.ids["admin"]) as session:
        published.edit(session, feed.id, {"enabled": False})
    assert held(house, to) == []
    with house.database.as_user(house.ids["admin"]) as session:
        published.edit(session, feed.id, {"enabled": True})
    infos(house, token)
    assert len(held(house, to)) == 1
    # It passes by itself now: nobody has to release it.
    agree(house, to, ceiling={"tlp": "red", "pap": "red"})
    assert infos(house, token) == {"red-too"}
    assert held(house, to) == []


def test_two_people_release_where_that_is_agreed(house: World, to: partners.BridgeRow) -> None:
    agree(house, to, ceiling={"tlp": "green", "pap": "red"},
          release={"when": ["green"], "four_eyes": True})  # fmt: skip
    with house.database.system() as session:
        given: dict[str, Any] = {"email": "second@csirt.example", "org_id": 1, "role_id": 1}
        second = account_changes.add(session, given).account.id
    put(house, "green", 3, GREEN)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    assert infos(house, token) == set()
    (one,) = held(house, to)
    release(house, one.id)
    assert infos(house, token) == set()
    house.ids["second"] = second
    release(house, one.id, "second")
    assert infos(house, token) == {"green"}


def test_an_agreement_that_ends_takes_what_was_released_out(
    house: World, to: partners.BridgeRow
) -> None:
    put(house, "red", 3, RED)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    infos(house, token)
    (one,) = held(house, to)
    release(house, one.id)
    assert infos(house, token) == {"red"}
    with house.database.as_user(house.ids["admin"]) as session:
        partners.pause(session, partners.view(session, to.id))
    assert infos(house, token) == set()


def test_for_anyone_nothing_is_held(house: World) -> None:
    put(house, "clear", 3, CLEAR)
    put(house, "red", 3, RED)
    publish(house, name="public-indicators")
    assert infos(house, "public-indicators") == {"clear"}
    with house.database.system() as session:
        assert session.value("SELECT count(*) FROM crossing") == 0


def test_a_feed_carries_what_misps_own_generator_writes_and_no_notes(house: World) -> None:
    report = {"name": "What we know", "content": "# All", "distribution": 5}
    sent = put(house, "clear", 3, CLEAR, EventReport=[report])
    note = {"note": "seen elsewhere too", "authors": "us", "distribution": 3}
    path = f"/analystData/add/Note/{sent['uuid']}/Event"
    assert house.ask("admin", "POST", path, note).status == 200
    whole = MISPEvent()
    whole.from_dict(**house.ask("admin", "GET", f"/events/view/{sent['uuid']}").body["Event"])
    assert len(whole.notes) == 1
    theirs = whole.to_feed()["Event"]
    publish(house, name="public-indicators")
    ours = get(house, f"public-indicators/{sent['uuid']}.json").json()["Event"]
    for one in (theirs, ours):
        assert "seen elsewhere too" not in str(one)
        assert [report["name"] for report in one["EventReport"]] == ["What we know"]
        assert [item["value"] for item in one["Attribute"]] == ["clear.example.com"]
