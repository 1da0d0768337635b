# SPDX-License-Identifier: EUPL-1.2
"""API keys: forty letters and digits, shown once, stored as a digest with visible ends.

A key carries its user's rights or fewer. What was made with a limited key is limited as
that key is, so that nobody widens a key with itself.
"""

import secrets
import string
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

import msgspec

from brug.directory import audit, fields, moments
from brug.directory.refusals import Refused
from brug.model.errors import Forbidden, NotFound
from brug.store import settings
from brug.store.session import Session, hash_of_key

LENGTH = 40  # what MISP's clients and its own interface expect
_LETTERS = string.ascii_letters + string.digits


class Key(msgspec.Struct, frozen=True):
    """What is known of a key once it has been told."""

    id: int
    uuid: str
    authkey_start: str
    authkey_end: str
    created: int
    expiration: int
    read_only: bool
    user_id: int
    comment: str
    allowed_ips: list[str] | None
    unique_ips: list[str]
    last_used: int
    email: str


class NewKey(msgspec.Struct, frozen=True):
    """A key and its text, which is nowhere else."""

    key: Key
    text: str


_SELECT = (
    "SELECT k.id, k.uuid::text, k.authkey_start, k.authkey_end, k.created, k.expiration,"
    " k.read_only, k.user_id, k.comment, k.allowed_ips, k.unique_ips, k.last_used, a.email"
    " FROM auth_key k JOIN account a ON a.id = k.user_id"
)


def listed(session: Session, user_id: int | None = None) -> list[Key]:
    """One's own; an administrator's users'; all, for site admins."""
    found = session.all(
        _SELECT + " WHERE (%(user)s::int IS NULL OR k.user_id = %(user)s) ORDER BY k.id",
        {"user": user_id},
    )
    return [Key(*row) for row in found]


def view(session: Session, reference: int | str) -> Key:
    """By id or UUID; raises NotFound."""
    wanted = str(reference).strip()
    row = None
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10:
        row = session.one(_SELECT + " WHERE k.id = %s", (int(wanted),))
    elif len(wanted) == 36:
        row = session.one(_SELECT + " WHERE k.uuid::text = lower(%s)", (wanted,))
    if row is None:
        raise NotFound(f"no key {wanted!r}")
    return Key(*row)


_FIELDS: Mapping[str, fields.Check] = {
    "comment": fields.text(1000),
    "expiration": moments.seconds,
    "read_only": fields.flag,
    "allowed_ips": fields.networks,
    "uuid": fields.uuid_text,
}


def add(session: Session, user_id: int, given: Mapping[str, Any] | None = None) -> NewKey:
    """Makes a key for a user; raises Refused, or Forbidden where the user is not one's own."""
    _require(session, user_id)
    # A UUID is made, never taken: whether one is taken would tell of others' keys.
    row = _limited(session, fields.checked(_FIELDS, given or {}))
    row.pop("uuid", None)
    text = "".join(secrets.choice(_LETTERS) for _ in range(LENGTH))
    row |= {
        "user_id": user_id,
        "hash": hash_of_key(text),
        "authkey_start": text[:4],
        "authkey_end": text[-4:],
    }
    added = view(session, fields.insert(session, "auth_key", row))
    audit.record(session, "add", "AuthKey", added.id, _title(added), _shown(row))
    return NewKey(added, text)


def edit(session: Session, reference: int | str, given: Mapping[str, Any]) -> Key:
    """Changes comment, expiry, addresses or read-only; the text stays."""
    found = view(session, reference)
    _require(session, found.user_id)
    row = _limited(session, fields.checked(_FIELDS, given), found)
    row.pop("uuid", None)
    fields.update(session, "auth_key", found.id, row)
    audit.record(session, "edit", "AuthKey", found.id, _title(found), _shown(row))
    return view(session, found.id)


def delete(session: Session, reference: int | str) -> Key:
    found = view(session, reference)
    _require(session, found.user_id)
    session.execute("DELETE FROM auth_key WHERE id = %s", (found.id,))
    audit.record(session, "delete", "AuthKey", found.id, _title(found))
    return found


def reset(session: Session, user_id: int) -> NewKey:
    """Ends the user's keys, which then expire now, and makes a new one."""
    _require(session, user_id)
    session.execute(
        "UPDATE auth_key SET expiration = extract(epoch FROM now())::bigint - 1"
        " WHERE user_id = %s AND (expiration = 0 OR expiration > extract(epoch FROM now()))",
        (user_id,),
    )
    return add(session, user_id, {"comment": "made by a reset"})


def touch(session: Session, key_id: int, address: str) -> None:
    """Notes that a key was used; called at most once a minute (`Principal.key_stale`)."""
    session.execute(
        "UPDATE auth_key SET last_used = extract(epoch FROM now()),"
        " unique_ips = CASE WHEN %(address)s = ANY (unique_ips) THEN unique_ips"
        " ELSE (array_append(unique_ips, %(address)s))[greatest(1, cardinality(unique_ips) - 98):]"
        " END WHERE id = %(id)s",
        {"id": key_id, "address": address},
    )
    session.execute(
        "UPDATE account SET last_api_access = extract(epoch FROM now())"
        " WHERE id = (SELECT user_id FROM auth_key WHERE id = %s)",
        (key_id,),
    )


def _require(session: Session, user_id: int) -> None:
    if session.principal.is_site_admin:
        if not session.one("SELECT 1 FROM account WHERE id = %s", (user_id,)):
            raise NotFound(f"no account {user_id}")
    elif not session.value("SELECT may_act_for(%s)", (user_id,)):
        raise Forbidden(f"{session.principal.email} may not touch keys of account {user_id}")


def _limited(session: Session, row: dict[str, Any], old: Key | None = None) -> dict[str, Any]:
    """The row within the node's limit and within those of the key that asks for it."""
    mine = session.principal
    life = settings.get(session, "security.key_days")
    latest = [mine.key_expiration] if mine.key_expiration else []
    if life and (old is None or "expiration" in row):
        latest.append(moments.seconds("expiration", f"+{life} days"))
    expiration = row.get("expiration", old.expiration if old else 0)
    if latest and (expiration == 0 or expiration > min(latest)):
        row["expiration"] = min(latest)
    if mine.allowed_ips:
        allowed = row.get("allowed_ips", old.allowed_ips if old else None)
        if not allowed:
            row["allowed_ips"] = list(mine.allowed_ips)
        elif not all(_within(item, mine.allowed_ips) for item in allowed):
            raise Refused("allowed_ips", "wider", "addresses that the key in use may come from")
    return row


def _within(item: str, allowed: tuple[str, ...]) -> bool:
    inner = ip_network(item, strict=False)
    for text in allowed:
        outer = ip_network(text, strict=False)
        if inner.version == outer.version and inner.subnet_of(outer):  # type: ignore[arg-type]
            return True
    return False


def _title(key: Key) -> str:
    return f"{key.authkey_start}...{key.authkey_end} of {key.email}"


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("comment", "expiration", "read_only", "allowed_ips")
            if name in row}  # fmt: skip


def used_from(session: Session, addresses: Sequence[str]) -> list[tuple[str, int, str]]:
    """(address, user, e-mail address) of those whose keys were used from some addresses."""
    return [
        (row[0], row[1], row[2])
        for row in session.all(
            "SELECT DISTINCT i.ip, a.id, a.email FROM auth_key k JOIN account a ON a.id = k.user_id"
            " CROSS JOIN unnest(k.unique_ips) AS i (ip) WHERE i.ip = ANY (%s) ORDER BY i.ip, a.id",
            (list(addresses),),
        )
    ]
