# SPDX-License-Identifier: EUPL-1.2
"""`/events/*`: adding and viewing."""

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, SaveFailed
from brug.api.misp.showing import shown
from brug.formats.misp.reading import read_event
from brug.intel import loading
from brug.intel.adding import EmptyPublished, EventExists, add
from brug.model.attribute_types import Refused
from brug.model.errors import NotFound
from brug.model.event import Event

NO_DATA = "No valid event data received."
EXISTS = "Event already exists, if you would like to edit it, use the url in the location header."


def event_or_404(call: Call, key: str, *, deleted: bool = False) -> Event:
    try:
        return loading.event(call.session, key, deleted=deleted)
    except NotFound as error:
        raise MispError(404, "Invalid event") from error


@endpoint(
    "events", "view",
    methods=("GET", "POST", "HEAD"),
    shows=("event", "attribute", "object", "tag", "report"),
    probes=(("GET", "/events/view/{event}", None),),
    summary="One event with what hangs on it",
)  # fmt: skip
def view(call: Call) -> Answer:
    event = event_or_404(call, call.arg(0), deleted=call.named.get("deleted") in {"1", "true"})
    return Answer({"Event": shown(call.session, event)})


@endpoint(
    "events", "add",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("event", "attribute", "object", "tag", "report"),
    summary="Adds an event with attributes, objects, tags and reports",
    body={"info": "text", "distribution": "0-4", "Attribute": [{"type": "ip-dst", "value": "text"}]},
)  # fmt: skip
def add_event(call: Call) -> Answer:
    raw = call.data("Event")
    if not raw:
        raise MispError(405, NO_DATA)
    try:
        new = read_event(raw)
        added = add(call.session, new)
    except Refused as error:
        raise SaveFailed("add", "Event", {"Event": error.errors}, "/events/add") from error
    except EmptyPublished as error:
        raise SaveFailed("add", "Event", {"Event": error.public}, "/events/add") from error
    except EventExists as error:
        location = f"{call.base_url}/events/{error.event_id}"
        raise MispError(404, EXISTS, {"Location": location}) from error
    answer = {"Event": shown(call.session, loading.event(call.session, added.event_id))}
    if added.refused:
        return Answer(answer | {"errors": {r.place: r.errors for r in added.refused}})
    return Answer(answer)
