# SPDX-License-Identifier: EUPL-1.2
"""Digests of passwords and keys out of a dump of the other side's database.

The dump may be plain, gzip or Zstandard, and of any size: it is read a line at a time. What
is taken is the digest alone; a plain key of an old installation is hashed as it is read.
No value of a dump is ever shown.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import msgspec
import zstandard

from brug.directory import audit, moved_secrets
from brug.formats import mysql_dump
from brug.formats.mysql_dump import Row
from brug.model.errors import Invalid
from brug.moving.numbers import Move, note
from brug.moving.report import Refused, Report
from brug.moving.taking import guarded
from brug.store.session import Session, hash_of_key

LONGEST_LINE = 64 * 2**20
TABLES = frozenset({"users", "auth_keys"})


class Secrets(msgspec.Struct):
    """What a dump holds of users: the password's digest by address, keys by address."""

    emails: dict[str, str] = {}  # number there -> address
    passwords: dict[str, str] = {}
    plain_keys: dict[str, str] = {}
    keys: list[Row] = []


def read(path: Path) -> Secrets:
    """Raises Invalid where the file is no dump of a MISP's database."""
    found = Secrets()
    try:
        with _opened(path) as stream:
            for table, row in mysql_dump.rows(_lines(stream), TABLES):
                _take(found, table, row)
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise Invalid("--database", f"a readable dump ({error})") from error
    if not found.emails:
        raise Invalid("--database", "a dump of a MISP's database, with its table users")
    return found


def _take(found: Secrets, table: str, row: Row) -> None:
    number = row.get("id") or ""
    if table == "users":
        email = (row.get("email") or "").lower()
        found.emails[number] = email
        found.passwords[email] = row.get("password") or ""
        if row.get("authkey"):
            found.plain_keys[email] = row["authkey"] or ""
    else:
        found.keys.append(row)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        start = file.peek(4)[:4]
        if start.startswith(b"\x1f\x8b"):
            with gzip.open(file) as stream:
                yield stream  # type: ignore[misc]
        elif start == b"\x28\xb5\x2f\xfd":
            with zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as raw:
                yield raw
        else:
            yield file


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines; what is longer than any line of interest comes in parts that match nothing."""
    rest = b""
    while part := stream.read(2**20):
        pieces = (rest + part).split(b"\n") if b"\n" in part else [rest + part]
        rest = pieces.pop()
        yield from pieces
        if len(rest) > LONGEST_LINE:
            raise Invalid("--database", f"lines of at most {LONGEST_LINE} bytes")
    if rest:
        yield rest


def carry(session: Session, move: Move, found: Secrets, report: Report, *, plain: bool) -> None:
    """Stores the digests of accounts that have none; `plain`: keys stood in the users' rows."""
    accounts = dict(session.all("SELECT lower(email), id FROM account"))
    for email, digest in found.passwords.items():
        _carry_password(session, report, email, accounts.get(email), digest)
    for row in [] if plain else found.keys:
        email = found.emails.get(row.get("user_id") or "", "")
        name = f"key {row.get('authkey_start')}...{row.get('authkey_end')} of {email or '?'}"
        act = partial(_carry_key, session, move, row, accounts.get(email))
        if guarded(report, session, name, act):
            report.carried_keys[email] = report.carried_keys.get(email, 0) + 1
    for email, key in found.plain_keys.items() if plain else ():
        if email in accounts and _is_key(key):
            _carry_plain(session, report, accounts[email], key)
    for person in report.people:
        person.keys = max(0, person.keys - report.carried_keys.get(person.email.lower(), 0))
        person.password = person.email.lower() not in report.carried_passwords
    audit.record(
        session, "import", "AuthKey", 0, report.source,
        {"keys": sum(report.carried_keys.values()), "passwords": len(report.carried_passwords)},
    )  # fmt: skip


def _carry_password(
    session: Session, report: Report, email: str, account: int | None, digest: str
) -> None:
    if account is None:
        return
    stored = session.value("SELECT password_hash FROM account WHERE id = %s", (account,))
    if stored is not None:
        report.carried_passwords.add(email)  # one that the account has here already
    elif moved_secrets.is_usable(digest):
        session.execute("UPDATE account SET password_hash = %s WHERE id = %s", (digest, account))
        report.carried_passwords.add(email)
    elif digest:
        report.refused.append(Refused(f"password of {email}", "not a bcrypt digest of usual cost"))


def _carry_key(session: Session, move: Move, row: Row, account: int | None) -> None:
    digest = row.get("authkey") or ""
    if account is None:
        raise Invalid("user_id", "a user who came along")
    if not moved_secrets.is_usable(digest):
        raise Invalid("authkey", "a bcrypt digest of usual cost")
    uuid = row.get("uuid")
    if session.value("SELECT 1 FROM auth_key WHERE uuid::text = %s", (uuid,)) is not None:
        return
    added = _add_key(session, move, row, account)
    moved_secrets.keep_key(
        session, added, row.get("authkey_start") or "", row.get("authkey_end") or "", digest
    )
    note(session, move, "key", row.get("id"), added, uuid=uuid)


def _add_key(session: Session, move: Move, row: Row, account: int) -> int:
    """Under its number, where numbers are kept and nobody has it."""
    number = int(row.get("id") or 0)
    taken = session.value("SELECT 1 FROM auth_key WHERE id = %s", (number,))
    added = session.value(
        "INSERT INTO auth_key (uuid, hash, authkey_start, authkey_end, created, expiration,"
        " read_only, user_id, comment, allowed_ips) VALUES"
        " (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            row.get("uuid"), moved_secrets.unknown_hash(), row.get("authkey_start") or "",
            row.get("authkey_end") or "", int(row.get("created") or 0),
            int(row.get("expiration") or 0), row.get("read_only") == "1", account,
            row.get("comment") or "", _addresses(row.get("allowed_ips")),
        ),
    )  # fmt: skip
    if move.keeps_ids and not taken and number:
        session.execute("UPDATE auth_key SET id = %s WHERE id = %s", (number, added))
        session.execute("SELECT number_behind('auth_key', %s)", (number,))
        return number
    return int(added)


def _addresses(text: str | None) -> list[str] | None:
    """The addresses that a key may come from. Raises Invalid: without them it would be wider."""
    if not text or text == "null":
        return None
    try:
        found = msgspec.json.decode(text, type=list[str])
    except msgspec.DecodeError as error:
        raise Invalid("allowed_ips", "a list of addresses") from error
    return found or None


def _is_key(key: str) -> bool:
    return len(key) == moved_secrets.KEY_LENGTH and key.isascii() and key.isalnum()


def _carry_plain(session: Session, report: Report, account: int, key: str) -> None:
    session.execute(
        "INSERT INTO auth_key (hash, authkey_start, authkey_end, user_id, comment)"
        " VALUES (%s, %s, %s, %s, 'from the former installation') ON CONFLICT DO NOTHING",
        (hash_of_key(key), key[:4], key[-4:], account),
    )
    email = session.value("SELECT lower(email) FROM account WHERE id = %s", (account,))
    report.carried_keys[email] = report.carried_keys.get(email, 0) + 1
