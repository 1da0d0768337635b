# SPDX-License-Identifier: EUPL-1.2
"""`/eventGraph/*`: arrangements of an event's graph that people save."""

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError, saved
from brug.formats.misp import coercion
from brug.intel import event_graphs
from brug.intel.finding import find

INVALID_EVENT = (404, "Invalid event")
INVALID = (404, "Invalid EventGraph")


@endpoint(
    "eventGraph", "view",
    shows=("own",),
    probes=(("GET", "/eventGraph/view/{event}", None),),
    summary="The saved arrangements of an event's graph",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(INVALID_EVENT):
        event_id = find(call.session, "event", call.arg(0))
    return Answer(
        [
            {
                "EventGraph": {
                    "id": str(one.id),
                    "event_id": str(one.event_id),
                    "user_id": str(one.user_id),
                    "org_id": str(one.org_id),
                    "timestamp": str(one.timestamp),
                    "network_name": one.name,
                    "network_json": one.network,
                    "preview_img": one.preview,
                },
                "User": {"email": one.email},
            }
            for one in event_graphs.of_event(call.session, event_id)
        ]
    )


@endpoint(
    "eventGraph", "add",
    methods=WRITE, right="add", changes=True, summary="Saves an arrangement of an event's graph",
    body={"EventGraph": {"network_name": "text", "network_json": "text"}},
)  # fmt: skip
def add(call: Call) -> Answer:
    sent = call.body.get("EventGraph") if isinstance(call.body, dict) else None
    if not isinstance(sent, dict) or not sent.get("network_json"):
        raise MispError(405, "No network data set")
    with reaching(INVALID_EVENT):
        graph_id = event_graphs.save(
            call.session,
            call.arg(0),
            coercion.text("network_name", sent.get("network_name")),
            coercion.text("network_json", sent["network_json"]),
            coercion.text("preview_img", sent.get("preview_img")) or None,
        )
    return Answer(saved("EventGraph saved.", f"/eventGraph/add/{call.arg(0)}", str(graph_id)))


@endpoint(
    "eventGraph", "delete",
    methods=DELETABLE, right="modify", changes=True, summary="Removes a saved arrangement",
)  # fmt: skip
def delete(call: Call) -> Answer:
    graph_id = coercion.integer("id", call.arg(0)) or 0
    with reaching(INVALID):
        event_graphs.delete(call.session, graph_id)
    return Answer(saved("EventGraph deleted.", f"/eventGraph/delete/{graph_id}", str(graph_id)))
