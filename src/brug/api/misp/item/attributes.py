# SPDX-License-Identifier: EUPL-1.2
"""`/attributes/*`: adding one or many, viewing, editing, deleting, restoring.

An attribute that does not fit never costs the others of its request.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.event.showing import embedded_groups
from brug.api.misp.item import item_json
from brug.api.misp.outcomes import errors_of, is_on, not_saved, reaching, saving
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.several import texts
from brug.formats.misp.reading_attributes import read_attribute
from brug.intel import attachments, attributes, deleting
from brug.intel.editing import AttributeNotNewer, edit_attribute
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim, attributes_named, claim_named, find, uuid_of
from brug.intel.label import tags
from brug.model.errors import Invalid
from brug.model.event import Attribute
from brug.model.naming import is_uuid, number_in
from brug.model.new_event import NewAttribute, Refusal

NO_EVENT = "No event ID set."
INVALID_EVENT = (404, "Invalid event")
INVALID = (404, "Invalid attribute")
UNSEEN = (405, "Invalid attribute")
UNREADABLE = (404, "Invalid attribute ID.")
MAX_NAMED = 10_000


def with_tags(call: Call, ids: list[int]) -> list[Attribute]:
    """Attributes by id, with their tags."""
    found = attributes.by_ids(call.session, ids)
    carried = tags.of_attributes(call.session, ids)
    for one in found:
        one.tags = carried.get(one.id, [])
    return found


def is_key(text: str) -> bool:
    """Whether a text could name an item at all: digits or a UUID."""
    return number_in(text) is not None or is_uuid(text)


def _items(body: Any) -> tuple[list[Any], bool]:
    """The attributes of a body, and whether it is a list of them."""
    found = body
    for name in ("request", "Attribute"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    if isinstance(found, list):
        return found or [{}], bool(found)
    if not isinstance(found, dict):
        return [{}], False
    values = found.get("value")
    if isinstance(values, str) and is_on(found.get("batch_import")):
        values = [line.strip() for line in values.splitlines() if line.strip()]
    if isinstance(values, list):
        return [found | {"value": value} for value in values] or [found], True
    return [found], False


def _read(items: Iterable[Any]) -> tuple[list[tuple[int, NewAttribute]], list[Refusal]]:
    read: list[tuple[int, NewAttribute]] = []
    refused: list[Refusal] = []
    for index, item in enumerate(items):
        try:
            read.append((index, read_attribute(item)))
        except Invalid as error:
            refused.append(Refusal(f"attribute_{index}", errors_of(error), item))
    return read, refused


def _first(errors: Mapping[str, Mapping[str, list[str]]]) -> Any:
    """What is wrong with the only attribute; a warninglist is no field of it."""
    found = next(iter(errors.values()), {})
    return found["warninglist"][0] if set(found) == {"warninglist"} else found


@endpoint(
    "attributes", "add",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("attribute", "tag"),
    summary="Adds one attribute, or many, to an event",
    body={"type": "ip-dst", "value": "text or list", "category": "text", "to_ids": True,
          "enforceWarninglist": False},
)  # fmt: skip
def add(call: Call) -> Answer:
    if not call.args:
        raise MispError(405, NO_EVENT)
    with reaching(INVALID_EVENT):
        held = claim_named(call.session, call.arg(0))
    items, many = _items(call.body)
    read, refused = _read(items)
    if is_on(call.named.get("enforceWarninglist")):
        for _, new in read:
            new.unlisted = True
    renew = call.named.get("breakOnDuplicate") == "0"
    outcome = add_attributes(call.session, held, read, refused, renew_alike=renew)
    errors = {refusal.place: refusal.errors for refusal in outcome.refused}
    if not outcome.stored:
        shown = errors if many else _first(errors)
        return not_saved("add", "Attribute", shown, "/attributes/add")
    order = [attribute_id for _, attribute_id in sorted(outcome.stored.items())]
    # What is new has the tags that came along with it, and otherwise none.
    tagged = renew or any(new.tags for _, new in read)
    stored = with_tags(call, order) if tagged else attributes.by_ids(call.session, order)
    found = {a.id: a for a in stored}
    rows = [item_json.attribute(found[i], parts=True) for i in order]
    if len(items) == 1:
        only = found[order[0]]
        return Answer({"Attribute": rows[0], "AttributeTag": item_json.attribute_tags(only)})
    for row, i in zip(rows, order, strict=True):
        if found[i].tags:
            row["Tag"] = [link["Tag"] for link in item_json.attribute_tags(found[i])]
    return Answer({"Attribute": rows} | ({"errors": errors} if errors else {}))


def _viewed(call: Call, attribute_id: int) -> dict[str, Any]:
    (found,) = with_tags(call, [attribute_id])
    shown = item_json.attribute(found)
    shown["event_uuid"] = uuid_of(call.session, "event", found.event_id)
    if found.type in attachments.TYPES:
        data = attachments.as_base64(call.session, [found.id])
        shown |= {"data": data[found.id]} if data else {}
    if leaving := [tag for tag in found.tags if tag.exportable]:
        shown["Tag"] = [item_json.short_tag(tag) for tag in leaving]
    groups = embedded_groups(call.session, [found.sharing_group_id])
    if groups:
        shown["SharingGroup"] = next(iter(groups.values()))
    return shown


@endpoint(
    "attributes", "view",
    shows=("attribute", "tag"),
    probes=(("GET", "/attributes/view/{attribute}", None),),
    summary="One attribute",
)  # fmt: skip
def view(call: Call) -> Answer:
    if not is_key(call.arg(0)):
        raise MispError(*UNREADABLE)
    # PyMISP asks by HEAD whether an attribute exists, and knows no answer but 200 and 404.
    with reaching(INVALID if call.method == "HEAD" else UNSEEN):
        attribute_id = find(call.session, "attribute", call.arg(0))
        found = attributes.by_ids(call.session, [attribute_id])[0]
    if found.deleted:
        raise MispError(*(INVALID if call.method == "HEAD" else UNSEEN))
    return Answer({"Attribute": _viewed(call, attribute_id)})


@endpoint(
    "attributes", "edit",
    methods=WRITE,
    right="modify",
    changes=True,
    shows=("attribute", "tag"),
    summary="Changes the fields of an attribute that are sent",
    body={"value": "text", "comment": "text", "to_ids": True},
)  # fmt: skip
def edit(call: Call) -> Answer:
    with reaching(INVALID):
        attribute_id = find(call.session, "attribute", call.arg(0))
        with saving("edit", "Attribute", "/attributes/edit"):
            try:
                edit_attribute(call.session, attribute_id, call.data("Attribute"))
            except AttributeNotNewer as error:
                raise MispError(405, error.public) from error
    found = with_tags(call, [attribute_id])
    if not found:
        return Answer(saved("Attribute saved.", "/attributes/edit", str(attribute_id)))
    shown = item_json.attribute(found[0])
    if found[0].tags:
        shown["Tag"] = [item_json.whole_tag(tag) for tag in found[0].tags]
    return Answer({"Attribute": shown})


@endpoint(
    "attributes", "delete",
    methods=DELETABLE,
    right="modify",
    changes=True,
    summary="Marks an attribute as deleted; with /1 or `hard` removes it",
    body={"hard": False},
)  # fmt: skip
def delete(call: Call) -> Answer:
    if not is_key(call.arg(0)):
        raise MispError(*UNREADABLE)
    hard = is_on(call.arg(1)) or is_on(call.data("Attribute").get("hard"))
    with reaching(INVALID):
        deleting.delete_attribute(call.session, call.arg(0), hard=hard)
    return Answer({"message": "Attribute deleted."})


@endpoint(
    "attributes", "restore",
    methods=WRITE,
    right="modify",
    changes=True,
    shows=("attribute", "tag"),
    summary="Takes the deletion of an attribute back",
)  # fmt: skip
def restore(call: Call) -> Answer:
    gone = (405, "Invalid Attribute")
    with reaching(gone, gone):
        attribute_id = deleting.restore_attribute(call.session, call.arg(0))
    return Answer({"Attribute": _viewed(call, attribute_id)})


@endpoint(
    "attributes", "deleteSelected",
    methods=WRITE,
    right="modify",
    changes=True,
    summary="Deletes several attributes of an event, or all of them",
    body={"id": ["number or UUID"], "allow_hard_delete": False},
)  # fmt: skip
def delete_selected(call: Call) -> Answer:
    body = call.data("Attribute")
    with reaching(INVALID_EVENT):
        held = claim_named(call.session, call.arg(0))
    ids = _selected(call, held, body.get("id"))
    hard = is_on(call.arg(1)) or is_on(body.get("allow_hard_delete"))
    gone = deleting.delete_attributes(call.session, held, ids, hard=hard)
    if not gone:
        raise MispError(404, "No matching attributes found.")
    url = f"/attributes/deleteSelected/{held.event_id}"
    return Answer(saved(f"{len(gone)} attributes deleted", url, str(held.event_id)))


def _selected(call: Call, held: Claim, named: Any) -> list[int]:
    if named == "all":
        return [a.id for a in attributes.of_event(call.session, held.event_id)]
    return attributes_named(call.session, held.event_id, texts("id", named, MAX_NAMED))
