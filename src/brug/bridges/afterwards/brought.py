# SPDX-License-Identifier: EUPL-1.2
"""Which events came from which MISP server or feed, when, and which went after their time."""

from collections.abc import Sequence
from typing import LiteralString

from brug.store.session import Session

_NOTE: LiteralString = (
    "INSERT INTO source_event AS s (server_id, feed_id, event_uuid, event_id, version)"
    " SELECT %(server)s, %(feed)s, uuid, id, timestamp FROM event WHERE id = %(event)s"
)
_ANEW: LiteralString = (
    " DO UPDATE SET event_id = excluded.event_id, version = excluded.version, came = now(),"
    " ended = NULL"
)


def note_from_server(session: Session, server_id: int, event_id: int) -> None:
    """That a version of an event came from a server."""
    with session.as_system():
        session.execute(
            _NOTE + " ON CONFLICT (server_id, event_uuid)" + _ANEW,
            {"server": server_id, "feed": None, "event": event_id},
        )


def note_from_feed(session: Session, feed_id: int, event_id: int) -> None:
    """That a version of an event came from a feed."""
    with session.as_system():
        session.execute(
            _NOTE + " ON CONFLICT (feed_id, event_uuid)" + _ANEW,
            {"server": None, "feed": feed_id, "event": event_id},
        )


def ended(
    session: Session, uuids: Sequence[str], *, server_id: int | None = None,
    feed_id: int | None = None,
) -> dict[str, int]:  # fmt: skip
    """Of some events of a source those whose time here was over, with that version."""
    with session.as_system():
        found = session.all(
            "SELECT event_uuid::text, version FROM source_event WHERE ended IS NOT NULL"
            " AND (server_id = %(server)s OR feed_id = %(feed)s)"
            " AND event_uuid = ANY (%(uuids)s::uuid[])",
            {"server": server_id, "feed": feed_id, "uuids": list(uuids)},
        )
    return {row[0]: int(row[1]) for row in found}
