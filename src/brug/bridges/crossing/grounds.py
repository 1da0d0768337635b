# SPDX-License-Identifier: EUPL-1.2
"""What decides beside events and agreements: where it changes, everything is decided anew.

The types that identify people (shipped and corrected here, each from its day on), and the
purpose that counts where an event names none. No event's own change says that these changed,
and for some rows it is only the day that comes.
"""

import hashlib
from functools import cache
from importlib.resources import files

from brug.bridges.crossing import outbox
from brug.bridges.gate import personal_types
from brug.store import settings
from brug.store.session import Database, Session


def notice(database: Database) -> bool:
    """Has every bridge look at everything again where other grounds hold than the last time.

    What is decided as before is not sent again.
    """
    with database.system() as session:
        now = stated(session)
        if session.value("SELECT stated FROM decided_by") == now:
            return False
        known = session.value("SELECT stated FROM decided_by FOR UPDATE")
        session.execute(
            "INSERT INTO decided_by (stated) VALUES (%s) ON CONFLICT (one) DO UPDATE"
            " SET stated = excluded.stated, changed = now()",
            (now,),
        )
        if known in {None, now}:
            return False
        session.execute(
            "UPDATE bridge_progress g SET carried = 0 FROM bridge b"
            " WHERE b.id = g.bridge_id AND b.state <> 'closed'"
        )
        outbox.note_everything(session)
        return True


def stated(session: Session) -> str:
    """The grounds in one line; the same line is the same grounds."""
    own, today = session.one(
        "SELECT (SELECT count(*) FROM personal_type WHERE valid_from <= now()::date), now()::date"
    ) or (0, None)
    shipped = sum(1 for row in personal_types.shipped() if today and row.valid_from <= today)
    purpose = settings.get(session, "bridges.default_purpose")
    return f"types {_table()} {shipped} {own}, purpose {purpose}"


@cache
def _table() -> str:
    """Of the shipped table, so that a release with another one decides anew."""
    data = (files("brug.bridges.gate") / "personal_types.toml").read_bytes()
    return hashlib.sha256(data).hexdigest()[:16]
