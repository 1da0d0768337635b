# SPDX-License-Identifier: EUPL-1.2
"""`/collections/*` and `/collectionElements/*`: events and clusters that belong together."""

from typing import Any

from brug.api.misp.directory.directory_json import moment
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching, saving
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import saved
from brug.api.misp.several import texts
from brug.formats.misp import coercion
from brug.intel.analysis import collection_changes, collection_elements, collections
from brug.intel.analysis.collection_elements import Element
from brug.intel.analysis.collections import Collection, Whose

Json = dict[str, Any]
NOT_YOURS = (405, "Invalid Collection or insuficient privileges")
INVALID = (404, "Invalid Collection.")
_WHOSE: dict[str, Whose] = {"my_collections": "mine", "org_collections": "organisation"}


def _shown(found: Collection) -> Json:
    group = found.sharing_group_id
    return {
        "id": str(found.id),
        "uuid": found.uuid,
        "org_id": str(found.org_id),
        "orgc_id": str(found.orgc_id),
        "user_id": str(found.user_id),
        "created": moment(found.created),
        "modified": moment(found.modified),
        "distribution": str(found.distribution),
        "sharing_group_id": None if group is None else str(group),
        "name": found.name,
        "type": found.type,
        "description": found.description,
    }


def _creator(found: Collection) -> Json:
    return {"id": str(found.orgc_id), "uuid": found.orgc_uuid, "name": found.orgc_name}


def _element(one: Element) -> Json:
    return {
        "id": str(one.id),
        "uuid": one.uuid,
        "element_uuid": one.element_uuid,
        "element_type": one.element_type,
        "collection_id": str(one.collection_id),
        "description": one.description,
    }


@endpoint(
    "collections", "index",
    shows=("own",),
    probes=(("GET", "/collections/index", None),),
    summary="Collections that one sees; /my_collections or /org_collections for fewer",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.data(), **call.named}
    found = collections.listed(call.session, _WHOSE.get(call.arg(0), "all"))
    return Answer(
        [
            {
                "Collection": _shown(one) | {"element_count": one.element_count},
                "Orgc": _creator(one),
            }
            for one in page_of(asked, found)
        ]
    )


@endpoint(
    "collections", "view",
    shows=("event",),
    probes=(("GET", "/collections/view/{collection}", None),),
    summary="One collection with what of it one sees",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(INVALID):
        found = collections.find(call.session, call.arg(0))
    shown = _shown(found) | {
        "Orgc": _creator(found),
        "Org": {"id": str(found.org_id), "uuid": found.org_uuid, "name": found.org_name},
    }
    if found.email:
        shown["User"] = {"id": str(found.user_id), "email": found.email}
    held = collection_elements.elements(call.session, [found.id])
    shown["CollectionElement"] = [_element(one) for one in held]
    return Answer({"Collection": shown})


@endpoint(
    "collections", "add",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Makes a collection",
    body={
        "uuid": "UUID", "name": "text", "type": "campaign", "description": "text",
        "distribution": "0-4",
    },
)  # fmt: skip
def add(call: Call) -> Answer:
    with saving("add", "Collection", "/collections/add"):
        made = collection_changes.add(call.session, call.data("Collection"))
    return Answer({"Collection": _shown(made)})


@endpoint(
    "collections", "edit",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Changes what is sent of a collection",
    body={"name": "text", "description": "text", "distribution": "0-4"},
)  # fmt: skip
def edit(call: Call) -> Answer:
    url = f"/collections/edit/{call.arg(0)}"
    with reaching(NOT_YOURS, NOT_YOURS), saving("edit", "Collection", url, call.arg(0)):
        changed = collection_changes.edit(call.session, call.arg(0), call.data("Collection"))
    return Answer({"Collection": _shown(changed)})


@endpoint(
    "collections", "delete",
    methods=DELETABLE,
    right="modify",
    changes=True,
    summary="Removes a collection; what it held stays where it is",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(NOT_YOURS, NOT_YOURS):
        found = collection_changes.delete(call.session, call.arg(0))
    return Answer(saved("Collection deleted.", f"/collections/delete/{found.id}", found.id))


@endpoint(
    "collection_elements", "index",
    shows=("event",),
    probes=(("GET", "/collectionElements/index/{collection}", None),),
    summary="What of a collection one sees",
)  # fmt: skip
def elements(call: Call) -> Answer:
    with reaching(INVALID):
        found = collections.find(call.session, call.arg(0))
    held = collection_elements.elements(call.session, [found.id])
    return Answer([{"CollectionElement": _element(one)} for one in held])


@endpoint(
    "collection_elements", "add",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Puts an event or cluster into a collection",
    body={"element_uuid": "UUID", "element_type": "Event", "description": "text"},
)  # fmt: skip
def add_element(call: Call) -> Answer:
    raw = call.data("CollectionElement")
    key = call.arg(0) or str(raw.get("collection_id", ""))
    with (
        reaching(NOT_YOURS, NOT_YOURS),
        saving("add", "CollectionElement", "/collectionElements/add"),
    ):
        made = collection_elements.add_element(
            call.session,
            key,
            coercion.text("element_type", raw.get("element_type")),
            coercion.text("element_uuid", raw.get("element_uuid")).strip(),
            coercion.text("description", raw.get("description")),
        )
    return Answer({"CollectionElement": _element(made)})


@endpoint(
    "collection_elements", "addElementToCollection",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Puts the event or cluster that the path names into one or more collections",
    body={"collection_id": ["number"]},
)  # fmt: skip
def add_to(call: Call) -> Answer:
    keys = texts("collection_id", call.data("CollectionElement").get("collection_id"), 100)
    url = f"/collectionElements/addElementToCollection/{call.arg(0)}/{call.arg(1)}"
    not_found = (404, "Invalid collection or not authorized.")
    with reaching(not_found, not_found), saving("add", "CollectionElement", url):
        for key in keys:
            collection_elements.add_element(call.session, key, call.arg(0), call.arg(1))
    return Answer(saved("Element added to the Collection.", url))


@endpoint(
    "collection_elements", "delete",
    methods=DELETABLE,
    right="modify",
    changes=True,
    summary="Takes an element out of its collection",
)  # fmt: skip
def delete_element(call: Call) -> Answer:
    with reaching(NOT_YOURS, NOT_YOURS):
        gone = collection_elements.remove_element(call.session, call.arg(0))
    url = f"/collectionElements/delete/{gone.id}"
    return Answer(saved("CollectionElement deleted.", url, gone.id))
