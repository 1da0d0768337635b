# SPDX-License-Identifier: EUPL-1.2
"""What is seen to in cases as long as a node is served: one thread, for none of it takes long."""

from pathlib import Path

from brug.cases import breaking, sweeping, tables_changed, warning
from brug.cases.embargoes import watching
from brug.cases.views import catching_up
from brug.store.repeating import InTurn, Repeating
from brug.store.session import Database


class CaseWorker(Repeating):
    """One per node that is served; several share the cases by locks."""

    def __init__(self, dsn: str, keys: Path | None) -> None:
        rounds = InTurn(
            *tables_changed.rounds(),
            warning.warn,
            catching_up.catch_up,
            breaking.close_due,
            watching.watch,
            sweeping.sweep,
        )
        super().__init__("cases", Database(dsn, 1, "brug cases", keys), rounds)
