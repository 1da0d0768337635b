# SPDX-License-Identifier: EUPL-1.2
"""Two at the same moment: the second is let go on once the first holds what it waits for."""

from tests.waiting_for import until

from brug.store.session import Database

PATIENCE_SECONDS = 10.0


def until_somebody_waits(database: Database) -> None:
    """Until some transaction of this server waits for another."""

    def waits() -> object:
        with database.system() as session:
            return session.value("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")

    until(waits, PATIENCE_SECONDS)
