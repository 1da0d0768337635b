# SPDX-License-Identifier: EUPL-1.2
"""`/sightings/*`: reporting, listing, deleting. Which are seen is the node's policy."""

from datetime import UTC, datetime
from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.item import item_json
from brug.api.misp.item.attributes import is_key
from brug.api.misp.outcomes import reaching
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import saved
from brug.api.misp.several import texts
from brug.formats.misp import coercion
from brug.intel import deleting
from brug.intel.finding import find
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Sighting, Wanted
from brug.model.errors import Invalid, NotFound
from brug.model.new_event import NewSighting

REASON = "Could not add the Sighting. Reason: "
NO_MATCH = REASON + "No valid attributes found that match the criteria."
NOTHING = REASON + "No valid attributes found."
BAD_TYPE = REASON + "Invalid type, please change it before you POST 1000000 sightings."
INVALID = (404, "Invalid sighting.")
MAX_VALUES = 1000


def _texts(name: str, value: Any) -> list[str]:
    return texts(name, value if isinstance(value, list) else [value], MAX_VALUES)


def _wanted(call: Call, body: dict[str, Any]) -> Wanted:
    key = call.arg(0) or body.get("uuid") or body.get("id") or body.get("attribute_id")
    if key:
        return Wanted(attribute=str(key))
    filters = body.get("filters") if isinstance(body.get("filters"), dict) else {}
    values = body.get("values") if body.get("values") is not None else body.get("value")
    return Wanted(
        values=_texts("values", values),
        types=_texts("type", (filters or {}).get("type")),
        categories=_texts("category", (filters or {}).get("category")),
    )


def _when(body: dict[str, Any]) -> int:
    if body.get("date"):
        moment = f"{coercion.text('date', body['date'])} {coercion.text('time', body.get('time'))}"
        try:
            parsed = datetime.fromisoformat(moment.strip())
        except ValueError as error:
            raise Invalid("date", "YYYY-MM-DD, and a time as HH:MM:SS", moment) from error
        return max(0, int(parsed.replace(tzinfo=UTC).timestamp()))
    said = body.get("timestamp") or body.get("date_sighting")
    return coercion.seconds("timestamp", said) or 0


@endpoint(
    "sightings", "add",
    methods=WRITE,
    right="sighting",
    changes=True,
    shows=("sighting",),
    summary="Reports a sighting of an attribute, or of all that carry some values",
    body={"values": ["text"], "id": "number or UUID", "type": 0, "source": "text"},
)  # fmt: skip
def add(call: Call) -> Answer:
    body = call.data("Sighting")
    wanted = _wanted(call, body)
    if wanted.attribute is None and not wanted.values:
        return Answer({"message": NOTHING})
    try:
        kind = coercion.integer("type", body.get("type"), 0, 2) or 0
    except Invalid:
        return Answer({"message": BAD_TYPE})
    source = coercion.text("source", body.get("source"))
    try:
        made = sightings.report(call.session, wanted, NewSighting(None, _when(body), source, kind))
    except NotFound:
        made = []
    if not made:
        return Answer({"message": NO_MATCH})
    (last,) = sightings.by_ids(call.session, made[-1:])
    return Answer({"Sighting": item_json.sighting(last)})


@endpoint(
    "sightings", "index",
    shows=("sighting",),
    probes=(("GET", "/sightings/index", None), ("GET", "/sightings/index/{event}", None)),
    summary="Sightings of an event, or all that one sees",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.data("Sighting"), **call.named}
    if call.args:
        try:
            event_id = find(call.session, "event", call.arg(0))
        except NotFound:
            return Answer([])
        found = sightings.of_event(call.session, event_id)
    else:
        found = sightings.every(call.session)
    found = _of_organisation(found, asked.get("org_id"))
    return Answer([item_json.whole_sighting(one) for one in page_of(asked, found)])


def _of_organisation(found: list[Sighting], named: Any) -> list[Sighting]:
    if not isinstance(named, str | int) or not named:
        return found
    text = str(named).lower()
    return [one for one in found if text in {str(one.org_id), one.org_uuid}]


@endpoint(
    "sightings", "listSightings", "advanced", "viewSightings",
    shows=("sighting",),
    probes=(
        ("GET", "/sightings/listSightings/{attribute}/attribute", None),
        ("POST", "/sightings/listSightings", {"id": "{event}", "context": "event"}),
    ),
    summary="Sightings of an attribute or event, newest first",
    body={"id": "number or UUID", "context": "attribute or event", "org_id": "number"},
)  # fmt: skip
def list_sightings(call: Call) -> Answer:
    body = call.data("Sighting")
    key = call.arg(0) or str(body.get("id") or "")
    context = call.arg(1) or body.get("context") or "attribute"
    with reaching((405, "Invalid object.")):
        if not is_key(key):
            raise NotFound(f"no item {key[:60]!r}")
        if context == "event":
            found = sightings.of_event(call.session, find(call.session, "event", key))
        else:
            attribute_id = find(call.session, "attribute", key)
            found = sightings.of_attributes(call.session, [attribute_id])
    found = _of_organisation(found, call.arg(2) or body.get("org_id"))
    return Answer(
        [
            {"Sighting": item_json.sighting(one), "Organisation": {"name": one.org_name}}
            for one in reversed(found)
        ]
    )


@endpoint(
    "sightings", "view",
    shows=("sighting",),
    summary="One sighting",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(INVALID):
        found = sightings.by_key(call.session, call.arg(0))
    return Answer({"Sighting": item_json.whole_sighting(found)})


@endpoint(
    "sightings", "quickAdd",
    methods=WRITE,
    right="sighting",
    changes=True,
    summary="Reports a sighting of an attribute with nothing but its type",
)  # fmt: skip
def quick_add(call: Call) -> Answer:
    try:
        kind = coercion.integer("type", call.arg(1), 0, 2) or 0
    except Invalid:
        return Answer({"saved": False, "errors": "Invalid type."})
    with reaching((404, "Invalid attribute.")):
        wanted = Wanted(attribute=call.arg(0))
        if not sightings.report(call.session, wanted, NewSighting(None, 0, "", kind)):
            raise NotFound("a deleted attribute")
    return Answer({"saved": True, "success": "Sighting added."})


@endpoint(
    "sightings", "delete", "quickDelete",
    methods=WRITE,
    right="sighting",
    changes=True,
    summary="Removes a sighting of one's own organisation",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(INVALID, INVALID):
        sighting_id = deleting.delete_sighting(call.session, call.arg(0))
    url = f"/sightings/delete/{sighting_id}"
    return Answer(saved("Sighting successfully deleted.", url, str(sighting_id)))
