# SPDX-License-Identifier: EUPL-1.2
"""Cases of which nothing kept is to be believed: whoever looks folds them.

Those that others take part in since, and where the reader takes part both in person and for an
organisation, and so has what no single row has. Of what changes with time alone, those whose time
has come and that nobody has looked at yet: MOST of them, and the rest is as it was looked at last.
"""

from datetime import datetime
from typing import LiteralString

from brug.store.session import Session

MOST = 500
# As whom the session's principal reads: whether it does is for the database to say.
OF: LiteralString = "%(of)s"
SELF: LiteralString = "%(self)s"
READERS: tuple[LiteralString, ...] = (OF, SELF)


def readers(session: Session) -> dict[str, int | None]:
    """The parameters that READERS name."""
    me = session.principal
    return {"of": me.org_id, "self": -me.user_id if me.user_id else None}


def to_fold(session: Session, now: datetime | None = None) -> list[int]:
    """With `now`, also those that have become others since."""
    rows = session.all(
        "SELECT case_id FROM case_stale UNION SELECT r.case_id FROM case_reading r"
        " WHERE r.reader = %(self)s AND EXISTS (SELECT 1 FROM case_reading o"
        "   WHERE o.case_id = r.case_id AND o.reader = %(of)s)"
        " UNION (SELECT v.case_id FROM case_view v WHERE v.turns <= %(now)s"
        "   AND v.reader IN (%(of)s, %(self)s) ORDER BY v.turns LIMIT %(most)s)",
        readers(session) | {"now": now, "most": MOST},
    )
    return [row[0] for row in rows]
