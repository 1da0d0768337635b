# SPDX-License-Identifier: EUPL-1.2
"""Arrangements of an event's graph that people save. Text as it came; nothing reads it here."""

import time

import msgspec

from brug.intel.finding import find
from brug.model.errors import Forbidden, Invalid, NotFound
from brug.store import audit
from brug.store.session import Session

LARGEST = 2 * 2**20


class Graph(msgspec.Struct, frozen=True):
    id: int
    event_id: int
    user_id: int
    email: str
    org_id: int
    timestamp: int
    name: str
    network: str
    preview: str | None


def of_event(session: Session, event_id: int) -> list[Graph]:
    """The arrangements that the session sees, newest first."""
    rows = session.all(
        "SELECT g.id, g.event_id, g.user_id, coalesce(creator_email(g.user_id), ''), g.org_id,"
        " g.timestamp, g.network_name, g.network_json, g.preview_img FROM event_graph g"
        " WHERE g.event_id = %s ORDER BY g.timestamp DESC, g.id DESC",
        (event_id,),
    )
    return [Graph(*row) for row in rows]


def save(session: Session, key: str, name: str, network: str, preview: str | None) -> int:
    """Saves an arrangement; its id. Raises NotFound, Invalid."""
    event_id = find(session, "event", key)
    if len(network) + len(preview or "") > LARGEST:
        raise Invalid("network_json", f"at most {LARGEST} characters")
    found = session.value(
        "INSERT INTO event_graph (event_id, user_id, org_id, timestamp, network_name,"
        " network_json, preview_img) VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            event_id, session.principal.user_id, session.principal.org_id, int(time.time()),
            name[:255], network, preview,
        ),
    )  # fmt: skip
    audit.record(session, "add", "EventGraph", int(found), name[:200])
    return int(found)


def delete(session: Session, graph_id: int) -> None:
    """Raises NotFound, Forbidden."""
    if session.value("SELECT id FROM event_graph WHERE id = %s", (graph_id,)) is None:
        raise NotFound(f"no graph {graph_id}")
    gone = session.value("DELETE FROM event_graph WHERE id = %s RETURNING id", (graph_id,))
    if gone is None:
        raise Forbidden(f"graph {graph_id} is another's")
    audit.record(session, "delete", "EventGraph", graph_id)
