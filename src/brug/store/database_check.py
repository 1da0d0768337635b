# SPDX-License-Identifier: EUPL-1.2
"""What a database must be able to do, tried out on it: for `doctor`, and any server.

A database made with the wrong locale works, and silently finds nothing that is not
English; one whose roles were given more rights works, and silently shows everything.
"""

from typing import Any, Literal, LiteralString, NamedTuple

import msgspec
import psycopg

from brug.store.bootstrap import OLDEST_SERVER, ROLES


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    level: Literal["ok", "warning", "error"]
    code: str
    text: str
    advice: str = ""


_REMAKE = (
    "Make the database anew with encoding UTF8, locale provider builtin, builtin locale "
    "C.UTF-8 and LC_CTYPE C.UTF-8, and restore into it."
)


class _Question(NamedTuple):
    code: str
    well: str
    query: LiteralString  # true when well
    ill: str
    advice: str


_FOLDS = """select lower('ПРИВЕТ') = 'привет' and lower('ΑΘΗΝΑ') = 'αθηνα'
    and 'ПРИВЕТ' ilike 'привет'"""
_POWERFUL = """select not bool_or(rolsuper or rolbypassrls)
    from pg_roles where rolname like 'brug\\_%'"""
_FINDS = """select cardinality(brug.show_trgm('привет')) >= 6
    and cardinality(brug.show_trgm('αθηνα')) >= 5"""

_QUESTIONS = (
    _Question(
        "encoding",
        "The database stores UTF-8.",
        "select current_setting('server_encoding') = 'UTF8'",
        "The database does not store UTF-8.",
        _REMAKE,
    ),
    _Question(
        "case_folding",
        "Case is folded in Cyrillic and Greek.",
        _FOLDS,
        "Case is not folded in Cyrillic or Greek, so searches miss what they should find.",
        _REMAKE,
    ),
    _Question(
        "roles",
        "No role of Brug is a superuser or may bypass row-level security.",
        _POWERFUL,
        "A role of Brug is a superuser or may bypass row-level security: it sees everything.",
        "alter role NAME nosuperuser nobypassrls",
    ),
)
_TRIGRAMS = _Question(
    "trigrams",
    "Trigrams are found in Cyrillic and Greek.",
    _FINDS,
    "Trigrams are not found in Cyrillic or Greek, so parts of words are not found.",
    _REMAKE,
)


def check_server(connection: psycopg.Connection[Any]) -> list[Finding]:
    """Everything that can be asked over one connection to the database."""
    findings = [_version(connection), _roles_present(connection)]
    findings += [_answer(connection, question) for question in _QUESTIONS]
    if _ask(connection, "select to_regproc('brug.show_trgm') is not null"):
        findings.append(_answer(connection, _TRIGRAMS))
    else:
        findings.append(
            Finding(
                "error",
                "trigrams",
                "The extension pg_trgm is not installed in schema brug.",
                "create extension pg_trgm with schema brug",
            )
        )
    return findings


def _version(connection: psycopg.Connection[Any]) -> Finding:
    found = connection.info.server_version // 10_000
    text = f"The server is PostgreSQL {found}."
    if found < OLDEST_SERVER:
        return Finding("error", "version", text, f"Use PostgreSQL {OLDEST_SERVER}.")
    if found > OLDEST_SERVER:
        return Finding("warning", "version", text, f"Brug is tested with {OLDEST_SERVER}.")
    return Finding("ok", "version", text)


def _roles_present(connection: psycopg.Connection[Any]) -> Finding:
    rows = connection.execute("select rolname from pg_roles").fetchall()
    missing = {role.name for role in ROLES} - {name for (name,) in rows}
    if missing:
        text = f"Roles are missing: {', '.join(sorted(missing))}."
        return Finding("error", "roles_present", text, "Run `brug upgrade`.")
    return Finding("ok", "roles_present", "All roles of Brug are there.")


def _answer(connection: psycopg.Connection[Any], question: _Question) -> Finding:
    if _ask(connection, question.query):
        return Finding("ok", question.code, question.well)
    return Finding("error", question.code, question.ill, question.advice)


def _ask(connection: psycopg.Connection[Any], query: LiteralString) -> bool:
    row = connection.execute(query).fetchone()
    return bool(row and row[0])
