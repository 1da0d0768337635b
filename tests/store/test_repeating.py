# SPDX-License-Identifier: EUPL-1.2
"""Threads that repeat something: woken they begin at once, and a round that failed ends none."""

from queue import Queue

import pytest

from brug.store import repeating
from brug.store.repeating import InTurn, Repeating
from brug.store.session import Database

FOR_EVER = 3600.0
SOON = 30.0


def test_whoever_is_woken_does_not_wait_for_the_next_time(database_url: str) -> None:
    rounds = Queue[int]()

    def once(database: Database) -> float:
        with database.system() as session:
            rounds.put(int(session.value("SELECT 1")))
        return FOR_EVER

    with Repeating("test", Database(database_url, 1, "brug test", None), once) as one:
        assert rounds.get(timeout=SOON) == 1
        one.wake()
        assert rounds.get(timeout=SOON) == 1
    assert not one._thread.is_alive()


def test_a_wake_while_a_round_runs_is_not_lost(database_url: str) -> None:
    rounds, go = Queue[int](), Queue[None]()

    def once(database: Database) -> float:
        rounds.put(1)
        go.get(timeout=SOON)
        return FOR_EVER

    with Repeating("test", Database(database_url, 1, "brug test", None), once) as one:
        rounds.get(timeout=SOON)
        one.wake()
        go.put(None)
        assert rounds.get(timeout=SOON) == 1
        go.put(None)


def test_a_round_that_fails_is_followed_by_the_next(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeating, "AFTER_FAILURE_SECONDS", 0.0)
    rounds, failing = Queue[int](), [RuntimeError("unforeseen")]

    def once(database: Database) -> float:
        rounds.put(1)
        if failing:
            raise failing.pop()
        return FOR_EVER

    with Repeating("test", Database(database_url, 1, "brug test", None), once):
        rounds.get(timeout=SOON)
        rounds.get(timeout=SOON)


def test_of_several_in_turn_one_that_fails_keeps_no_other_waiting(database_url: str) -> None:
    done = Queue[str]()

    def failing(database: Database) -> float:
        raise RuntimeError("unforeseen")

    def first(database: Database) -> float:
        done.put("first")
        return FOR_EVER

    def last(database: Database) -> float:
        done.put("last")
        return FOR_EVER

    rounds = InTurn(first, failing, last)
    with Database(database_url, 1, "brug test", None) as database:
        assert rounds(database) <= repeating.AFTER_FAILURE_SECONDS
        rounds(database)
    assert [done.get_nowait(), done.get_nowait()] == ["first", "last"]
    assert done.empty(), "neither is due again"
