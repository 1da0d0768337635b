# SPDX-License-Identifier: EUPL-1.2
"""What partners do with sightings: which are known, take these; and that ours may go."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import NO_RIGHT, MispError
from brug.intel.sighting import sighting_exchange
from brug.model.errors import Invalid
from brug.model.naming import is_uuid

MOST = 100_000
INVALID_EVENT = (404, "Invalid event.")


@endpoint(
    "sightings", "filterSightingUuidsForPush",
    methods=("POST",),
    right="sync",
    shows=("sighting",),
    probes=(("POST", "/sightings/filterSightingUuidsForPush/{event}", []),),
    summary="Which of some sightings of an event are known here",
    body={"0": "UUID"},
)  # fmt: skip
def known(call: Call) -> Answer:
    texts = [one for one in _list(call) if isinstance(one, str)]
    uuids = [one.strip().lower() for one in texts if is_uuid(one.strip())]
    with reaching(INVALID_EVENT):
        return Answer(sighting_exchange.known(call.session, call.arg(0), uuids))


@endpoint(
    "sightings", "bulkSaveSightings",
    methods=WRITE,
    changes=True,
    summary="Takes the sightings of an event that a partner brings",
    body={"0": {"uuid": "UUID", "attribute_uuid": "UUID", "date_sighting": "number", "type": 0}},
)  # fmt: skip
def take(call: Call) -> Answer:
    if not (call.principal.may("sync") or call.principal.may("sighting")):
        raise MispError(403, NO_RIGHT)
    given = [one for one in _list(call) if isinstance(one, dict)]
    brought = [read for one in given if (read := sighting_exchange.read(one)) is not None]
    with reaching(INVALID_EVENT):
        count = sighting_exchange.take(call.session, call.arg(0), brought)
    if not count:
        return Answer({"saved": False, "success": "No sightings added."})
    return Answer({"saved": True, "success": f"{count} sightings added."})


def _list(call: Call) -> list[Any]:
    found = call.body if isinstance(call.body, list) else list(call.data("Sighting").values())
    if len(found) > MOST:
        raise Invalid("body", f"at most {MOST} sightings")
    return found


@endpoint(
    "events", "publishSightings",
    methods=WRITE,
    right="sighting",
    changes=True,
    summary="Lets the sightings of an event go to partners",
)  # fmt: skip
def publish(call: Call) -> Answer:
    with reaching(INVALID_EVENT):
        event_id = sighting_exchange.publish(call.session, call.arg(0))
    url = f"{call.base_url}/events/publishSightings/{event_id}"
    return Answer(
        {"name": "Publish Sightings", "message": "Sightings published", "url": url,
         "id": str(event_id)}
    )  # fmt: skip
