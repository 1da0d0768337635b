# SPDX-License-Identifier: EUPL-1.2
"""`/objects/*`: adding by template, viewing, editing, deleting.

Who sees an object here is who sees it in its event; a stock MISP answers differently.
"""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.event.showing import embedded_groups
from brug.api.misp.item import item_json
from brug.api.misp.item.attributes import is_key, with_tags
from brug.api.misp.outcomes import is_on, reaching, saving
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.formats.misp.reading import read_object
from brug.intel import attributes, deleting, loading, objects
from brug.intel.editing import edit_object, invalid_inside
from brug.intel.extending import ObjectRefused, add_object, template_of
from brug.intel.finding import claim_named, find
from brug.model.attribute_types import Refused
from brug.model.new_event import NewObject, Refusal

INVALID_EVENT = (404, "Invalid event.")
INVALID = (404, "Invalid object.")
UNREADABLE = (404, "Invalid object ID.")


def _attributes(call: Call, object_id: int, *, tagged: bool) -> list[dict[str, Any]]:
    ids = [a.id for a in attributes.of_object(call.session, object_id) if not a.deleted]
    rows = []
    for found in with_tags(call, ids):
        row = item_json.attribute(found, parts=True)
        if tagged:
            row["AttributeTag"] = item_json.attribute_tags(found)
        rows.append(row)
    return rows


def _shown(call: Call, object_id: int, *, tagged: bool = True) -> dict[str, Any]:
    one = objects.by_ids(call.session, [object_id])[object_id]
    shown = item_json.misp_object(one)
    groups = embedded_groups(call.session, [one.sharing_group_id])
    if groups:
        shown["SharingGroup"] = next(iter(groups.values()))
    return shown | {"Attribute": _attributes(call, object_id, tagged=tagged)}


def _event_line(call: Call, object_id: int) -> dict[str, Any]:
    event_id = objects.by_ids(call.session, [object_id])[object_id].event_id
    return item_json.event_line(loading.heads(call.session, [event_id])[event_id])


def _defaulted(sent: Any) -> Any:
    """Here, and not in an event, MISP's default of `to_ids` is its column's, whatever the type."""
    if not isinstance(sent, list):
        return sent
    return [
        {"to_ids": True} | one if isinstance(one, dict) and not one.get("uuid") else one
        for one in sent
    ]


def read_whole(raw: Any) -> NewObject:
    """The object with all its attributes. Raises Refused, ObjectRefused."""
    if not raw.get("Attribute"):
        raise ObjectRefused("Could not save the object as no attributes were set.", unread=True)
    sent = raw["Attribute"]
    items = list(sent.values()) if isinstance(sent, dict) and "type" not in sent else sent
    refused: list[Refusal] = []
    unnamed = not raw.get("name")
    named = raw | {"Attribute": _defaulted(items)} | ({"name": "-"} if unnamed else {})
    new = read_object(named, "Object", refused)
    if unnamed:  # the template may know the name
        new.name = ""
    for refusal in refused:
        if ".Attribute[" in refusal.place:
            raise invalid_inside(refusal.item, Refused(refusal.errors), 0)
    return new


def _not_added(call: Call, error: ObjectRefused) -> SaveFailed:
    """MISP words a refusal before it has read the attributes otherwise than one after."""
    if not error.unread:
        return SaveFailed("add", "Object", error.public, "/objects/add")
    place = f"{call.arg(0)}/{call.arg(1)}"
    return SaveFailed("add", "object", error.public, f"/objects/add/{place}", place)


@endpoint(
    "objects", "add",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("object", "attribute"),
    summary="Adds an object with its attributes to an event",
    body={"name": "file", "template_uuid": "UUID", "template_version": "24",
          "breakOnDuplicate": False,
          "Attribute": [{"object_relation": "filename", "type": "filename", "value": "text"}]},
)  # fmt: skip
def add(call: Call) -> Answer:
    with reaching(INVALID_EVENT):
        held = claim_named(call.session, call.arg(0))
    try:
        with saving("add", "Object", "/objects/add"):
            new = read_whole(call.data("Object"))
            new.unlike_others |= is_on(call.named.get("breakOnDuplicate"))
            template = template_of(call.session, new, call.arg(1) or None)
            object_id = add_object(call.session, held, new, template)
    except ObjectRefused as error:
        raise _not_added(call, error) from error
    return Answer({"Object": _shown(call, object_id, tagged=False)})


@endpoint(
    "objects", "view",
    shows=("object", "attribute", "event"),
    probes=(("GET", "/objects/view/{object}", None),),
    summary="One object with its attributes and references",
)  # fmt: skip
def view(call: Call) -> Answer:
    if not is_key(call.arg(0)):
        raise MispError(*UNREADABLE)
    with reaching(INVALID):
        object_id = find(call.session, "object", call.arg(0))
    shown = _shown(call, object_id)
    if shown["Attribute"] == []:
        del shown["Attribute"]
    shown["Event"] = _event_line(call, object_id)
    event_id = int(shown["event_id"])
    shown["ObjectReference"] = [
        item_json.reference(one)
        for one in objects.references_of_event(call.session, event_id)
        if one.object_id == object_id
    ]
    return Answer({"Object": shown})


@endpoint(
    "objects", "edit",
    methods=WRITE,
    right="modify",
    changes=True,
    shows=("object", "attribute", "event"),
    summary="Changes an object; attributes that are sent are all that it has from now on",
    body={"comment": "text", "Attribute": [{"uuid": "UUID", "value": "text"}]},
)  # fmt: skip
def edit(call: Call) -> Answer:
    with reaching(INVALID):
        object_id = find(call.session, "object", call.arg(0))
        try:
            with saving("edit", "Object", "/objects/edit"):
                raw = call.data("Object")
                inside = {"Attribute": _defaulted(raw["Attribute"])} if "Attribute" in raw else {}
                edit_object(call.session, object_id, raw | inside)
        except ObjectRefused as error:
            raise SaveFailed("edit", "Object", error.public, "/objects/edit") from error
    if object_id not in objects.by_ids(call.session, [object_id]):
        return Answer(saved("Object saved.", "/objects/edit", str(object_id)))
    return Answer({"Object": _shown(call, object_id), "Event": _event_line(call, object_id)})


@endpoint(
    "objects", "delete",
    methods=DELETABLE,
    right="modify",
    changes=True,
    summary="Marks an object and its attributes as deleted; with /1 or `hard` removes them",
    body={"hard": False},
)  # fmt: skip
def delete(call: Call) -> Answer:
    hard = is_on(call.arg(1)) or is_on(call.data("Object").get("hard"))
    with reaching(INVALID):
        held = deleting.delete_object(call.session, call.arg(0), hard=hard)
    url = f"/objects/delete/{held.event_id}"
    return Answer(saved("Object deleted", url, str(held.event_id)))
