# SPDX-License-Identifier: EUPL-1.2
"""`brug doctor`: whether a node is well, and what to do where it is not.

Every check says one of ok, warning, failed. The exit code is 1 where any failed.
"""

import os
from collections.abc import Callable, Iterator
from typing import Annotated, cast

import psycopg
import typer

from brug.bridges import checking as bridge_checking
from brug.bridges.ledger import checkpoints
from brug.cases import missing_documents
from brug.cases.persons import fetching
from brug.cli.doctor_home import Finding, State, of_home
from brug.cli.node import lacking, patiently
from brug.cli.output import Json, machine, table
from brug.directory import node_keys, sign_in_checking
from brug.mail import checking
from brug.model.errors import BrugError
from brug.store import settings
from brug.store.home import Home
from brug.store.reaching import VARIABLE, Reached, reached
from brug.store.revision import revision_of
from brug.store.session import Database, Session


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
    for one in of_home(home):
        yield one
        if (one.check, one.state) == ("folder", "failed"):
            return
    try:
        with reached(home, patiently()) as node:
            yield Finding("database", "ok", _where())
            yield from _database(node, home, mail_to)
    except (BrugError, psycopg.OperationalError) as error:
        yield Finding("database", "failed", str(error).strip(), "see the folder `log`")


def _where() -> str:
    return f"answers (by {VARIABLE})" if VARIABLE in os.environ else "answers (embedded)"


def _database(node: Reached, home: Home, mail_to: str) -> Iterator[Finding]:
    yield _server(node)
    revision = revision_of(node.dsn("brug_owner"))
    if not revision.is_current:
        yield Finding("schema", "failed", *lacking(revision))
        return
    yield Finding("schema", "ok", str(revision.found))
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


def _sign_in(session: Session) -> Finding:
    found = sign_in_checking.problems(session)
    if not found:
        return Finding("sign-in", "ok", "people get in as the settings say")
    state, _, advice = found[0]
    return Finding("sign-in", state, "; ".join(what for _, what, _ in found), advice)


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
    _site_admins, _sign_in, _address, _known_settings, _vocabularies, _sealed,
)  # fmt: skip
