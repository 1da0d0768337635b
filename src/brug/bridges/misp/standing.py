# SPDX-License-Identifier: EUPL-1.2
"""How it stands with a server, and how often it is pulled from by itself."""

from datetime import datetime

import msgspec

from brug.model.errors import Invalid, NotFound
from brug.store.session import Session

MOST_MINUTES = 43_200  # between two pulls: thirty days


class Standing(msgspec.Struct, frozen=True):
    """How it stands with a server."""

    pull_minutes: int
    retention_days: int
    failures: int
    not_before: datetime | None
    cached_at: datetime | None
    waiting: int
    last_pull: datetime | None
    last_push: datetime | None


def standing(session: Session, server_id: int) -> Standing:
    """Raises NotFound."""
    row = session.one(
        "SELECT pull_minutes, retention_days, failures,"
        " CASE WHEN not_before > now() THEN not_before END,"
        " cached_at, (SELECT count(*)::int FROM server_run r WHERE r.server_id = w.server_id"
        "   AND r.state IN ('queued', 'running')),"
        " (SELECT max(ended) FROM server_run r WHERE r.server_id = w.server_id"
        "   AND r.kind = 'pull' AND r.state = 'done'),"
        " (SELECT max(ended) FROM server_run r WHERE r.server_id = w.server_id"
        "   AND r.kind = 'push' AND r.state = 'done')"
        " FROM server_work w WHERE server_id = %s",
        (server_id,),
    )
    if row is None:
        raise NotFound(f"no server {server_id}")
    return Standing(*row)


def set_pull_minutes(session: Session, server_id: int, minutes: int) -> None:
    """How often the server is pulled from by itself; 0: only when somebody asks.

    Raises Invalid.
    """
    if not 0 <= minutes <= MOST_MINUTES:
        raise Invalid("minutes", f"0 (only when asked) to {MOST_MINUTES}", str(minutes))
    session.execute(
        "UPDATE server_work SET pull_minutes = %s WHERE server_id = %s", (minutes, server_id)
    )
