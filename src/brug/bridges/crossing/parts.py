# SPDX-License-Identifier: EUPL-1.2
"""What people said of single parts of events that are held on a bridge, as it is stored."""

from collections.abc import Collection

from brug.bridges import gate
from brug.store.session import Session

REFUSED = "refused"


def words_of(
    session: Session, bridge_id: int, event_uuids: Collection[str]
) -> dict[str, dict[str, gate.Word]]:
    """Of some events, by the keys of their parts. As the system."""
    found: dict[str, dict[str, gate.Word]] = {}
    for uuid, key, version, what, people in session.all(
        "SELECT event_uuid::text, key, version, what, people FROM part_judged"
        " WHERE bridge_id = %s AND event_uuid = ANY (%s::uuid[])",
        (bridge_id, list(event_uuids)),
    ):
        kept = what == REFUSED
        word = gate.Word(bytes(version), () if kept else tuple(people), kept)
        found.setdefault(uuid, {})[key] = word
    return found
