# SPDX-License-Identifier: EUPL-1.2
"""What is recalled is in no feed of whoever it was recalled from, from that moment on."""

import errno
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.bridges.crossing.conftest import added as added_at
from tests.bridges.crossing.conftest import agree as agree_natively
from tests.bridges.crossing.conftest import carry, new_event, stored
from tests.bridges.feeds.conftest import World
from tests.bridges.feeds.test_held_for_feeds import to
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
from tests.bridges.served import ADMIN, Served
from tests.locked_out import until_somebody_waits

from brug.bridges import partners
from brug.bridges.crossing import judging, recalls, rows
from brug.bridges.crossing.recalls import CannotRecall
from brug.bridges.feeds import folders, passing, published, publishing, readers
from brug.intel.publishing import publish as publish_event
from brug.model.errors import Forbidden
from brug.store import settings

__all__ = ["house", "to"]
Two = tuple[Served, Served]
DOMAIN = {"type": "domain", "value": "gone.example.com", "to_ids": True}


def recall(
    house: World, uuid: str, of: partners.BridgeRow | None = None, who: str = "admin"
) -> list[Any]:
    with house.database.as_user(house.ids[who]) as session:
        return recalls.ask_all(session, uuid, "it names a victim", of)


def seldom(house: World) -> None:
    """From now on nothing is found by looking: what leaves has to leave by itself."""
    with house.database.system() as session:
        settings.set_value(session, "feeds.published_seconds", 3600)


def test_it_leaves_every_form_of_the_partners_feeds_at_once(
    house: World, to: partners.BridgeRow, tmp_path: Path
) -> None:
    event = put(house, "gone", 3, GREEN, values=[DOMAIN])
    put(house, "stays", 3, GREEN)
    forms = {"csv": "values.csv", "values": "values.txt", "rpz": "zone.rpz"}
    misp, token = publish(house, name="for-zuidland", bridge_id=to.id)
    lists = {
        name: publish(house, name=f"as-{form}", format=form, bridge_id=to.id)[1] + f"/{name}"
        for form, name in forms.items()
    }
    assert infos(house, token) == {"gone", "stays"}
    etags = {}
    for path in (f"{token}/manifest.json", f"{token}/hashes.csv", *lists.values()):
        etags[path] = get(house, path).headers["etag"]
    assert all("gone.example.com" in get(house, path).text for path in lists.values())
    folders.write(house.database, misp, tmp_path)
    seldom(house)

    (asked,) = recall(house, event["uuid"])
    assert (asked.kind, asked.state, asked.partner) == ("recall", "sent", to.partner)
    assert infos(house, token) == {"stays"}
    assert event["uuid"] not in get(house, f"{token}/hashes.csv").text
    assert get(house, f"{token}/{event['uuid']}.json").status_code == 404
    for path in lists.values():
        assert "gone.example.com" not in get(house, path).text
    for path, etag in etags.items():
        assert get(house, path, **{"If-None-Match": etag}).status_code == 200, path
    told = folders.write(house.database, misp, tmp_path)
    assert told.removed == 1
    assert not (tmp_path / f"{event['uuid']}.json").exists()
    with house.database.system() as session:
        kinds = [row[0] for row in session.all("SELECT kind FROM ledger_entry ORDER BY number")]
        assert published.view(session, misp.id).left_out["recalled"] == 1
    assert kinds.count("recall") == 1

    # Looked at again it stays out, and is back once it is published again.
    with house.database.system() as session:
        settings.set_value(session, "feeds.published_seconds", 0)
    assert infos(house, token) == {"stays"}
    path = f"/events/edit/{event['uuid']}"
    house.ask("admin", "POST", path, {"info": "gone, put right", "published": True})
    assert infos(house, token) == {"gone, put right", "stays"}


def test_it_leaves_the_folders_that_a_feed_was_written_into(
    house: World, to: partners.BridgeRow, tmp_path: Path
) -> None:
    event = put(house, "gone", 3, GREEN, values=[DOMAIN])
    misp, _ = publish(house, name="for-zuidland", bridge_id=to.id)
    zone, _ = publish(house, name="as-rpz", format="rpz", bridge_id=to.id)
    places = [tmp_path / name for name in ("misp", "out", "emptied", "closed", "zone")]
    for place in places:
        place.mkdir()
        folders.write(house.database, zone if place.name == "zone" else misp, place)
    out, emptied, closed = places[1:4]
    out.rename(tmp_path / "away")
    for one in emptied.iterdir():
        one.unlink()
    for one in closed.iterdir():
        one.unlink()
    (closed / "manifest.json").mkdir()  # no file, whoever may write here
    assert folders.catch_up(house.database) == 0, "nothing was recalled"
    seldom(house)
    recall(house, event["uuid"])
    assert folders.catch_up(house.database) == 2
    assert "gone.example.com" not in (places[4] / "zone.rpz").read_text()
    assert sorted(one.name for one in places[0].iterdir()) == ["hashes.csv", "manifest.json"]
    assert (places[0] / "manifest.json").read_text() == "{}"
    assert list(emptied.iterdir()) == [], "nothing is put where no feed is"
    (tmp_path / "away").rename(out)
    assert folders.catch_up(house.database) == 1
    assert not (out / f"{event['uuid']}.json").exists()
    assert folders.catch_up(house.database) == 0
    with house.database.as_user(house.ids["admin"]) as session:
        published.delete(session, misp.id)
        published.delete(session, zone.id)
    assert folders.catch_up(house.database) == 0


def test_a_folder_that_cannot_be_written_is_told_and_tried_again(
    house: World, to: partners.BridgeRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = put(house, "gone", 3, GREEN, values=[DOMAIN])
    feed, _ = publish(house, name="for-zuidland", bridge_id=to.id)
    folders.write(house.database, feed, tmp_path)
    recall(house, event["uuid"])

    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(folders, "_replace", full)
        assert folders.catch_up(house.database) == 0
    with house.database.system() as session:
        problem = session.value("SELECT problem FROM published_folder")
    assert "No space left" in problem
    assert folders.catch_up(house.database) == 1
    assert not (tmp_path / f"{event['uuid']}.json").exists()


def test_a_recall_from_one_leaves_what_others_read(house: World, to: partners.BridgeRow) -> None:
    other = bridge(house, "Noordland Bank")
    agree(house, other, ceiling={"tlp": "green", "pap": "red"})
    event = put(house, "clear", 3, CLEAR)
    tokens = [publish(house, name=f"for-{n}", bridge_id=b.id)[1] for n, b in enumerate((to, other))]
    publish(house, name="for-anyone")
    assert all(infos(house, one) == {"clear"} for one in (*tokens, "for-anyone"))
    recall(house, event["uuid"], to)
    assert [infos(house, one) for one in (*tokens, "for-anyone")] == [set(), {"clear"}, {"clear"}]
    with pytest.raises(CannotRecall, match=r"nothing of event .* crossed bridge"):
        recall(house, event["uuid"], to)
    recall(house, event["uuid"])
    assert [infos(house, one) for one in (*tokens, "for-anyone")] == [set(), set(), set()]
    with house.database.system() as session:
        payloads = session.all("SELECT payload FROM ledger_entry WHERE kind = 'recall'")
    assert any(row[0].get("from") == "feeds for anyone" for row in payloads)
    with pytest.raises(CannotRecall):
        recall(house, event["uuid"])


def test_a_feed_that_is_made_later_has_it_neither(house: World, to: partners.BridgeRow) -> None:
    event = put(house, "gone", 3, GREEN)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    assert infos(house, token) == {"gone"}
    recall(house, event["uuid"])
    _, later = publish(house, name="made-later", bridge_id=to.id)
    assert infos(house, later) == set()


def test_what_people_released_into_a_feed_is_called_back(
    house: World, to: partners.BridgeRow
) -> None:
    event = put(house, "red", 3, RED)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    infos(house, token)
    with house.database.as_user(house.ids["admin"]) as session:
        (one,) = rows.listed(session, bridge_id=to.id)
        judging.release(session, one.id, "agreed")
    assert infos(house, token) == {"red"}
    recall(house, event["uuid"], to)
    assert infos(house, token) == set()
    with house.database.as_user(house.ids["admin"]) as session:
        states = {one.kind: one.state for one in rows.listed(session, bridge_id=to.id)}
    assert states == {"recall": "sent", "event": "recalled"}


def test_who_may_not_recall_takes_nothing_out_of_feeds(
    house: World, to: partners.BridgeRow
) -> None:
    event = put(house, "clear", 3, CLEAR)
    _, token = publish(house, name="for-zuidland", bridge_id=to.id)
    publish(house, name="for-anyone")
    assert infos(house, token) == infos(house, "for-anyone") == {"clear"}
    for who in ("publisher", "sync", "readonly", "other"):
        with pytest.raises((Forbidden, CannotRecall)):
            recall(house, event["uuid"], who=who)
    assert infos(house, token) == infos(house, "for-anyone") == {"clear"}


def test_a_look_that_began_before_the_recall_does_not_put_it_back(
    house: World, to: partners.BridgeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = put(house, "gone", 3, GREEN)
    feed, token = publish(house, name="for-zuidland", bridge_id=to.id)
    assert infos(house, token) == {"gone"}
    with house.database.system() as session:
        session.execute("UPDATE published_part SET fingerprint = ''")
    recalling = threading.Thread(target=recall, args=(house, event["uuid"]))
    before = passing.passed

    def passed(*args: Any, **how: Any) -> passing.Passed:
        recalling.start()
        until_somebody_waits(house.database)
        return before(*args, **how)

    monkeypatch.setattr(passing, "passed", passed)
    publishing.refreshed(house.database, feed, now=True)
    recalling.join()
    monkeypatch.setattr(passing, "passed", before)
    seldom(house)
    assert infos(house, token) == set()


# With nodes at the other end ---------------------------------------------------------------


@pytest.fixture
def agreed(connected: Two) -> Two:
    one, other = connected
    agree_natively(one, other)
    return one, other


def feed_of(node: Served, name: str, org: str | None = None) -> published.Published:
    """A feed for an organisation, with an agreement on paper, or for anyone."""
    with node.database.as_user(ADMIN) as session:
        to = None if org is None else readers.bridge_to(session, org)
        made, _ = published.add(session, {"name": name, "bridge_id": to.id if to else None})
    return publishing.refreshed(node.database, made, now=True)


def events_in(node: Served, feed: published.Published) -> int:
    with node.database.system() as session:
        return published.view(session, feed.id).events


def test_what_is_recalled_natively_leaves_feeds_here_and_there(agreed: Two) -> None:
    one, other = agreed
    with one.database.system() as session:
        settings.set_value(session, "feeds.published_seconds", 3600)
    uuid = added_at(one, new_event(("domain", "passed-on.example"), tag="tlp:clear"))
    carry(one)
    here = feed_of(one, "own-public")
    with other.database.as_user(ADMIN) as session:
        publish_event(session, uuid)
    there = feed_of(other, "their-public")
    assert (events_in(one, here), events_in(other, there)) == (1, 1)
    with one.database.as_user(ADMIN) as session:
        recalls.ask_all(session, uuid, "it names a victim")
    assert events_in(one, here) == 0
    carry(one)
    with other.database.as_user(ADMIN) as session:
        for asked in recalls.asked(session):
            recalls.follow(session, asked.id, keep=True, because="evidence")
    assert stored(other, uuid)
    assert events_in(other, there) == 0, "what is kept for the law alone is in no feed"
    publishing.refreshed(other.database, there, now=True)
    assert events_in(other, there) == 0
