# SPDX-License-Identifier: EUPL-1.2
"""Feeds by themselves: schedules, back-off, and workers that are killed wherever they are."""

import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bridges import workers
from tests.bridges.feeds.conftest import Provider, World
from tests.bridges.feeds.test_list_feeds import add_list, event_of, values
from tests.bridges.feeds.test_misp_feeds import add, event, view
from tests.listening import forked

from brug.bridges.feeds import working
from brug.intel.feed import feed_jobs
from brug.store.sealing import VARIABLE

# A worker has thousands of lines in a part; where it is killed, few are as good.
LINES_AT_ONCE = 20


def job(node: World, feed: str, action: str = "fetch") -> feed_jobs.Job:
    with node.database.system() as session:
        return feed_jobs.of_feed(session, int(feed))[action]


def make_due(node: World, feed: str) -> None:
    with node.database.system() as session:
        session.execute("UPDATE feed_job SET due = now() WHERE feed_id = %s", (feed,))


def test_a_feed_with_a_schedule_is_fetched_and_due_again(node: World, provider: Provider) -> None:
    provider.put_events(event("one", "a.example.com"))
    feed = add(node, provider.url, every_minutes=30, caching_enabled=True)
    assert working.run_once(node.database) == 2  # fetched and cached
    assert working.run_once(node.database) == 0
    done = job(node, feed)
    assert (done.outcome["added"], done.failures, done.reason) == (1, 0, "")
    assert done.due is not None
    ahead = done.due - datetime.now(UTC)
    assert timedelta(minutes=29) < ahead < timedelta(minutes=31)
    assert job(node, feed, "cache").succeeded is not None
    node.ask("admin", "POST", f"/feeds/disable/{feed}")
    assert job(node, feed).due is None
    assert job(node, feed, "cache").due is not None


def pauses_of(node: World, feed: str, times: int) -> list[int]:
    """The minutes for which it is put off each time that it is due."""
    found = []
    for _ in range(times):
        make_due(node, feed)
        working.run_once(node.database)
        due = job(node, feed).due
        assert due is not None
        found.append(round((due - datetime.now(UTC)).total_seconds() / 60))
    return found


def test_a_failing_feed_is_put_off_longer_each_time_and_says_why(
    node: World, provider: Provider
) -> None:
    feed = add(node, provider.url, every_minutes=5, caching_enabled=False)
    assert pauses_of(node, feed, 3) == [1, 2, 4]
    told = job(node, feed)
    assert (told.failures, told.is_running) == (3, False)
    assert "status 404" in told.reason
    provider.put_events(event("one", "a.example.com"))
    with node.database.system() as session:
        feed_jobs.ask(session, int(feed), "fetch")
    assert working.run_once(node.database) == 1
    assert (job(node, feed).failures, job(node, feed).reason) == (0, "")


def test_an_event_that_never_comes_holds_up_no_others(node: World, provider: Provider) -> None:
    one = event("one", "a.example.com")
    provider.put_events(one)
    del provider.documents[f"/{one['uuid']}.json"]
    feed = add(node, provider.url, every_minutes=5, caching_enabled=False)
    assert pauses_of(node, feed, 5) == [1, 2, 4, 5, 5]
    told = job(node, feed)
    assert "1 of 1 events could not be fetched" in told.reason


def test_one_worker_does_a_job_at_a_time_and_a_dead_ones_lease_ends(
    node: World, provider: Provider
) -> None:
    provider.put_events(event("one", "a.example.com"))
    feed = add(node, provider.url, every_minutes=5, caching_enabled=False)
    with node.database.system() as session:
        assert feed_jobs.lease_one(session) == (int(feed), "fetch")
    assert working.run_once(node.database) == 0
    answer = node.ask("admin", "POST", f"/feeds/fetchFromFeed/{feed}").body
    assert "at this moment" in answer["reason"] or "leased" in answer["reason"]
    with node.database.system() as session:
        session.execute("UPDATE feed_job SET leased_until = now() - interval '1 second'")
    assert working.run_once(node.database) == 1


def test_a_job_acts_as_whoever_set_it_up_or_as_the_host_if_that_one_may_not(
    node: World, provider: Provider
) -> None:
    with node.database.system() as session:
        node.add(session, "second", 1, 1)
    one = event("one", "a.example.com")
    provider.put_events(one)
    feed = add(node, provider.url)
    with node.database.system() as session:
        session.execute("UPDATE feed SET account_id = %s", (node.ids["second"],))
        assert working.account_of(session, int(feed)) == node.ids["second"]
        session.execute("UPDATE account SET disabled = true WHERE id = %s", (node.ids["second"],))
        assert working.account_of(session, int(feed)) == node.ids["admin"]


def killed_after(node: World, parts: int) -> int | None:
    """Runs a worker that kills itself with -9 when it begins its next part; its exit code."""
    worker = forked(workers.fetch, node.dsn, os.environ[VARIABLE], parts, LINES_AT_ONCE)
    worker.join()
    return worker.exitcode


def killed_at_every_part(node: World, feed: str) -> int:
    """Runs on after each kill, one part further each time; how many runs it took."""
    for parts in range(100):
        with node.database.system() as session:
            session.execute(
                "UPDATE feed_job SET leased_until = NULL, due = now()"
                " WHERE feed_id = %s AND action = 'fetch'",
                (feed,),
            )
        if killed_after(node, parts) != -signal.SIGKILL:
            return parts
    raise AssertionError("it never came to an end")


def test_a_worker_killed_at_every_part_brings_each_event_once(
    node: World, provider: Provider
) -> None:
    several = [event(f"e{n}", f"e{n}.example.com") for n in range(4)]
    provider.put_events(*several)
    feed = add(node, provider.url, every_minutes=5, caching_enabled=False)
    assert killed_at_every_part(node, feed) > 4
    for one in several:
        held: Any = view(node, one["uuid"])
        assert [a["value"] for a in held["Attribute"]] == [one["Attribute"][0]["value"]]
    with node.database.system() as session:
        assert session.value("SELECT count(*) FROM event") == 4
        assert session.value("SELECT count(*) FROM feed_copy") == 1


def test_a_worker_killed_at_every_part_brings_each_value_once(
    node: World, provider: Provider
) -> None:
    wanted = [f"n{n}.example.com" for n in range(LINES_AT_ONCE * 2 + 5)]
    provider.put("/l.csv", "\n".join(wanted))
    feed = add_list(
        node, f"{provider.url}/l.csv", every_minutes=5, delta_merge=True, caching_enabled=False
    )
    assert killed_at_every_part(node, feed) > 4
    assert [value for _, value in values(event_of(node, feed))] == sorted(wanted)
    provider.put("/l.csv", "\n".join(wanted[:10]))
    assert killed_at_every_part(node, feed) > 4
    assert [value for _, value in values(event_of(node, feed))] == sorted(wanted[:10])
    with node.database.system() as session:
        assert session.value("SELECT count(*) FROM event") == 1
        assert session.value("SELECT count(*) FROM attribute WHERE NOT deleted") == 10
        assert session.value("SELECT attribute_count FROM event") == 10
