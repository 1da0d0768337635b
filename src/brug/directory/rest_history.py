# SPDX-License-Identifier: EUPL-1.2
"""What somebody tried on the page of the interface: their own last calls, to try again."""

from datetime import datetime

import msgspec

from brug.model.errors import NotFound
from brug.store.session import Session

KEPT = 100


class Tried(msgspec.Struct, frozen=True):
    """One call."""

    id: int
    method: str
    path: str
    body: str
    status: int
    at: datetime


_COLUMNS = "id, method, path, body, status, at"


def listed(session: Session) -> list[Tried]:
    """The reader's own, the newest first."""
    rows = session.all(
        "SELECT " + _COLUMNS + " FROM rest_history WHERE user_id = %s ORDER BY id DESC LIMIT %s",
        (session.principal.user_id, KEPT),
    )
    return [Tried(*row) for row in rows]


def found(session: Session, tried_id: int) -> Tried:
    """Raises NotFound, also for somebody else's."""
    row = session.one(
        "SELECT " + _COLUMNS + " FROM rest_history WHERE user_id = %s AND id = %s",
        (session.principal.user_id, tried_id),
    )
    if row is None:
        raise NotFound(f"no call {tried_id} in the history")
    return Tried(*row)


def note(session: Session, method: str, path: str, body: str, status: int) -> None:
    """Keeps a call; the oldest beyond the last hundred goes."""
    user = session.principal.user_id
    session.execute(
        "INSERT INTO rest_history (user_id, org_id, method, path, body, status)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (user, session.principal.org_id, method, path, body, status),
    )
    session.execute(
        "DELETE FROM rest_history WHERE user_id = %s AND id NOT IN"
        " (SELECT id FROM rest_history WHERE user_id = %s ORDER BY id DESC LIMIT %s)",
        (user, user, KEPT),
    )


def delete(session: Session, tried_id: int) -> None:
    """Raises NotFound."""
    found(session, tried_id)
    session.execute("DELETE FROM rest_history WHERE id = %s", (tried_id,))
