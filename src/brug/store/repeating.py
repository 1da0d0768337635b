# SPDX-License-Identifier: EUPL-1.2
"""A thread that does something now and then as long as a node is served.

Whatever fails is logged and tried again: a database that is away for an hour, or one round
that met what nobody foresaw, must not end mail or the index for good.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol, Self

import psycopg
import structlog

from brug.model.errors import BrugError
from brug.store.session import Database

log = structlog.get_logger("brug.repeating")

AFTER_FAILURE_SECONDS = 10.0
LAST_ROUND_SECONDS = 10.0


class Round(Protocol):
    """Does what is due; answers the seconds until the next time."""

    def __call__(self, database: Database) -> float: ...


class InTurn:
    """Several rounds, one after another, each when it is due.

    One that fails keeps none of the others waiting.
    """

    def __init__(self, *rounds: Round) -> None:
        self._rounds = rounds
        self._due = [0.0] * len(rounds)

    def __call__(self, database: Database) -> float:
        for place, once in enumerate(self._rounds):
            if self._due[place] <= time.monotonic():
                name = getattr(once, "__name__", type(once).__name__)
                self._due[place] = _tried(name, partial(once, database)) + time.monotonic()
        soonest = min(self._due, default=time.monotonic() + AFTER_FAILURE_SECONDS)
        return max(0.0, soonest - time.monotonic())


def _tried(name: str, once: Callable[[], float]) -> float:
    """What it answers, or a while where it fails: a job of the node ends by no error."""
    try:
        return once()
    except (psycopg.Error, BrugError) as error:
        log.warning("round failed", of=name, reason=str(error))
    except Exception:
        log.exception("round failed, unforeseen", of=name)
    return AFTER_FAILURE_SECONDS


class Repeating:
    """Runs rounds on connections of its own until the block that it heads ends."""

    def __init__(self, name: str, database: Database, once: Round) -> None:
        self._database, self._once = database, once
        self._stop, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"brug-{name}", daemon=True)
        self._name, self._is_open, self._rest = name, False, 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._woken.set()
        self._thread.join(timeout=LAST_ROUND_SECONDS)

    def wake(self) -> None:
        """The next round begins at once: there is something to do."""
        self._woken.set()

    def rest(self, seconds: float) -> None:
        """From now on, rounds that found nothing to do are that far apart at least."""
        self._rest = seconds

    def _run(self) -> None:
        try:
            while True:
                self._woken.clear()  # before the look at `_stop`, which is set first
                if self._stop.is_set():
                    return
                pause = _tried(self._name, self._round)
                self._woken.wait(max(pause, self._rest) if pause else 0.0)
        finally:
            self._database.close()

    def _round(self) -> float:
        if not self._is_open:
            self._database.open()
            self._is_open = True
        return self._once(self._database)
