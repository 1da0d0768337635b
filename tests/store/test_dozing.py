# SPDX-License-Identifier: EUPL-1.2
"""A node at which nothing is written looks seldom, and begins at once when something is."""

from collections.abc import Iterator
from queue import Empty, Queue

import psycopg
import pytest

from brug.store import dozing
from brug.store.dozing import Doze
from brug.store.repeating import Repeating
from brug.store.session import Database

OFTEN = 0.001
SOON = 30.0


class Clock:
    """Goes on when it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database(database_url, 1, "brug test", None) as opened:
        yield opened


def asleep(doze: Doze, clock: Clock, database: Database) -> None:
    """Looks until nothing was written for long enough."""
    for _ in range(3):
        clock.now += dozing.AWAKE_SECONDS + 1
        doze.look(database)


def until_quiet(rounds: Queue[int]) -> None:
    """Until a round that took no time is long past, and no other has begun."""
    for _ in range(int(SOON / OFTEN)):
        try:
            rounds.get(timeout=0.5)
        except Empty:
            return
    raise AssertionError("it does not rest")


def test_threads_rest_where_nothing_is_written_and_begin_when_something_is(
    database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dozing, "RESTED_SECONDS", 3600.0)
    rounds, clock = Queue[int](), Clock()

    def once(database: Database) -> float:
        rounds.put(1)
        return OFTEN

    with Repeating("test", Database(database_url, 1, "brug test", None), once) as thread:
        doze = Doze(database_url, [thread], clock)
        rounds.get(timeout=SOON)
        asleep(doze, clock, database)
        until_quiet(rounds)
        with psycopg.connect(database_url) as other:
            other.execute("SELECT pg_current_xact_id()")  # as whatever writes a row has it
            doze.look(database)
            assert rounds.empty(), "it is not committed"
            with psycopg.connect(database_url) as faster:
                faster.execute("SELECT pg_current_xact_id()")
            doze.look(database)
            asleep(doze, clock, database)
            until_quiet(rounds)
        doze.look(database)
        for _ in range(3):
            assert rounds.get(timeout=SOON) == 1, "it looks often again"


def test_looking_itself_counts_as_nothing_written(database_url: str, database: Database) -> None:
    clock, told = Clock(), list[float]()

    class Thread(Repeating):
        def rest(self, seconds: float) -> None:
            told.append(seconds)

    def never(database: Database) -> float:
        raise AssertionError("it is not started")

    doze = Doze(database_url, [Thread("test", database, never)], clock)
    asleep(doze, clock, database)
    asleep(doze, clock, database)
    assert told == [dozing.RESTED_SECONDS]


def test_a_round_that_does_more_is_not_held_up_by_resting(database_url: str) -> None:
    rounds = Queue[int]()

    def once(database: Database) -> float:
        rounds.put(1)
        return 0.0

    with Repeating("test", Database(database_url, 1, "brug test", None), once) as thread:
        thread.rest(3600.0)
        for _ in range(5):
            assert rounds.get(timeout=SOON) == 1
