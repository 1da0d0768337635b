# SPDX-License-Identifier: EUPL-1.2
"""Whether the table of deadlines, or the authority's calendar, is another than it was.

When somebody has to be warned next is stored with each case. A correction of the table moves it,
also in cases in which nothing happens: those are then looked at again, once.
"""

from hashlib import sha256

import msgspec

from brug.cases import due
from brug.cases.kinds import KINDS
from brug.store import settings
from brug.store.session import Session

_encoder = msgspec.json.Encoder(order="deterministic")


def look_again(session: Session) -> bool:
    """By the system: has all cases with clocks looked at where the rules are others.

    Whether they are. Raises UnusableTable, and then nothing is noted.
    """
    digest = _digest(session)
    # Without a lock, which would be a write each time: two that find it changed do the same.
    known = session.value("SELECT digest FROM case_clock_table")
    if known is not None and bytes(known) == digest:
        return False
    session.execute(
        "INSERT INTO case_clock_table (digest) VALUES (%s)"
        " ON CONFLICT (only_one) DO UPDATE SET digest = excluded.digest",
        (digest,),
    )
    with_clocks = [kind.key for kind in KINDS.values() if kind.clocks]
    session.execute(
        "UPDATE case_file SET next_warning = now() WHERE kind = ANY (%s)"
        " AND (NOT is_over OR due IS NOT NULL)",
        (with_clocks,),
    )
    return True


def _digest(session: Session) -> bytes:
    table = due.rules_here(session).table
    said = [table.rows, table.warn, str(settings.get(session, "cases.authority_country"))]
    return sha256(_encoder.encode(said)).digest()
