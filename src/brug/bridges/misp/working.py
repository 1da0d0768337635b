# SPDX-License-Identifier: EUPL-1.2
"""Doing runs: one at a time and a server, by a thread beside the web server, or by a verb.

While a run is worked on, a second thread keeps its server held. What a partner does never
ends the thread: the run says what went wrong and the next one is taken.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import structlog

from brug.bridges.misp import accounts, caching, judging, pulling, pushing, runs
from brug.bridges.misp.asking import Failed, Link, link
from brug.bridges.misp.report import Report
from brug.bridges.misp.runs import Lost, Taken
from brug.directory import servers
from brug.edge.outgoing import NotReached
from brug.model.errors import BrugError, Unavailable
from brug.store.repeating import Repeating
from brug.store.session import Database

log = structlog.get_logger("brug.bridges.misp")

WAKE_SECONDS = 1.0
KEEP_SECONDS = 5.0
AT_ONCE = 3  # servers that are worked for at the same time
MOST_TAKEN = 5  # attempts of a run that the database ended each time
CONNECTIONS = 3  # for what is stored, for keeping, and one to spare


class Worker(Repeating):
    """Takes what is due and does it."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        database = Database(dsn, CONNECTIONS, "brug servers", keys)
        super().__init__("servers", database, self._due)

    def _due(self, database: Database) -> float:
        with database.system() as session:
            runs.queue_due(session)
        return 0.0 if work_once(database) else WAKE_SECONDS


def several(dsn: str, keys: Path | None) -> list[Repeating]:
    """So that one server that answers slowly does not hold the others up."""
    return [Worker(dsn, keys) for _ in range(AT_ONCE)]


def work_once(database: Database) -> int | None:
    """Does the next run that is due; its number, None where there is none."""
    with database.system() as session:
        taken = runs.take(session)
    if taken is None:
        return None
    work(database, taken)
    log.info("run ended", run=taken.run.id, server=taken.run.server_id, of=taken.run.kind)
    return taken.run.id


def work(database: Database, taken: Taken) -> None:
    """Does a run and writes down what came of it. Raises Unavailable, psycopg.Error."""
    report = Report(dict(taken.run.counts), [], [])
    report.counts.pop("events_failed", None)
    problem, away = "", False
    try:
        with _kept(database, taken, report) as going_on:
            _carry_out(database, taken, report, going_on)
    except Lost:
        log.warning("run taken over", run=taken.run.id)
        return
    except (NotReached, Failed) as error:
        problem, away = str(error), True
    except (Unavailable, psycopg.OperationalError) as error:
        if taken.run.attempts < MOST_TAKEN:
            raise  # the database is away: the run is taken up again
        problem = str(error)
    except BrugError as error:
        problem = error.public
    except Exception as error:
        log.exception("run failed, unforeseen", run=taken.run.id)
        problem = f"unforeseen: {type(error).__name__}"
    with database.system() as session:
        runs.finish(session, taken, report, problem, away=away)


class _GoingOn:
    """Raises Lost once another process holds the server."""

    def __init__(self) -> None:
        self.lost = False

    def __call__(self) -> None:
        if self.lost:
            raise Lost("another process works for this server")


@contextmanager
def _kept(database: Database, taken: Taken, report: Report) -> Iterator[_GoingOn]:
    going_on, stop = _GoingOn(), threading.Event()

    def keep() -> None:
        while not stop.wait(KEEP_SECONDS):
            try:
                runs.keep(database, taken, report)
            except Lost:
                going_on.lost = True
                return
            except (BrugError, psycopg.Error) as error:
                log.warning("run not kept", run=taken.run.id, reason=str(error))

    thread = threading.Thread(target=keep, name="brug-servers-keep", daemon=True)
    thread.start()
    try:
        yield going_on
    finally:
        stop.set()
        thread.join()


def _carry_out(database: Database, taken: Taken, report: Report, going_on: _GoingOn) -> None:
    run = taken.run
    with database.system() as session:
        server = servers.view(session, run.server_id)
        acting = accounts.of_server(session, server)
        asked: Link = link(session, server)
        bridge = judging.bridge_of(session, server.id)
    if run.kind == "pull":
        pulling.Pulling(database, server, asked, acting.own, report, going_on).run(run.technique)
    elif run.kind == "push":
        push = pushing.Pushing(
            database, server, asked, acting.remote, acting.own, report, going_on, bridge
        )
        push.run(run.technique)
    else:
        caching.cache(database, asked, report, going_on)
