# SPDX-License-Identifier: EUPL-1.2
"""Passwords: made, checked against the node's policy, stored as argon2id (RFC 9106, 4).

Verifying takes the same time for an account without a password, or for none at all.
"""

import base64
import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from brug.directory import moved_secrets
from brug.directory.refusals import Refused
from brug.store import settings
from brug.store.session import Session

LONGEST = 1024
# Letters and digits that are not taken for one another when read out.
_READABLE = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def _nobodys() -> str:
    """A hash of the usual cost that no password has."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32)
    )
    return (
        f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},"
        f"p={_hasher.parallelism}${salt}${digest}"
    )


_NOBODYS = _nobodys()


def _bytes(password: str) -> bytes:
    return password[:LONGEST].encode("utf-8", "replace")


def hashed(password: str) -> str:
    return _hasher.hash(_bytes(password))


def is_right(stored: str | None, password: str, *, moved: bool = False) -> bool:
    """Whether the password is the stored one; None costs as much as a wrong one.

    `moved`: the node holds digests from another MISP, which cost more; so everyone pays.
    """
    old = stored is not None and moved_secrets.is_usable(stored)
    fits = False
    if moved or old:
        fits = moved_secrets.is_right(stored if old else None, _bytes(password))
    try:
        wanted = _NOBODYS if stored is None or old else stored
        return _hasher.verify(wanted, _bytes(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return fits


def is_outdated(stored: str) -> bool:
    """Whether it was hashed more cheaply than today, or elsewhere."""
    return moved_secrets.is_usable(stored) or _hasher.check_needs_rehash(stored)


def generated(length: int = 24) -> str:
    """A password to be told once; it meets every policy."""
    while True:
        password = "".join(secrets.choice(_READABLE) for _ in range(length))
        if _is_mixed(password):
            return password


def _is_mixed(password: str) -> bool:
    return all(re.search(kind, password) for kind in (r"[A-Z]", r"[a-z]", r"\d|\W"))


def check(session: Session, password: object) -> str:
    """The password where the node's policy takes it; raises Refused."""
    if not isinstance(password, str) or "\x00" in password or len(password) > LONGEST:
        raise Refused("password", "type", f"a text of at most {LONGEST} characters")
    length = settings.get(session, "security.password_length")
    if len(password) < length:
        raise Refused("password", "short", f"at least {length} characters")
    mixed = settings.get(session, "security.password_mixed")
    if mixed and len(password) < 16 and not _is_mixed(password):
        raise Refused("password", "plain", "both cases and a digit or sign, or 16 characters")
    return password
