# SPDX-License-Identifier: EUPL-1.2
"""Changing single fields of attributes and objects, and of many attributes at once."""

from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import errors_of, is_on, reaching, saving
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.several import texts
from brug.intel import attributes
from brug.intel.editing import edit_attribute, edit_object
from brug.intel.extending import ObjectRefused
from brug.intel.finding import claim_named, find
from brug.intel.levels import GroupRefused
from brug.model.errors import Invalid

INVALID = (404, "Invalid attribute")
FIELDS = frozenset(
    {"value", "category", "type", "comment", "to_ids", "distribution", "sharing_group_id",
     "first_seen", "last_seen"}
)  # fmt: skip
OF_OBJECTS = frozenset({"comment", "distribution", "sharing_group_id", "first_seen", "last_seen"})


def _updated() -> Answer:
    return Answer({"saved": True, "success": "Field updated.", "check_publish": True})


def _change(call: Call, attribute_id: int, fields: dict[str, Any]) -> Answer:
    try:
        with reaching(INVALID):
            edit_attribute(call.session, attribute_id, fields)
    except (Invalid, GroupRefused) as error:
        return Answer({"saved": False, "errors": errors_of(error)})
    return _updated()


@endpoint(
    "attributes", "editField",
    methods=WRITE, right="modify", changes=True,
    summary="Changes fields of an attribute", body={"comment": "text"},
)  # fmt: skip
def edit_field(call: Call) -> Answer:
    with reaching(INVALID):
        attribute_id = find(call.session, "attribute", call.arg(0))
    fields = {k: v for k, v in call.data("Attribute").items() if k in FIELDS}
    if not fields:
        return Answer({"saved": False, "errors": "Invalid field."})
    return _change(call, attribute_id, fields)


def _toggled(call: Call, field: str) -> Answer:
    with reaching(INVALID):
        attribute_id = find(call.session, "attribute", call.arg(0))
    (stored,) = attributes.by_ids(call.session, [attribute_id])
    said = call.data("Attribute").get(field)
    value = not getattr(stored, field) if said is None else is_on(said)
    return _change(call, attribute_id, {field: value})


@endpoint(
    "attributes", "toggleToIDS",
    methods=WRITE, right="modify", changes=True,
    summary="Whether one detects by an attribute", body={"to_ids": True},
)  # fmt: skip
def toggle_to_ids(call: Call) -> Answer:
    return _toggled(call, "to_ids")


@endpoint(
    "attributes", "toggleCorrelation",
    methods=WRITE, right="modify", changes=True,
    summary="Whether an attribute relates to others", body={"disable_correlation": True},
)  # fmt: skip
def toggle_correlation(call: Call) -> Answer:
    return _toggled(call, "disable_correlation")


# What MISP's form sends where a field is to stay as it is.
_STAYS = {"to_ids": {"2"}, "distribution": {"6", ""}, "comment": {""}}


@endpoint(
    "attributes", "editSelected",
    methods=WRITE, right="modify", changes=True,
    summary="Changes the same fields of several attributes of an event",
    body={"attribute_ids": ["number or UUID"], "to_ids": 1, "comment": "text"},
)  # fmt: skip
def edit_selected(call: Call) -> Answer:
    with reaching((404, "Invalid event")):
        held = claim_named(call.session, call.arg(0))
    sent = call.data("Attribute")
    keys = texts("attribute_ids", sent.get("attribute_ids"))
    fields = {
        name: sent[name]
        for name in ("to_ids", "distribution", "sharing_group_id", "comment")
        if sent.get(name) is not None and str(sent[name]) not in _STAYS.get(name, ())
    }
    if not keys or not fields:
        raise MispError(405, "No matching attributes found" if not keys else "Nothing to change.")
    with saving("editSelected", "Attribute", "/attributes/editSelected"):
        for key in keys:
            with reaching(INVALID):
                attribute_id = find(call.session, "attribute", key)
                (stored,) = attributes.by_ids(call.session, [attribute_id])
                if stored.event_id != held.event_id:
                    raise MispError(*INVALID)
                edit_attribute(call.session, attribute_id, fields)
    return Answer({"saved": True})


@endpoint(
    "objects", "editField",
    methods=WRITE, right="modify", changes=True,
    summary="Changes fields of an object", body={"comment": "text"},
)  # fmt: skip
def edit_object_field(call: Call) -> Answer:
    with reaching((404, "Invalid object.")):
        object_id = find(call.session, "object", call.arg(0))
        fields = {k: v for k, v in call.data("Object").items() if k in OF_OBJECTS}
        if not fields:
            raise MispError(405, "Invalid field.")
        with saving("edit", "Object", "/objects/edit"):
            try:
                edit_object(call.session, object_id, fields)
            except ObjectRefused as error:
                raise MispError(403, error.public) from error
    return Answer(saved("Field updated", f"/objects/edit/{object_id}", str(object_id)))


@endpoint(
    "attributes", "checkAttachments", "checkOrphanedAttributes",
    right="site_admin",
    summary="How many attributes have lost their file or event: the database sees to it that none",
)  # fmt: skip
def check_orphans(_call: Call) -> Answer:
    return Answer(0)
