# SPDX-License-Identifier: EUPL-1.2
"""Which number here an item of the other side has; kept, so that a move can continue."""

from collections.abc import Sequence
from typing import Any

import msgspec

from brug.store.session import Session


class Move(msgspec.Struct):
    """One move from one source."""

    id: int
    source: str
    keeps_ids: bool
    finished: bool


class Moved(msgspec.Struct, frozen=True):
    """An item that was taken over."""

    remote: str
    local: int
    uuid: str | None
    stamp: int
    digest: bytes | None
    kept: bytes | None = None


def begin(session: Session, source: str, version: str) -> Move:
    """The move from this source, begun before or now; numbers are kept in an empty node."""
    row = session.one(
        "SELECT id, source, keeps_ids, finished IS NOT NULL FROM moving WHERE source = %s",
        (source,),
    )
    if row is None:
        row = session.one(
            "INSERT INTO moving (source, version, keeps_ids) VALUES (%s, %s, %s)"
            " RETURNING id, source, keeps_ids, false",
            (source, version, is_empty(session)),
        )
    assert row is not None  # noqa: S101 - one was found or made
    return Move(*row)


def is_empty(session: Session) -> bool:
    """Whether a node holds no more than what it was made with, so that numbers are free."""
    return bool(
        session.value(
            "SELECT NOT EXISTS (SELECT 1 FROM event) AND NOT EXISTS (SELECT 1 FROM sharing_group)"
            " AND (SELECT count(*) FROM account) <= 1 AND (SELECT count(*) FROM organisation) <= 1"
        )
    )


def finish(session: Session, move: Move) -> None:
    session.execute("UPDATE moving SET finished = now() WHERE id = %s", (move.id,))


def note(
    session: Session,
    move: Move,
    kind: str,
    remote: Any,
    local: int,
    *,
    uuid: str | None = None,
    stamp: int = 0,
    digest: bytes | None = None,
    kept: bytes | None = None,
) -> None:
    """Remembers that an item was taken over."""
    session.execute(
        "INSERT INTO moved (moving_id, kind, remote, local, uuid, stamp, digest, kept)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (moving_id, kind, remote)"
        " DO UPDATE SET local = excluded.local, uuid = excluded.uuid, stamp = excluded.stamp,"
        " digest = excluded.digest, kept = excluded.kept",
        (move.id, kind, str(remote), local, uuid, stamp, digest, kept),
    )


def known(session: Session, move: Move, kind: str, remotes: Sequence[str]) -> dict[str, Moved]:
    """Those of some items that were taken over before, by their number there."""
    rows = session.all(
        "SELECT remote, local, uuid::text, stamp, digest, kept FROM moved"
        " WHERE moving_id = %s AND kind = %s AND remote = ANY (%s)",
        (move.id, kind, list(remotes)),
    )
    return {row[0]: Moved(*row) for row in rows}


def counts(session: Session, move: Move) -> dict[str, int]:
    """How many of each kind were taken over."""
    return dict(
        session.all(
            "SELECT kind, count(*)::int FROM moved WHERE moving_id = %s"
            " GROUP BY kind ORDER BY kind",
            (move.id,),
        )
    )


class Numbers:
    """Numbers there -> numbers here, of the kinds that other items name."""

    def __init__(self, session: Session, move: Move) -> None:
        self._by_kind: dict[str, dict[str, int]] = {}
        self.emails: dict[str, int] = {}
        kinds = ("organisation", "account", "role", "sharing_group", "tag", "tag_collection")
        for kind, remote, local in session.all(
            "SELECT kind, remote, local::int FROM moved WHERE moving_id = %s AND kind = ANY (%s)",
            (move.id, list(kinds)),
        ):
            self._by_kind.setdefault(kind, {})[remote] = local
        self.emails.update(session.all("SELECT lower(email), id FROM account"))
        self.groups: dict[int, str] = dict(session.all("SELECT id, uuid::text FROM sharing_group"))
        self.organisations: dict[str, int] = dict(
            session.all("SELECT uuid::text, id FROM organisation")
        )

    def all_of(self, kind: str) -> dict[str, str]:
        """Every number there, as text, with the one here."""
        return {remote: str(local) for remote, local in self._by_kind.get(kind, {}).items()}

    def of(self, kind: str, remote: Any) -> int | None:
        """The number here, or None for one that was not taken over."""
        return self._by_kind.get(kind, {}).get(str(remote))
