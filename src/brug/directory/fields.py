# SPDX-License-Identifier: EUPL-1.2
"""Checks that fields of the directory share, and the one way their rows are written."""

import re
import uuid
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any

from psycopg import sql

from brug.directory.refusals import Refused
from brug.formats.letter import is_deliverable
from brug.store.session import Session

Check = Callable[[str, Any], Any]

# Of the addresses that RFC 5321 allows, those that people have.
_EMAIL = re.compile(r"[^\s@<>\"'(),;:\\\x00-\x1f]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}[A-Za-z0-9]")


def text(limit: int, *, empty: bool = True) -> Check:
    """A text of at most `limit` characters without control characters other than lines."""

    def check(field: str, value: Any) -> str:
        if not isinstance(value, str):
            raise Refused(field, "type", "a text", str(value))
        if not empty and not value.strip():
            raise Refused(field, "empty", "something written")
        if len(value) > limit:
            raise Refused(field, "long", f"at most {limit} characters", value)
        if any((ord(c) < 32 and c not in "\n\r\t") or 0xD800 <= ord(c) < 0xE000 for c in value):
            raise Refused(field, "characters", "no control characters")
        return value

    return check


def flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused(field, "type", "true or false", str(value))
    return value


def number(low: int, high: int) -> Check:
    def check(field: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Refused(field, "range", f"a number from {low} to {high}", str(value))
        return value

    return check


def email(field: str, value: Any) -> str:
    if not isinstance(value, str) or not _EMAIL.fullmatch(value.strip()):
        raise Refused(field, "email", "an e-mail address", str(value))
    return value.strip()


def mail_address(field: str, value: Any) -> str:
    """Of somebody who is reached by mail alone: one that letters can be sent to."""
    text = email(field, value)
    if not is_deliverable(text):
        raise Refused(field, "email", "an e-mail address in ASCII that letters can go to", text)
    return text


def uuid_text(field: str, value: Any) -> str:
    """A UUID in its usual form, lower case."""
    try:
        found = uuid.UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        found = None
    if found is None:
        raise Refused(field, "uuid", "a UUID", str(value))
    return str(found)


def networks(field: str, value: Any) -> list[str] | None:
    """Addresses and networks, from a list or from lines; None where there are none."""
    if isinstance(value, str):
        value = value.replace(",", "\n").split()
    if not value:
        return None
    if not isinstance(value, list):
        raise Refused(field, "network", "addresses or networks", str(value))
    for item in value:
        try:
            # A number is an address to `ip_network`, and to nobody else.
            ip_network(item if isinstance(item, str) else "", strict=False)
        except ValueError as error:
            raise Refused(field, "network", "addresses or networks", str(item)) from error
    return list(value)


def checked(checks: Mapping[str, Check], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given of the fields that may be given, each checked; the rest is ignored."""
    return {name: checks[name](name, value) for name, value in given.items() if name in checks}


def insert(session: Session, table: str, row: Mapping[str, Any]) -> int:
    """Adds a row and answers its id; names come from tables in code, never from outside."""
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
    )
    return int(session.value(statement, row))


def update(session: Session, table: str, row_id: int, row: Mapping[str, Any]) -> bool:
    """Changes a row; False where the principal may not."""
    if not row:
        return True
    statement = sql.SQL("UPDATE {} SET {} WHERE id = {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in row
        ),
        sql.Placeholder("row_id"),
    )
    return session.execute(statement, {**row, "row_id": row_id}).rowcount == 1
