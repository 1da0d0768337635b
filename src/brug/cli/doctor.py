# SPDX-License-Identifier: EUPL-1.2
"""`brug doctor`: whether a node is well, and what to do where it is not.

Every check says one of ok, warning, failed. The exit code is 1 where any failed.
"""

import os
import shutil
import ssl
import stat
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Literal, cast

import msgspec
import psycopg
import typer

from brug import __version__
from brug.bridges import checking as bridge_checking
from brug.bridges.ledger import checkpoints
from brug.cases import clocks, missing_documents, severity
from brug.cases.crisis import remarks
from brug.cases.persons import fetching
from brug.cli.node import patiently
from brug.cli.output import Json, machine, table
from brug.directory import node_keys
from brug.mail import checking
from brug.model.errors import BrugError
from brug.store import settings
from brug.store.home import Home
from brug.store.reaching import VARIABLE, Reached, reached
from brug.store.revision import revision_of
from brug.store.session import Database, Session

State = Literal["ok", "warning", "failed"]
GIBIBYTE = 2**30
LOW_DISK = 5 * GIBIBYTE
NO_DISK = GIBIBYTE // 2


class Finding(msgspec.Struct, frozen=True):
    """What a check found; `advice` is empty where nothing is to be done."""

    check: str
    state: State
    found: str
    advice: str = ""


def doctor(
    context: typer.Context,
    mail_to: Annotated[str, typer.Option(help="Send a letter of test to this address.")] = "",
    as_json: Json = False,
) -> None:
    """Check installation, folder, database, settings and mail; say what to do."""
    findings = list(examined(context.obj, mail_to))
    if as_json:
        machine(findings)
    else:
        table(
            ("check", "state", "found", "what to do"),
            ((one.check, one.state, one.found, one.advice) for one in findings),
        )
    if any(one.state == "failed" for one in findings):
        raise typer.Exit(1)


def examined(home: Home, mail_to: str = "") -> Iterator[Finding]:
    """All checks; those of the database only where it answers."""
    yield _installation()
    folder = _folder(home)
    yield folder
    if folder.state == "failed":
        return
    yield from _permissions(home)
    yield _disk(home)
    yield _deadlines(home)
    yield from _crisis_tables(home)
    try:
        with reached(home, patiently()) as node:
            yield Finding("database", "ok", _where())
            yield from _database(node, home, mail_to)
    except (BrugError, psycopg.OperationalError) as error:
        yield Finding("database", "failed", str(error).strip(), "see the folder `log`")


def _installation() -> Finding:
    found = f"Brug {__version__}, Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}"
    return Finding("installation", "ok", found)


def _folder(home: Home) -> Finding:
    try:
        home.check()
        home.node()
    except BrugError as error:
        return Finding("folder", "failed", str(error), "`brug init`, or name another --home")
    return Finding("folder", "ok", str(home.path))


def _permissions(home: Home) -> Iterator[Finding]:
    """Keys and files are for the node's account alone."""
    for folder in (home.keys, home.files, home.config):
        if not folder.is_dir():
            yield Finding("permissions", "failed", f"{folder} is missing", f"mkdir -m 700 {folder}")
            continue
        for path in (folder, *folder.rglob("*")):
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:  # a node at work takes files away
                continue
            open_to = stat.S_IWGRP | stat.S_IWOTH
            if folder == home.keys:
                open_to |= stat.S_IRGRP | stat.S_IROTH
            if mode & open_to and not stat.S_ISLNK(mode):
                found = f"{path} is open to others ({stat.filemode(mode)})"
                yield Finding("permissions", "failed", found, f"chmod go-rwx {path}")
                break
        else:
            yield Finding("permissions", "ok", f"{folder.name}/ is closed to others")


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    found = f"{free / GIBIBYTE:.1f} GiB free"
    if free < NO_DISK:
        return Finding("disk", "failed", found, "make room: writing will stop")
    if free < LOW_DISK:
        return Finding("disk", "warning", found, "make room")
    return Finding("disk", "ok", found)


def _deadlines(home: Home) -> Finding:
    """What the node corrects in the table of deadlines; without a table no clock runs."""
    try:
        own = [row.id for row in clocks.table(home.config) if row.is_own]
    except clocks.UnusableTable as error:
        return Finding("deadlines", "failed", str(error), f"correct it in {home.config}")
    said = f"corrected by this node: {', '.join(own)}" if own else "as shipped"
    return Finding("deadlines", "ok", said)


def _crisis_tables(home: Home) -> Iterator[Finding]:
    """What the node corrects of severity and of levels of a crisis."""
    try:
        by = severity.scheme(home.config)
        own = [one.id for one in (*by.levels, *by.factors, *by.rules) if one.is_own]
        yield Finding("severity", "ok", _own(own))
    except severity.UnusableScheme as error:
        yield Finding("severity", "failed", str(error), f"correct it in {home.config}")
    try:
        own = [one.id for one in remarks.remarks(home.config) if one.is_own]
        yield Finding("crisis", "ok", _own(own))
    except remarks.UnusableRemarks as error:
        yield Finding("crisis", "failed", str(error), f"correct it in {home.config}")


def _own(rows: list[str]) -> str:
    return f"corrected by this node: {', '.join(rows)}" if rows else "as shipped"


def _where() -> str:
    return f"answers (by {VARIABLE})" if VARIABLE in os.environ else "answers (embedded)"


def _database(node: Reached, home: Home, mail_to: str) -> Iterator[Finding]:
    yield _server(node)
    found, wanted = revision_of(node.dsn("brug_owner"))
    if found != wanted:
        yield Finding("schema", "failed", f"{found}, this version wants {wanted}", "`brug upgrade`")
        return
    yield Finding("schema", "ok", str(found))
    with Database(node.dsn(), size=1, keys=home.keys) as database:
        with database.system() as session:
            for check in _INSIDE:
                yield check(session)
            yield _ledger(session, home)
            yield _documents(session)
            for row in bridge_checking.checked(session):
                yield Finding(*row)
        for check_name, state, found, advice in checking.checked(database, mail_to):
            yield Finding(check_name, state, found, advice)
        for check_name, state, found, advice in fetching.checked(database):
            yield Finding(check_name, state, found, advice)


def _server(node: Reached) -> Finding:
    """How the server was set up: case and trigrams of every script need the right locale."""
    with psycopg.connect(node.dsn()) as connection:
        row = connection.execute(
            "SELECT current_setting('server_version'), current_setting('server_encoding'),"
            " d.datlocprovider::text, coalesce(d.datlocale, d.datcollate), d.datctype,"
            " r.rolsuper OR r.rolbypassrls FROM pg_database d, pg_roles r"
            " WHERE d.datname = current_database() AND r.rolname = current_user"
        ).fetchone()
    version, encoding, provider, locale, ctype, mighty = row or ("", "", "", "", "", True)
    found = f"PostgreSQL {version}, {encoding}, {locale}"
    if mighty:
        advice = "ALTER ROLE brug_app NOSUPERUSER NOBYPASSRLS"
        return Finding("server", "failed", "brug_app may bypass who sees what", advice)
    if (encoding, provider, locale) != ("UTF8", "b", "C.UTF-8") or ctype != "C.UTF-8":
        advice = "dump, make the database with builtin locale C.UTF-8, restore"
        return Finding("server", "warning", found, advice)
    return Finding("server", "ok", found)


def _site_admins(session: Session) -> Finding:
    count = session.value(
        "SELECT count(*) FROM account a JOIN role r ON r.id = a.role_id"
        " WHERE 'site_admin' = ANY (r.rights) AND NOT a.disabled"
    )
    if not count:
        return Finding("site admins", "failed", "none", "`brug user add ADDRESS --role admin`")
    return Finding("site admins", "ok", str(count))


def _address(session: Session) -> Finding:
    url = settings.get(session, "node.url")
    if not url:
        advice = "`brug settings set node.url https://...`"
        return Finding("address", "failed", "no public address", advice)
    plain = url.startswith("http://") and "//127." not in url and "//localhost" not in url
    if plain:
        advice = "serve TLS (--tls-cert) or stand behind a proxy, then set node.url"
        return Finding("address", "warning", f"{url} is not encrypted", advice)
    return Finding("address", "ok", url)


def _known_settings(session: Session) -> Finding:
    stored = {row[0] for row in session.all("SELECT name FROM setting")}
    if unknown := sorted(stored - set(settings.SETTINGS)):
        return Finding("settings", "warning", f"not known here: {', '.join(unknown)}")
    return Finding("settings", "ok", f"{len(stored)} stored")


def _vocabularies(session: Session) -> Finding:
    count = session.value("SELECT count(*) FROM object_template")
    if not count:
        return Finding("vocabularies", "failed", "none", "`brug upgrade` installs them")
    return Finding("vocabularies", "ok", f"{count} object templates")


def _sealed(session: Session) -> Finding:
    """Whether the key in `keys/` is the one that the node's secrets were sealed with."""
    try:
        key = node_keys.own(session)
        node_keys.sign(session, key, b"")
    except BrugError as error:
        return Finding("secrets", "failed", str(error), "bring back `keys/` from a backup")
    return Finding("secrets", "ok", f"open with keys/; the node signs as {key.fingerprint[-16:]}")


WAITS_TOO_LONG = "1 minute"  # for a place in the ledger, which takes a second


def _ledger(session: Session, home: Home) -> Finding:
    """Whether checkpoints may be signed; `brug ledger verify` looks at all of it."""
    folder = home.path / checkpoints.FOLDER
    if why := checkpoints.problem(session, folder):
        advice = "if the node was restored: `brug ledger reopen --reason ...`; else bring it back"
        return Finding("ledger", "failed", f"nothing is signed: {why}", advice)
    late = session.value(
        "SELECT count(*) FROM ledger_pending JOIN ledger_entry USING (number)"
        " WHERE recorded < now() - %s::interval",
        (WAITS_TOO_LONG,),
    )
    if late:
        found = f"{late} entries wait for their place"
        return Finding(
            "ledger", "warning", found, "`brug serve` gives it; `brug ledger checkpoint`"
        )
    conflicts = session.value("SELECT count(*) FROM ledger_evidence")
    if conflicts:
        found = f"{conflicts} checkpoints of partners contradict earlier ones"
        return Finding("ledger", "warning", found, "see Bridges, Ledger; ask the partner")
    size = session.value("SELECT coalesce(sum(size), 0) FROM (SELECT max(size) AS size"
                         " FROM ledger_checkpoint GROUP BY log_id) AS logs")  # fmt: skip
    return Finding("ledger", "ok", f"{size} entries signed")


_NAMED_AT_MOST = 5


def _documents(session: Session) -> Finding:
    """Whether the contents are there that entries of cases name."""
    missing = missing_documents.missing(session)
    for names, state, what, advice in (
        (missing.lost, "failed", "lost", "bring back `files/` from a backup"),
        (missing.awaited, "warning", "not here yet", "a partner brings them; see Bridges"),
    ):
        if names:
            more = ", ..." if len(names) > _NAMED_AT_MOST else ""
            found = f"some are {what} of {', '.join(names[:_NAMED_AT_MOST])}{more}"
            return Finding("documents", cast("State", state), found, advice)
    return Finding("documents", "ok", f"{missing.contents} contents")


_INSIDE: tuple[Callable[[Session], Finding], ...] = (
    _site_admins, _address, _known_settings, _vocabularies, _sealed,
)  # fmt: skip
