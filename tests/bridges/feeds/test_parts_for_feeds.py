# SPDX-License-Identifier: EUPL-1.2
"""Single parts that are held for a partner's feed: each let in or kept out by a person."""

from typing import Any

import pytest
from tests.bridges.feeds.conftest import World
from tests.bridges.feeds.test_held_for_feeds import held, to
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

from brug.bridges import judging_parts, partners, waiting
from brug.bridges.crossing import recalls
from brug.bridges.crossing.judging import SecondPerson
from brug.bridges.feeds import published, waiting_parts
from brug.model.errors import Forbidden, NotFound
from brug.store import settings

__all__ = ["house", "to"]


def value(name: str, *tags: Any) -> dict[str, Any]:
    return {"type": "domain", "value": f"{name}.example.com", "to_ids": True, "Tag": list(tags)}


def partly_red(house: World) -> Any:
    inside = [value("in", RED) | {"object_relation": "domain"}]
    return put(
        house, "partly", 3, GREEN,
        values=[value("open"), value("one", RED), value("two", RED)],
        Object=[{"name": "domain-ip", "meta-category": "network", "distribution": 5,
                 "template_uuid": "43b3b146-77eb-4931-b4cc-b66c60f28734", "template_version": 9,
                 "Attribute": inside}],
    )  # fmt: skip


def parts(house: World, to: partners.BridgeRow, event: str, who: str = "admin") -> dict[str, Any]:
    with house.database.as_user(house.ids[who]) as session:
        found = judging_parts.held(house.database, session, to, event)
    return {one.says.removeprefix("domain ").removesuffix(".example.com"): one
            for one in found.parts}  # fmt: skip


def judge(
    house: World, to: partners.BridgeRow, event: str, *uuids: str, release: bool = True,
    who: str = "admin",
) -> list[str]:  # fmt: skip
    done = judging_parts.judge(
        house.database, house.ids[who], to, event, uuids, "by telephone", release=release
    )
    return [what for _, what in done]


def values(house: World, path: str) -> set[str]:
    lines = get(house, path).text.split()
    return {line.removesuffix(".example.com") for line in lines}


def test_a_part_is_in_the_feeds_once_a_person_lets_it(house: World, to: partners.BridgeRow) -> None:
    with house.database.system() as session:
        settings.set_value(session, "feeds.published_seconds", 3600)
    event = partly_red(house)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    _, lines = publish(house, name="as-values", format="values", bridge_id=to.id)
    lines += "/values.txt"
    etag = get(house, f"{token}/manifest.json").headers["etag"]
    assert values(house, lines) == {"open"}
    found = parts(house, to, event["uuid"])
    assert found.keys() == {"one", "two", "in"}
    assert judge(house, to, event["uuid"], found["one"].uuid) == ["released"]
    assert judge(house, to, event["uuid"], found["in"].parent) == ["released"]
    assert judge(house, to, event["uuid"], found["two"].uuid, release=False) == ["refused"]
    assert values(house, lines) == {"open", "one", "in"}
    changed = get(house, f"{token}/manifest.json", **{"If-None-Match": etag})
    assert changed.status_code == 200
    text = get(house, f"{token}/{event['uuid']}.json").text
    assert "one.example.com" in text
    assert "two.example.com" not in text
    assert parts(house, to, event["uuid"]) == {}
    with house.database.system() as session:
        said = session.all("SELECT payload FROM ledger_entry WHERE kind = 'judgement'")
    assert sorted(row[0]["what"] for row in said) == ["refused", "released", "released"]


def queue(house: World, who: str = "admin") -> list[tuple[str, int]]:
    with house.database.as_user(house.ids[who]) as session:
        counted = waiting.for_reader(session).held
        found = [(one.info, one.parts) for one in waiting_parts.listed(session)]
    assert counted == len(found)
    return found


def test_parts_that_wait_beside_what_is_in_feeds_are_in_the_queue(
    house: World, to: partners.BridgeRow
) -> None:
    event = partly_red(house)
    put(house, "quiet", 3, GREEN)
    publish(house, name="for-anyone")
    assert queue(house) == []
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    _, lines = publish(house, name="as-values", format="values", bridge_id=to.id)
    infos(house, token)
    values(house, f"{lines}/values.txt")
    assert queue(house) == [("partly", 3)]
    with house.database.as_user(house.ids["admin"]) as session:
        (one,) = waiting_parts.listed(session, to.id)
        assert waiting_parts.listed(session, to.id + 1) == []
    assert (one.bridge_id, one.event_uuid) == (to.id, event["uuid"])
    assert {why["outcome"] for why in one.why} == {"hold"}
    for who in ("publisher", "readonly", "other"):
        assert queue(house, who) == []
    found = parts(house, to, event["uuid"])
    judge(house, to, event["uuid"], found["one"].uuid)
    assert queue(house) == [("partly", 2)], "before anybody has fetched it"
    since = one.since
    infos(house, token)
    values(house, f"{lines}/values.txt")
    assert queue(house) == [("partly", 2)]
    with house.database.as_user(house.ids["admin"]) as session:
        assert waiting_parts.listed(session)[0].since == since
    judge(house, to, event["uuid"], found["two"].uuid, release=False)
    judge(house, to, event["uuid"], found["in"].uuid)
    assert queue(house) == []
    infos(house, token)
    assert queue(house) == []


def test_parts_of_what_left_the_feeds_wait_for_nobody(house: World, to: partners.BridgeRow) -> None:
    event = partly_red(house)
    feed, token = publish(house, name="for-zuidland", bridge_id=to.id)
    infos(house, token)
    assert queue(house) == [("partly", 3)]
    with house.database.as_user(house.ids["admin"]) as session:
        published.edit(session, feed.id, {"enabled": False})
    assert queue(house) == []
    with house.database.as_user(house.ids["admin"]) as session:
        published.edit(session, feed.id, {"enabled": True})
        recalls.ask_all(session, event["uuid"], "wrong")
    assert queue(house) == []
    infos(house, token)
    assert queue(house) == []


def test_a_word_is_of_one_version_of_a_part(house: World, to: partners.BridgeRow) -> None:
    event = partly_red(house)
    _, token = publish(house, name="as-values", format="values", bridge_id=to.id)
    path = f"{token}/values.txt"
    one = parts(house, to, event["uuid"])["one"].uuid
    judge(house, to, event["uuid"], one)
    assert values(house, path) == {"open", "one"}
    change = {"published": True, "Attribute": [{"uuid": one, "comment": "more is known"}]}
    house.ask("admin", "POST", f"/events/edit/{event['uuid']}", change)
    assert values(house, path) == {"open"}
    assert "one" in parts(house, to, event["uuid"])


def test_of_an_event_that_is_held_one_part_is_let_in(house: World, to: partners.BridgeRow) -> None:
    event = put(house, "red", 3, RED, values=[value("a"), value("b")])
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    assert infos(house, token) == set()
    assert len(held(house, to)) == 1
    judge(house, to, event["uuid"], parts(house, to, event["uuid"])["a"].uuid)
    assert infos(house, token) == {"red"}
    text = get(house, f"{token}/{event['uuid']}.json").text
    assert "a.example.com" in text
    assert "b.example.com" not in text


def test_a_word_for_one_partner_is_none_for_others_and_for_anyone(
    house: World, to: partners.BridgeRow
) -> None:
    other = bridge(house, "Noordland Bank")
    agree(house, other, ceiling={"tlp": "green", "pap": "red"})
    event = put(house, "clear", 3, CLEAR, values=[value("open"), value("one", RED)])
    paths = [
        publish(house, name=f"values-{n}", format="values", bridge_id=one.id)[1] + "/values.txt"
        for n, one in enumerate((to, other))
    ]
    publish(house, name="for-anyone", format="values")
    judge(house, to, event["uuid"], parts(house, to, event["uuid"])["one"].uuid)
    assert [values(house, one) for one in (*paths, "for-anyone/values.txt")] == [
        {"open", "one"}, {"open"}, {"open"},
    ]  # fmt: skip


def test_four_eyes_and_who_may(house: World, to: partners.BridgeRow) -> None:
    agree(house, to, ceiling={"tlp": "green", "pap": "red"},
          release={"when": ["red"], "four_eyes": True})  # fmt: skip
    event = partly_red(house)
    _, token = publish(house, name="as-values", format="values", bridge_id=to.id)
    one = parts(house, to, event["uuid"])["one"].uuid
    for who in ("publisher", "readonly", "sync", "other"):
        with pytest.raises((Forbidden, NotFound)):
            judge(house, to, event["uuid"], one, who=who)
    assert judge(house, to, event["uuid"], one) == ["first yes"]
    assert values(house, f"{token}/values.txt") == {"open"}
    with pytest.raises(SecondPerson):
        judge(house, to, event["uuid"], one)
