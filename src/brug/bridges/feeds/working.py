# SPDX-License-Identifier: EUPL-1.2
"""The jobs of feeds: one worker's round, a run that somebody asks for, and replaying.

A job acts as whoever set its feed up, with the rights that this account has when it runs; if
it may not any more, as the host's first site admin.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import structlog

from brug.bridges.feeds import caching, fetching, folders
from brug.bridges.feeds.fetching import FOREVER, Entered, Outcome
from brug.directory.accounts import acting_for_host
from brug.intel.feed import feed_jobs
from brug.intel.feed.feed_jobs import Action
from brug.model.errors import BrugError, Conflict
from brug.store.repeating import Repeating
from brug.store.session import Database, Session

log = structlog.get_logger("brug.feeds")

WAKE_SECONDS = 5.0


class Busy(Conflict):
    """Another worker fetches the feed now."""

    code = "feed_busy"
    public = "The feed is being fetched at this moment."


def in_savepoints(session: Session) -> Entered:
    """Parts of a run inside one transaction: what fails takes nothing else with it."""

    @contextmanager
    def entered() -> Iterator[Session]:
        with session.connection.transaction():
            yield session

    return entered


def as_account(database: Database, account_id: int) -> Entered:
    """Parts of a run as transactions of their own."""

    def entered() -> AbstractContextManager[Session]:
        return database.as_user(account_id)

    return entered


def account_of(session: Session, feed_id: int) -> int:
    """As whom a feed's content is stored."""
    found = session.value(
        "SELECT a.id FROM feed f JOIN account a ON a.id = f.account_id"
        " JOIN role r ON r.id = a.role_id WHERE f.id = %s AND NOT a.disabled"
        " AND coalesce(a.expiration > now(), true) AND 'site_admin' = ANY (r.rights)",
        (feed_id,),
    )
    return int(found) if found is not None else acting_for_host(session)


def run(entered: Entered, feed_id: int, action: Action, seconds: float = FOREVER) -> Outcome:
    """Does a job that is leased, and notes what became of it. Raises what it failed by."""
    try:
        outcome = _done(entered, feed_id, action, seconds)
    except BrugError as error:
        with entered() as session:
            in_part = isinstance(error, fetching.EventsMissing)
            feed_jobs.fail(session, feed_id, action, fetching.reason(error), in_part=in_part)
        raise
    with entered() as session:
        if outcome.unfinished:
            feed_jobs.leave(session, feed_id, action)
        else:
            feed_jobs.succeed(session, feed_id, action, _numbers(outcome))
    return outcome


def _done(entered: Entered, feed_id: int, action: Action, seconds: float) -> Outcome:
    if action == "fetch":
        return fetching.fetch(entered, feed_id, seconds)
    count = caching.cache(entered, feed_id, seconds)
    return Outcome(changed=count is not None, values=count or 0)


def _numbers(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(outcome)
    return {name: value for name, value in told.items() if name != "unfinished"}


def start(entered: Entered, feed_id: int, action: Action) -> None:
    """Takes the lease. Raises Busy."""
    with entered() as session:
        if not feed_jobs.lease(session, feed_id, action):
            raise Busy(f"feed {feed_id} is leased for {action}")


def run_now(entered: Entered, feed_id: int, action: Action, seconds: float = FOREVER) -> Outcome:
    """Leases and runs at once, for whoever asks. Raises Busy and what it failed by."""
    start(entered, feed_id, action)
    return run(entered, feed_id, action, seconds)


def run_once(database: Database) -> int:
    """One round of a worker: the jobs that are due, one after the other; how many."""
    done = 0
    while True:
        with database.system() as session:
            leased = feed_jobs.lease_one(session)
            account = account_of(session, leased[0]) if leased else 0
        if leased is None:
            return done
        feed_id, action = leased
        done += 1
        began = time.monotonic()
        try:
            outcome = run(as_account(database, account), feed_id, action)
        except BrugError as error:
            log.warning("feed", id=feed_id, action=action, reason=fetching.reason(error))
        except Exception as error:  # the border of a job
            log.exception("unforeseen", id=feed_id, action=action)
            with database.system() as session:
                reason = f"unforeseen: {type(error).__name__}; see the log"
                feed_jobs.fail(session, feed_id, action, reason)
        else:
            seconds = round(time.monotonic() - began, 2)
            log.info("feed", id=feed_id, action=action, seconds=seconds, **_numbers(outcome))


class Fetcher(Repeating):
    """Fetches and caches what is due, as long as a node is served; folders follow recalls."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("feeds", Database(dsn, 2, "brug feeds", keys), self._due)

    def _due(self, database: Database) -> float:
        run_once(database)
        folders.catch_up(database)
        return WAKE_SECONDS
