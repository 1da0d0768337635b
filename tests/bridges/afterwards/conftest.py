# SPDX-License-Identifier: EUPL-1.2
"""Two served nodes with an agreement, and time that passes."""

from tests.bridges.crossing.conftest import agreed
from tests.bridges.served import Served

from brug.intel.finding import find

__all__ = ["agreed"]


def let_pass(node: Served, uuid: str, days: int) -> None:
    """All that came of an event came so many days earlier."""
    with node.database.system() as session:
        session.execute(
            "UPDATE crossing SET received = received - interval '1 day' * %s WHERE event_uuid = %s",
            (days, uuid),
        )


def entries(node: Served, kind: str) -> list[dict[str, object]]:
    """What the ledger says of a kind, the newest first."""
    with node.database.system() as session:
        return [
            row[0]
            for row in session.all(
                "SELECT payload FROM ledger_entry WHERE kind = %s ORDER BY number DESC", (kind,)
            )
        ]


def attribute_of(node: Served, uuid: str, value: str) -> str:
    with node.database.system() as session:
        event = find(session, "event", uuid)
        return str(
            session.value(
                "SELECT uuid::text FROM attribute WHERE event_id = %s AND value1 = %s",
                (event, value),
            )
        )
