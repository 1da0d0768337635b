# SPDX-License-Identifier: EUPL-1.2
"""Which values most attributes hold, counted when a site admin asks for it."""

import msgspec

from brug.intel.correlating.correlation_exclusions import excluded, require_site_admin
from brug.model.value_key import fold
from brug.store.session import Session


class Frequent(msgspec.Struct, frozen=True):
    """A value with how often it is held, as last counted."""

    id: int
    value: str
    occurrences: int
    excluded: bool


LISTED = 200


def count_frequent(session: Session) -> int:
    """Counts which values most attributes hold; how many are listed. Raises Forbidden."""
    require_site_admin(session)
    session.execute("DELETE FROM frequent_value")
    session.execute(
        "INSERT INTO frequent_value (key, value, occurrences)"
        " SELECT t.key1, (SELECT a.value1 FROM attribute a WHERE a.key1 = t.key1 LIMIT 1), t.n"
        " FROM (SELECT key1, count(*) AS n FROM attribute WHERE parts & 1 <> 0 AND NOT deleted"
        "   GROUP BY key1 HAVING count(*) > 1 ORDER BY n DESC LIMIT %s) AS t",
        (LISTED,),
    )
    return int(session.value("SELECT count(*) FROM frequent_value"))


def frequent(session: Session, at_least: int = 2) -> list[Frequent]:
    """The most frequent values, as last counted; none for anyone but site admins."""
    rows = session.all(
        "SELECT row_number() OVER (ORDER BY occurrences DESC, value), value, occurrences, key"
        " FROM frequent_value WHERE occurrences >= %s ORDER BY 1",
        (at_least,),
    )
    out = excluded(session, {row[3]: fold(row[1]) for row in rows}) if rows else set()
    return [Frequent(place, value, n, k in out) for place, value, n, k in rows]
