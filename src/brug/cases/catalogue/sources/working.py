# SPDX-License-Identifier: EUPL-1.2
"""Runs of sources: by a worker when they are due, and for whoever asks; and what follows them.

The same worker holds what is new against what is registered, whoever brought it.
"""

import time
from pathlib import Path

import msgspec
import structlog

from brug.cases.catalogue import settling
from brug.cases.catalogue.sources import fetching, records
from brug.cases.catalogue.sources.fetching import Outcome
from brug.cases.catalogue.sources.records import Source
from brug.model.errors import BrugError, Conflict
from brug.store.repeating import Repeating
from brug.store.session import Database

log = structlog.get_logger("brug.advisories")

WAKE_SECONDS = 5.0


class Busy(Conflict):
    """Another worker fetches the source now."""

    code = "source_busy"
    public = "The source is being fetched at this moment."


def run(database: Database, source: Source) -> Outcome:
    """A run that is leased, and what became of it. Raises what it failed by."""
    try:
        outcome = fetching.fetch(database.system, source)
    except BrugError as error:
        with database.system() as session:
            records.fail(session, source, fetching.reason(error))
        raise
    with database.system() as session:
        told = msgspec.to_builtins(outcome)
        records.succeed(session, source, told, unfinished=outcome.unfinished)
    return outcome


def run_now(database: Database, source: Source) -> Outcome:
    """All of it, for whoever asks. Raises Busy and what it failed by."""
    told: Outcome | None = None
    while told is None or told.unfinished:
        with database.system() as session:
            if not records.lease(session, source):
                raise Busy(f"source {source.name} is leased")
            source = records.find(session, source.id)
        one = run(database, source)
        told = one if told is None else _together(told, one)
    settling.settle(database)
    return told


def _together(one: Outcome, other: Outcome) -> Outcome:
    return Outcome(
        lists=other.lists,
        listed=other.listed,
        added=one.added + other.added,
        replaced=one.replaced + other.replaced,
        unchanged=one.unchanged + other.unchanged,
        refused=one.refused + other.refused,
        verified=one.verified + other.verified,
        problems=(one.problems + other.problems)[:20],
        unfinished=other.unfinished,
    )


def run_once(database: Database) -> int:
    """One round of a worker: the sources that are due; how many."""
    done = 0
    while True:
        settling.settle(database)
        with database.system() as session:
            source = records.lease_one(session)
        if source is None:
            return done
        done += 1
        began = time.monotonic()
        try:
            outcome = run(database, source)
        except BrugError as error:
            log.warning("source", id=source.id, reason=fetching.reason(error))
        except Exception as error:  # the border of a job
            log.exception("unforeseen", id=source.id)
            with database.system() as session:
                said = f"unforeseen: {type(error).__name__}; see the log"
                records.fail(session, source, said)
        else:
            seconds = round(time.monotonic() - began, 2)
            told = msgspec.to_builtins(outcome)
            log.info("source", id=source.id, seconds=seconds, **told)


class Watcher(Repeating):
    """Fetches sources that are due and settles what waits, as long as a node is served."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("advisories", Database(dsn, 3, "brug advisories", keys), self._due)

    def _due(self, database: Database) -> float:
        run_once(database)
        return WAKE_SECONDS
