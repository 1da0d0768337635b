# SPDX-License-Identifier: EUPL-1.2
"""`/objectReferences/*`: relations from an object to an object or attribute of its event."""

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.item import item_json
from brug.api.misp.outcomes import is_on, reaching, saving
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.several import texts
from brug.formats.misp import coercion
from brug.intel import attributes, deleting, objects
from brug.intel.extending import add_reference
from brug.intel.finding import attributes_named, claim_named, claim_parent, find
from brug.model.errors import NotFound
from brug.model.new_event import NewReference

NO_OBJECT = (404, "No object defined.")
INVALID_OBJECT = (404, "Invalid object.")
INVALID_TARGET = (404, "Invalid target.")
INVALID = (404, "Invalid object reference.")
INVALID_EVENT = (404, "Invalid event.")
MOST = 1000


@endpoint(
    "object_references", "add",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("object",),
    summary="Adds a reference from an object of an event to another of its objects or attributes",
    body={"object_uuid": "UUID", "referenced_uuid": "UUID", "relationship_type": "related-to"},
)  # fmt: skip
def add(call: Call) -> Answer:
    body = call.data("ObjectReference")
    source = call.arg(0) or str(body.get("object_uuid") or "")
    if not source:
        raise MispError(*NO_OBJECT)
    with reaching(INVALID_OBJECT, INVALID_OBJECT):
        object_id = find(call.session, "object", source)
        held = claim_parent(call.session, "object", object_id)
    with saving("add", "ObjectReference", "/object_references/add"):
        target = coercion.uuid("referenced_uuid", body.get("referenced_uuid"))
        new = NewReference(
            uuid=coercion.uuid("uuid", body.get("uuid")),
            referenced_uuid=target or "",
            relationship_type=coercion.text("relationship_type", body.get("relationship_type")),
            comment=coercion.text("comment", body.get("comment")),
        )
        if target is None:
            raise MispError(*INVALID_TARGET)
        try:
            reference_id = add_reference(call.session, held, object_id, new)
        except NotFound as error:
            raise MispError(*INVALID_TARGET) from error
    one = objects.references_by_ids(call.session, [reference_id])[reference_id]
    shown = item_json.reference(one) | {"object_uuid": one.source_uuid}
    return Answer({"ObjectReference": shown})


@endpoint(
    "object_references", "bulkAdd",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("object",),
    summary="Adds a reference from one object of an event to each of some of its attributes",
    body={"source_uuid": "UUID", "selectedAttributeIds": ["number or UUID"],
          "relationship_type": "related-to", "comment": "text"},
)  # fmt: skip
def bulk_add(call: Call) -> Answer:
    body = call.data("ObjectReference")
    with reaching(INVALID_EVENT):
        held = claim_named(call.session, call.arg(0))
    named = body.get("selectedAttributeIds") or call.arg(1)
    keys = texts("selectedAttributeIds", named, MOST)
    ids = attributes_named(call.session, held.event_id, keys)
    chosen = [one for one in attributes.by_ids(call.session, ids) if not one.deleted]
    if not chosen:
        raise MispError(400, "No attribute selected.")
    source = coercion.uuid("source_uuid", body.get("source_uuid")) or ""
    found = objects.by_uuids(call.session, held.event_id, [source] if source else [])
    if source not in found or found[source].deleted:
        raise MispError(*INVALID_OBJECT)
    kind = coercion.text("relationship_type", body.get("relationship_type_select"))
    if kind in {"", "custom"}:
        kind = coercion.text("relationship_type", body.get("relationship_type"))
    comment = coercion.text("comment", body.get("comment"))
    made = [
        add_reference(
            call.session, held, found[source].id, NewReference(None, a.uuid, kind, comment)
        )
        for a in chosen
    ]
    shown = objects.references_by_ids(call.session, made)
    url = f"/object_references/bulkAdd/{held.event_id}"
    answer = saved(f"Added {len(made)} Object references.", url, str(found[source].id))
    references = [item_json.reference(shown[one]) | {"object_uuid": source} for one in made]
    return Answer(answer | {"ObjectReference": references})


@endpoint(
    "object_references", "view",
    methods=("GET",),
    shows=("object",),
    probes=(("GET", "/objectReferences/view/{reference}", None),),
    summary="One reference",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(INVALID):
        reference_id = find(call.session, "object_reference", call.arg(0))
    one = objects.references_by_ids(call.session, [reference_id])[reference_id]
    if not objects.sees_target(call.session, one):
        raise MispError(*INVALID)
    return Answer({"ObjectReference": item_json.reference(one)})


@endpoint(
    "object_references", "delete",
    methods=DELETABLE,
    right="modify",
    changes=True,
    summary="Marks a reference as deleted; with /1 removes it",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(INVALID, (403, "Invalid object reference.")):
        reference_id = deleting.delete_reference(call.session, call.arg(0), hard=is_on(call.arg(1)))
    url = f"/object_references/delete/{reference_id}"
    return Answer(saved("ObjectReference deleted", url, str(reference_id)))
