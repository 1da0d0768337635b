# SPDX-License-Identifier: EUPL-1.2
"""What partners do with sightings: which are known, take these; and that ours may go."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import NO_RIGHT, MispError
from brug.formats.misp import coercion
from brug.intel.sighting import sighting_exchange
from brug.intel.sighting.sighting_exchange import Brought
from brug.model.errors import Invalid
from brug.model.event import OrganisationRef

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
    uuids = [uuid for one in texts if (uuid := _uuid(one))]
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
    brought = [read for one in given if (read := _brought(one)) is not None]
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


def _uuid(value: Any) -> str:
    try:
        return coercion.uuid("uuid", value) or ""
    except Invalid:
        return ""


def _brought(one: dict[str, Any]) -> Brought | None:
    """None for what is no sighting: the others are taken nevertheless, as MISP does."""
    one = one["Sighting"] if isinstance(one.get("Sighting"), dict) else one
    uuid, attribute = _uuid(one.get("uuid")), _uuid(one.get("attribute_uuid"))
    if not uuid or not attribute:
        return None
    try:
        return Brought(
            uuid, attribute,
            coercion.seconds("date_sighting", one.get("date_sighting")) or 0,
            coercion.text("source", one.get("source")),
            coercion.integer("type", one.get("type"), 0, 2) or 0,
            _organisation(one.get("Organisation")),
        )  # fmt: skip
    except Invalid:
        return None


def _organisation(given: Any) -> OrganisationRef | None:
    if not isinstance(given, dict) or not (uuid := _uuid(given.get("uuid"))):
        return None
    name = coercion.text("name", given.get("name")) or uuid
    return OrganisationRef(0, name[:255], uuid, local=False)


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
