# SPDX-License-Identifier: EUPL-1.2
"""`/objects/*` that make an object of values: attributes of an event, or those of a text.

A stock MISP answers these to its own pages alone (`X-Requested-With`); here whoever may
change the event may ask.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.item.objects import INVALID_EVENT, read_whole
from brug.api.misp.outcomes import errors_of, reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.several import from_text, several, texts
from brug.formats.misp.reading import read_object
from brug.intel import gathering
from brug.intel.extending import ObjectRefused, add_object
from brug.intel.finding import Claim, attributes_named, claim_named, find
from brug.intel.gathering import Fit
from brug.intel.levels import GroupRefused
from brug.intel.vocabulary import as_misp
from brug.intel.vocabulary.templates import Template, find_template
from brug.model.errors import Invalid
from brug.model.event import INHERIT
from brug.model.naming import number_in

MOST = 1000
INVALID_TEMPLATE = (404, "Invalid template.")
DONE = "Object Created from Attributes."
NOT_DONE = "Failed to create an Object from Attributes. Error: \n"


def _template(call: Call, named: Any) -> Template:
    """The active template that is named by number or UUID."""
    found = find_template(call.session, str(named)) if named else None
    if found is None or not found.active:
        raise MispError(*INVALID_TEMPLATE)
    return found


def _held(call: Call) -> Claim:
    with reaching(INVALID_EVENT):
        return claim_named(call.session, call.arg(0))


@contextmanager
def _making(call: Call, action: str) -> Iterator[None]:
    try:
        yield
    except ObjectRefused as error:
        raise _refused(call, action, error.public) from error
    except (Invalid, GroupRefused) as error:
        told = [f"{f}: {' '.join(some)}" for f, some in errors_of(error).items()]
        raise _refused(call, action, "\n".join(told)) from error


def _refused(call: Call, action: str, text: str) -> SaveFailed:
    url = f"/objects/{action}/{call.arg(0)}"
    return SaveFailed("create", "Object", f"{NOT_DONE}{text}", url)


def _said(body: dict[str, Any]) -> dict[str, Any]:
    """Level and comment of the object; it inherits where nothing is said."""
    fields = ("distribution", "sharing_group_id", "comment", "first_seen", "last_seen")
    given = {name: value for name in fields if (value := body.get(name)) or value == 0}
    return {"distribution": INHERIT} | given


def _mapping(value: Any) -> dict[str, str]:
    """Relations by what they are for: an attribute's number, or a place in a list."""
    read = from_text("selectedObjectRelationMapping", value)
    if isinstance(read, list):
        read = {str(index): one for index, one in enumerate(read)}
    if not isinstance(read, dict) or not read or len(read) > MOST:
        raise Invalid(
            "selectedObjectRelationMapping", f"1 to {MOST} object relations, by attribute"
        )
    if not all(isinstance(one, str) for one in read.values()):
        raise Invalid("selectedObjectRelationMapping", "a relation of the template for each")
    return {str(key): one for key, one in read.items()}


@endpoint(
    "objects", "proposeObjectsFromAttributes",
    shows=("vocabulary",),
    probes=(("GET", "/objects/proposeObjectsFromAttributes/{event}/[{attribute}]", None),),
    summary="The templates of which attributes of an event could make an object, fittest first",
    body={"selectedAttributeIds": ["number or UUID"]},
)  # fmt: skip
def propose(call: Call) -> Answer:
    with reaching(INVALID_EVENT):
        event_id = find(call.session, "event", call.arg(0))
    named = call.data("Object").get("selectedAttributeIds") or call.arg(1)
    keys = texts("selectedAttributeIds", named, MOST)
    ids = attributes_named(call.session, event_id, keys)
    types = [one.type for one in gathering.alone(call.session, event_id, ids)]
    fits = gathering.possible(call.session, types) if types else []
    return Answer({"templates": [_fit(one) for one in fits], "types": list(dict.fromkeys(types))})


def _fit(one: Fit) -> dict[str, Any]:
    template = as_misp.template_with_elements(one.template)
    template["ObjectTemplate"] |= {
        "compatibility": one.missing or True,
        "invalidTypes": one.unknown,
        "invalidTypesMultiple": one.repeated,
    }
    return template


@endpoint(
    "objects", "groupAttributesIntoObject",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Makes an object of attributes of an event: /EVENT/TEMPLATE",
    body={"selectedAttributeIds": ["number"],
          "selectedObjectRelationMapping": {"number": "relation"},
          "distribution": "0-5", "comment": "text"},
)  # fmt: skip
def group(call: Call) -> Answer:
    held = _held(call)
    body = call.data("Object")
    template = _template(call, call.arg(1) or body.get("selectedTemplateId"))
    relations = _chosen(call, held, body)
    with _making(call, "groupAttributesIntoObject"):
        new = read_object({"name": template.name} | _said(body), "Object", [])
        object_id = gathering.gather(call.session, held, template, relations, new)
    url = f"/objects/groupAttributesIntoObject/{object_id}"
    return Answer(saved(DONE, url, str(object_id)))


def _chosen(call: Call, held: Claim, body: dict[str, Any]) -> dict[int, str]:
    """Relations by the number of their attribute, which clients name by UUID too.

    Of the mapping only what was selected counts; without a selection, all of it.
    """
    mapping = _mapping(body.get("selectedObjectRelationMapping"))
    selected = set(texts("selectedAttributeIds", body.get("selectedAttributeIds"), MOST))
    keys = [key for key in mapping if not selected or key in selected]
    if not keys:
        raise MispError(405, "No Attribute selected.")
    chosen: dict[int, str] = {}
    for key in keys:
        ids = attributes_named(call.session, held.event_id, [key])
        chosen[ids[0] if ids else number_in(key) or 0] = mapping[key]
    return chosen


@endpoint(
    "objects", "createFromFreetext",
    methods=("POST",),
    right="add",
    changes=True,
    summary="Makes an object of values that were found in a text, each by its relation",
    body={"selectedTemplateId": "number",
          "attributes": [{"type": "ip-dst", "value": "text", "tags": "one, two"}],
          "selectedObjectRelationMapping": ["relation"], "distribution": "0-5", "comment": "text"},
)  # fmt: skip
def create_from_freetext(call: Call) -> Answer:
    held = _held(call)
    body = call.data("Object")
    template = _template(call, body.get("selectedTemplateId"))
    mapping = _mapping(body.get("selectedObjectRelationMapping"))
    items = several("attributes", from_text("attributes", body.get("attributes")), MOST)
    raw = [_attribute(place, one, mapping) for place, one in enumerate(items)]
    with _making(call, "createFromFreetext"):
        gathering.check(template, [(str(one.get("type")), one["object_relation"]) for one in raw])
        new = read_whole({"name": template.name, "Attribute": raw} | _said(body))
        object_id = add_object(call.session, held, new, template)
    url = f"/objects/createFromFreetext/{object_id}"
    return Answer(saved(DONE, url, str(object_id)))


def _attribute(place: int, sent: Any, mapping: dict[str, str]) -> dict[str, Any]:
    """A value as objects carry it; its tags come as one text."""
    if not isinstance(sent, dict) or str(place) not in mapping:
        raise Invalid(f"attributes[{place}]", "a value with type, and its relation in the mapping")
    tags = sent.get("tags")
    named = [tag.strip() for tag in tags.split(",")] if isinstance(tags, str) else []
    fields = {k: v for k, v in sent.items() if k not in {"tags", "id", "uuid"}}
    fields |= {"object_relation": mapping[str(place)]}
    return fields | ({"Tag": [{"name": tag} for tag in named if tag]} if named else {})
