# SPDX-License-Identifier: EUPL-1.2
"""Who asks: found by an id, a cookie or an API key.

Whoever brings a key is remembered, together with the settings that hold, for as long as the
database's count of changes stands still: with most requests one number is all that is read
before their own work. A changed role, a closed account or a deleted key counts before the
next request is let in, whichever process changed it.
"""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any, LiteralString

import msgspec
import psycopg

from brug.model.errors import Unauthenticated
from brug.store.principal import Principal

KEYS = 10_000  # remembered at most, those used last

_STATE: LiteralString = "SELECT version FROM principal_state"
# One statement, so that the number is that of what stands beside it.
_IDENTIFY: LiteralString = (
    "SELECT *, misp_bridge_of(user_id), (SELECT jsonb_object_agg(name, value) FROM setting)::text,"
    " (SELECT version FROM principal_state) FROM "
)


class UnknownKey(Unauthenticated):
    """Nobody's key, as far as the node knows yet; some that came along are still unused."""


class Known(msgspec.Struct, frozen=True):
    """Who asks, the settings that differ from their defaults, and the count that both are of."""

    principal: Principal
    settings: Mapping[str, Any]
    version: int


def by_id(user_id: int, connection: psycopg.Connection[Any]) -> Known:
    """Raises Unauthenticated, as do the others."""
    return _known(connection.execute(_IDENTIFY + "identify_user(%s)", (user_id,)).fetchone())


def by_web_session(hashed: bytes, connection: psycopg.Connection[Any]) -> Known:
    found = connection.execute(_IDENTIFY + "identify_web_session(%s)", (hashed,))
    return _known(found.fetchone())


class RememberedKeys:
    """Owners of keys that were used here; one per process, its threads share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owners: OrderedDict[bytes, Known] = OrderedDict()

    def owner(self, hashed: bytes, connection: psycopg.Connection[Any]) -> Known:
        """Raises UnknownKey where it may be one that came along and was not used yet."""
        known = self._owners.get(hashed)
        if known is not None and _version(connection) == known.version:
            return known
        found = connection.execute(_IDENTIFY + "identify_key(%s)", (hashed,))
        known = _known(found.fetchone())
        with self._lock:
            self._owners[hashed] = known
            self._owners.move_to_end(hashed)
            if len(self._owners) > KEYS:
                self._owners.popitem(last=False)
        return known

    def forget(self, hashed: bytes) -> None:
        with self._lock:
            self._owners.pop(hashed, None)


def _version(connection: psycopg.Connection[Any]) -> int | None:
    row = connection.execute(_STATE).fetchone()
    return row[0] if row else None


def _known(row: tuple[Any, ...] | None) -> Known:
    if row is None:
        raise Unauthenticated("no such user, key or session")
    *fields, may_have_come_along, misp_bridge, settings, version = row
    if fields[0] is None:
        if may_have_come_along:
            raise UnknownKey("no such key among those that have been used")
        raise Unauthenticated("no such user, key or session")
    fields[3] = str(fields[3])
    fields[8] = frozenset(fields[8])
    fields[21] = None if fields[21] is None else tuple(fields[21])
    fields[25] = tuple(fields[25])
    fields.append(misp_bridge)
    return Known(Principal(*fields), msgspec.json.decode(settings or "{}"), version)
