# SPDX-License-Identifier: EUPL-1.2
"""`/events/filterEventIdsForPush`: which of a partner's events are wanted here."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.formats.misp import coercion
from brug.intel.finding import known_here
from brug.model.errors import Invalid


@endpoint(
    "events", "filterEventIdsForPush", methods=WRITE, right="sync", shows=("event",),
    summary="Of the events that a partner names, those that are unknown or older here",
    body=None,
)  # fmt: skip
def wanted(call: Call) -> Answer:
    offered = _offered(call.body)
    known = known_here(call.session, [uuid for uuid, _ in offered])
    return Answer(
        [
            uuid
            for uuid, timestamp in offered
            if uuid not in known or (known[uuid][1] and known[uuid][0] < timestamp)
        ]
    )


def _offered(body: Any) -> list[tuple[str, int]]:
    """UUIDs with the times of their events; what cannot be read is not wanted."""
    found = []
    for item in body if isinstance(body, list) else []:
        named = item.get("Event", item) if isinstance(item, dict) else {}
        try:
            uuid = coercion.uuid("uuid", named.get("uuid")) if isinstance(named, dict) else None
            timestamp = coercion.seconds("timestamp", named["timestamp"]) if uuid else None
        except (Invalid, KeyError):
            continue
        if uuid and timestamp is not None:
            found.append((uuid, timestamp))
    return found
