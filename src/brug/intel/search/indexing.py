# SPDX-License-Identifier: EUPL-1.2
"""Moves what has been written into the dictionary of the substring search.

Until it has, a search scans those rows as well: this job makes searching quick again, and
nothing is lost while it does not run.
"""

from brug.store.session import Database

BATCHES = 500


def index_pending(database: Database) -> int:
    """Takes all that is pending, some batches a transaction; how many batches there were."""
    total = 0
    while True:
        with database.system() as session:
            taken = int(session.value("SELECT index_values(%s)", (BATCHES,)))
        if not taken:
            return total
        total += taken
