# SPDX-License-Identifier: EUPL-1.2
"""Events of feeds go after the time that the feed's record says."""

from tests.bridges.feeds.conftest import Provider, World
from tests.bridges.feeds.test_misp_feeds import add, event, fetch

from brug.bridges.afterwards import sourced


def infos(node: World) -> set[str]:
    with node.database.system() as session:
        return {row[0] for row in session.all("SELECT info FROM event")}


def days_pass(node: World, days: int) -> None:
    with node.database.system() as session:
        session.execute("UPDATE source_event SET came = came - make_interval(days => %s)", (days,))


def test_events_of_a_feed_go_and_the_same_version_does_not_come_again(
    node: World, provider: Provider
) -> None:
    old, other = event("old", "a.example.com"), event("other", "b.example.com")
    provider.put_events(old, other)
    feed = add(node, provider.url, retention_days=10)
    fetch(node, feed)
    days_pass(node, 11)
    assert {one.info for one in sourced.end_due(node.database)} >= {"old", "other"}
    assert infos(node).isdisjoint({"old", "other"})
    newer = event("other", "b.example.com", uuid=other["uuid"], timestamp=1_700_000_100)
    provider.put_events(old, newer, event("third", "c.example.com"))
    fetch(node, feed)
    assert {"other", "third"} <= infos(node)
    assert "old" not in infos(node)


def test_of_a_list_an_event_for_each_version_goes_and_the_one_that_stays_does_not(
    node: World, provider: Provider
) -> None:
    provider.put("/list.txt", "a.example.com\nb.example.com\n")
    common = {"source_format": "freetext", "retention_days": 10}
    one = add(node, f"{provider.url}/list.txt", name="each", fixed_event=False, **common)
    other = add(node, f"{provider.url}/list.txt", name="mirror", fixed_event=True, **common)
    for feed in (one, other):
        fetch(node, feed)
    before = infos(node)
    assert {"each feed", "mirror feed"} <= before
    days_pass(node, 11)
    assert [item.info for item in sourced.end_due(node.database)] == ["each feed"]
    assert infos(node) == before - {"each feed"}
