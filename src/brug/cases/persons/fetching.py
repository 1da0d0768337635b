# SPDX-License-Identifier: EUPL-1.2
"""Fetches mail for cases: from the mailbox that the settings name, a mail at a time.

1. A mail is read. 2. It is stored, in the case or held, and that commits. 3. Only then is it
marked in the mailbox. Whoever dies between the two reads it again, and stores it once.
"""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import msgspec
import structlog

from brug.cases.persons import alerting, arriving
from brug.directory import mail_keys
from brug.edge import outgoing
from brug.mail.checking import Checked
from brug.mail.inbound import imap, maildir
from brug.mail.inbound.judging import NotFetched
from brug.model.errors import BrugError
from brug.store import settings
from brug.store.repeating import Repeating
from brug.store.session import Database, Session

log = structlog.get_logger("brug.cases.mail")

WAKE_SECONDS = 20.0
MOST = 200  # of one round
MOST_HELD = 2 * 2**30  # bytes, of all mail that waits for a decision


class Waiting(Protocol):
    """A mail in a mailbox."""

    @property
    def size(self) -> int: ...

    def read(self, limit: int) -> bytes: ...

    def done(self) -> None: ...


class Fetched(msgspec.Struct):
    """What became of the mails of a round; `failed` are tried again, `problems` say why."""

    taken: int = 0
    held: int = 0
    known: int = 0
    failed: int = 0
    problems: list[str] = []


class MailFetcher(Repeating):
    """One per node that is served."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        super().__init__("inbound", Database(dsn, 1, "brug inbound", keys), _due)


def _due(database: Database) -> float:
    with database.system() as session:
        is_on = bool(settings.get(session, "mail.inbound"))
    if is_on:
        for problem in fetch(database).problems:
            log.warning("mail not stored", reason=problem)
    return WAKE_SECONDS


def fetch(database: Database) -> Fetched:
    """A round; two at the same time store each mail once. Raises NotFetched, NotReached."""
    done = Fetched()
    with database.system() as session:
        held = session.value("SELECT coalesce(sum(size), 0) FROM case_mail WHERE state = 'held'")
        if int(held) > MOST_HELD:
            raise NotFetched("too much mail is held: decide on some of it first")
        limit = int(settings.get(session, "mail.inbound_bytes"))
        named = _named(session)
        mail_keys.ensure(session)
        alerting.tell(session)
    # No transaction waits for a mail server.
    with _opened(named) as waiting:
        for one, _ in zip(waiting, range(MOST), strict=False):
            _one(database, one, limit, done)
    if done.held:
        with database.system() as session:
            alerting.tell(session)
    return done


def checked(database: Database) -> Iterator[Checked]:
    """For `brug doctor`: whether the mailbox opens, where one is named."""
    with database.system() as session:
        if not settings.get(session, "mail.inbound"):
            return
        named = _named(session)
    try:
        with _opened(named):
            yield Checked("mail for cases", "ok", "the mailbox opens")
    except BrugError as error:
        advice = "see the settings `mail.inbound*`"
        yield Checked("mail for cases", "failed", str(error), advice)


def _one(database: Database, one: Waiting, limit: int, done: Fetched) -> None:
    """What cannot be stored stays where it is, and holds up no other."""
    try:
        raw = one.read(limit)
        with database.system() as session:
            outcome = arriving.arrive(session, raw, max(one.size, len(raw)))
        one.done()
    except NotFetched:
        raise
    except BrugError as error:
        done.failed += 1
        done.problems.append(error.code)
    except Exception as error:  # noqa: BLE001 — the border of a job
        # What a mail says stands in no log, and so not what the error says either.
        done.failed += 1
        done.problems.append(f"unforeseen: {type(error).__name__} at {_place(error)}")
    else:
        setattr(done, outcome, getattr(done, outcome) + 1)


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


class _Named(msgspec.Struct, frozen=True):
    """What the settings say of the mailbox."""

    values: Mapping[str, Any]
    password: str


def _named(session: Session) -> _Named:
    return _Named(settings.all_settings(session), settings.secret(session, "mail.inbound_password"))


def _opened(named: _Named) -> AbstractContextManager[Iterator[Waiting]]:
    """Raises NotFetched, NotReached."""
    values = named.values
    if values["mail.inbound"] == "maildir":
        return maildir.opened(values["mail.inbound_maildir"])
    if values["mail.inbound"] != "imap":
        raise NotFetched("mail.inbound is not set: no mail is fetched")
    host, port = values["mail.inbound_host"], values["mail.inbound_port"]
    if not host:
        raise NotFetched("mail.inbound_host is not set")
    address = outgoing.resolved(host, port, values["outgoing.private_networks"])
    box = imap.Mailbox(
        host=host, address=str(address), port=port, security=values["mail.inbound_security"],
        ca_file=values["mail.inbound_ca_file"], user=values["mail.inbound_user"],
        password=named.password, folder=values["mail.inbound_folder"],
    )  # fmt: skip
    return imap.opened(box)
