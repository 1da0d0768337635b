# SPDX-License-Identifier: EUPL-1.2
"""Digests of passwords and keys that came from another MISP: bcrypt, as PHP makes it.

Each is verified once, on its first use, and then replaced by this node's own. A digest that
would take long is not taken over, and a key is compared only where both its ends fit and
not too often, so that nobody can make the node compute.
"""

import re
import secrets
import threading

import bcrypt

from brug.store.session import Database, Session, hash_of_key

# $2y$ is PHP's name for what the others call $2b$; 2**12 rounds take a quarter of a second.
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-2])\$[./A-Za-z0-9]{53}")
LONGEST = 72  # bytes that bcrypt looks at
KEY_LENGTH = 40
TRIES = 5  # comparisons of one key
WINDOW = "1 minute"


def is_usable(digest: str | None) -> bool:
    """Whether a digest can be verified here, at a bearable price."""
    return digest is not None and _BCRYPT.fullmatch(digest) is not None


def is_right(digest: str | None, secret: bytes) -> bool:
    """Whether the secret is that of the digest; without one it takes as long."""
    wanted = digest if digest is not None and is_usable(digest) else _NOBODYS
    fits = bcrypt.checkpw(secret[:LONGEST].replace(b"\0", b"?"), wanted.encode())
    return fits and wanted is digest


_NOBODYS = f"$2b$10${'.' * 22}{'.' * 31}"


def has_passwords(session: Session) -> bool:
    """Whether some users have not signed in since their passwords came along."""
    return bool(
        session.value("SELECT EXISTS (SELECT 1 FROM account WHERE password_hash LIKE '$2%%')")
    )


def keep_key(session: Session, key_id: int, start: str, end: str, digest: str) -> None:
    """Remembers the digest of a key until its first use."""
    session.execute(
        "INSERT INTO moved_key (auth_key_id, authkey_start, authkey_end, digest)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT (auth_key_id) DO UPDATE SET digest = excluded.digest",
        (key_id, start, end, digest),
    )


def unknown_hash() -> bytes:
    """What stands for a key's hash until the key was used: nobody's."""
    return secrets.token_bytes(32)


# One comparison at a time: who asks with a key beside its first use waits for that one.
_COMPARING = threading.Lock()


def recognise(database: Database, key: str) -> bool:
    """Whether an unknown key is one that came along; from then on the node knows it."""
    if len(key) != KEY_LENGTH or not key.isascii():
        return False
    with _COMPARING:
        return _is_known(database, key) or _compared(database, key) or _is_known(database, key)


def _is_known(database: Database, key: str) -> bool:
    """Whether another request, or another process, has recognised it meanwhile."""
    with database.system() as session:
        return bool(session.value("SELECT 1 FROM auth_key WHERE hash = %s", (hash_of_key(key),)))


def _compared(database: Database, key: str) -> bool:
    for key_id, digest in _candidates(database, key):
        # Comparing takes long and holds no connection.
        if is_right(digest, key.encode()):
            with database.system() as session:
                session.execute(
                    "UPDATE auth_key SET hash = %s WHERE id = %s", (hash_of_key(key), key_id)
                )
                session.execute("DELETE FROM moved_key WHERE auth_key_id = %s", (key_id,))
            return True
    return False


def _candidates(database: Database, key: str) -> list[tuple[int, str]]:
    """Keys with these ends that may be compared now; each time is counted before."""
    with database.system() as session:
        return session.all(
            "UPDATE moved_key SET tried_at = now(), tries = CASE"
            "   WHEN tried_at < now() - %s::interval THEN 1 ELSE tries + 1 END"
            " WHERE auth_key_id IN (SELECT auth_key_id FROM moved_key"
            "   WHERE authkey_start = %s AND authkey_end = %s"
            "   AND (tries < %s OR tried_at < now() - %s::interval) LIMIT 2 FOR UPDATE)"
            " RETURNING auth_key_id, digest",
            (WINDOW, key[:4], key[-4:], TRIES, WINDOW),
        )
