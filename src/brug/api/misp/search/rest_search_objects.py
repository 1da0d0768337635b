# SPDX-License-Identifier: EUPL-1.2
"""`/objects/restSearch`: objects by filters, with their attributes and what names the event.

Unlike a stock MISP it answers by the same rule as the view of the event.
"""

from collections.abc import Sequence
from typing import Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.item import item_json
from brug.api.misp.search import search_request
from brug.api.misp.search.search_request import Asked
from brug.intel import loading
from brug.intel.search import inside, objects
from brug.model.event import Attribute, MispObject
from brug.store.session import Session

FORMATS = {"json"}


@endpoint(
    "objects",
    "restSearch",
    shows=("event", "object", "attribute", "tag"),
    probes=(("POST", "/objects/restSearch", {"returnFormat": "json"}),),
    summary="Objects by filters",
    body={"returnFormat": "json", "object_name": "text", "limit": "number"},
)
def rest_search(call: Call) -> Answer:
    asked = search_request.read(call, "objects", FORMATS)
    found, _ = objects.find(call.session, asked.filters)
    return Answer(
        {"response": _shown(call.session, asked, found)},
        headers=search_request.headers(asked, len(found), "json"),
    )


def _shown(session: Session, asked: Asked, found: Sequence[MispObject]) -> list[dict[str, Any]]:
    heads = loading.heads(session, sorted({one.event_id for one in found}))
    metadata = asked.wants("metadata")
    if not metadata:
        inside.fill(session, found, asked.filters)
    return [
        {
            "Object": item_json.misp_object(one)
            | ({} if metadata else {"Attribute": [_attribute(a) for a in one.attributes]})
            | {"Event": item_json.event_line(heads[one.event_id])}
        }
        for one in found
        if one.event_id in heads
    ]


def _attribute(a: Attribute) -> dict[str, Any]:
    return item_json.attribute(a, parts=True) | {"AttributeTag": item_json.attribute_tags(a)}
