# SPDX-License-Identifier: EUPL-1.2
"""`/templates`: forms that an organisation keeps, and events that are filled from them.

MISP has pages for these and no JSON: bodies are those of its forms, answers are its models
as it nests them everywhere else.
"""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.event import template_json
from brug.api.misp.item import item_json
from brug.api.misp.item.attributes import with_tags
from brug.api.misp.outcomes import not_saved, reaching, saving
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.several import several, texts
from brug.formats.form_files import File, base_name
from brug.formats.misp import coercion
from brug.intel import loading
from brug.intel.finding import claim_named, find
from brug.intel.template import elements, filling, templates
from brug.intel.template.templates import Template
from brug.model.errors import Invalid
from brug.model.naming import number_in

UNSEEN = (405, "No template with the provided ID exists, or you are not authorised to see it.")
NOT_YOURS = (405, "No template with the provided ID exists, or you are not authorised to edit it.")
NO_EVENT = (404, "Event not found or you are not authorised to edit it.")
BODY = {"name": "text", "description": "text", "share": False, "tags": ["number or name"]}


@endpoint(
    "templates", "index",
    shows=("tag", "own"),
    probes=(("GET", "/templates/index", None),),
    summary="Event templates of one's own organisation, and those that others share.",
)  # fmt: skip
def index(call: Call) -> Answer:
    return Answer([template_json.listed(one) for one in templates.listed(call.session)])


@endpoint(
    "templates", "view",
    shows=("tag", "own"),
    probes=(("GET", "/templates/view/{event_template}", None),),
    summary="One event template with its elements.",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(UNSEEN):
        return Answer(template_json.whole(templates.view(call.session, call.arg(0))))


def editable(call: Call, reference: str | int) -> Template:
    """A template that the caller may change, in MISP's words."""
    with reaching(NOT_YOURS, NOT_YOURS):
        return templates.editable(call.session, reference)


def _tags(call: Call) -> list[int] | None:
    given = call.data("Template").get("tags")
    if given is None:
        return None
    return templates.tags_named(call.session, several("tags", given, templates.MOST_TAGS))


@endpoint(
    "templates", "add", methods=WRITE, right="template", changes=True, shows=("tag", "own"),
    summary="Make an event template of one's own organisation.", body=BODY,
)  # fmt: skip
def add(call: Call) -> Answer:
    with saving("add", "Template", "/templates/add"):
        said, tags = templates.drafted(call.data("Template")), _tags(call)
        made = templates.add(call.session, said)
        if tags:
            made = templates.set_tags(call.session, made, tags)
    return Answer(template_json.whole(made))


@endpoint(
    "templates", "edit", methods=WRITE, right="template", changes=True, shows=("tag", "own"),
    summary="Change what is said of an event template; `tags` are all of its tags.", body=BODY,
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = editable(call, call.arg(0))
    with saving("edit", "Template", "/templates/edit", str(found.id)):
        said, tags = templates.drafted(call.data("Template")), _tags(call)
        made = templates.edit(call.session, found, said)
        if tags is not None:
            made = templates.set_tags(call.session, made, tags)
    return Answer(template_json.whole(made))


@endpoint(
    "templates", "delete", methods=DELETABLE, right="template", changes=True,
    summary="Delete an event template; events that were filled from it stay.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = editable(call, call.arg(0))
    templates.delete(call.session, found)
    return Answer(saved("Template deleted.", "/templates/delete", str(found.id)))


@endpoint(
    "templates", "saveElementSorting", methods=WRITE, right="template", changes=True,
    summary="Put the elements of a template in this order.", body={"[]": "numbers of elements"},
)  # fmt: skip
def save_element_sorting(call: Call) -> Answer:
    named = texts("order", call.body if isinstance(call.body, list) else None)
    ids = [number_in(one.removeprefix("id_")) or 0 for one in named]
    with reaching(NOT_YOURS, NOT_YOURS):
        first = elements.view(call.session, ids[0] if ids else 0)
    found = editable(call, first.template_id)
    with saving("edit", "Template", "/templates/saveElementSorting", str(found.id)):
        elements.order(call.session, found.id, ids)
    return Answer({"saved": True, "success": "Elements repositioned."})


@endpoint(
    "templates", "templateChoices",
    shows=("tag", "own"),
    probes=(("GET", "/templates/templateChoices/{event}", None),),
    summary="The templates from which an event of one's own organisation can be filled.",
)  # fmt: skip
def template_choices(call: Call) -> Answer:
    principal = call.principal
    with reaching(NO_EVENT):
        event_id = find(call.session, "event", call.arg(0))
        head = loading.heads(call.session, [event_id])[event_id].head
    if head.orgc_id != principal.org_id and not principal.is_site_admin:
        raise MispError(*NO_EVENT)
    return Answer([template_json.listed(one) for one in templates.listed(call.session)])


def _given(call: Call) -> filling.Given:
    """Values are `value_N`, one text for each element; files name theirs in `fileArray`."""
    values: dict[int, str] = {}
    sent = call.data("Template")
    for name, value in sent.items():
        number = number_in(name.removeprefix("value_"))
        if name.startswith("value_") and number is not None:
            lines = value if isinstance(value, list) else [value]
            values[number] = "\n".join(coercion.text(name, one) for one in lines)
    files: dict[int, list[File]] = {}
    for one in several("fileArray", sent.get("fileArray"), filling.MOST_FILES):
        if not isinstance(one, dict):
            raise Invalid("fileArray", "objects of element_id, filename and data")
        number = coercion.integer("element_id", one.get("element_id")) or 0
        name = base_name(coercion.text("filename", one.get("filename")))
        data = coercion.base64("data", one.get("data"))
        if not name or data is None:
            raise Invalid("fileArray", "a filename, and data in Base64", name)
        files.setdefault(number, []).append(File(name, data))
    return filling.Given(values, files)


@endpoint(
    "templates", "populateEventFromTemplate",
    methods=WRITE,
    right="add",
    changes=True,
    shows=("attribute", "tag"),
    summary="Fill an event from a template: `value_N` for element N, files in `fileArray`.",
    body={"value_1": "text", "fileArray": [
        {"element_id": 2, "filename": "mail.eml", "data": "Base64"}]},
)  # fmt: skip
def populate_event_from_template(call: Call) -> Answer:
    url = "/templates/populateEventFromTemplate"
    with reaching((405, "Template not found or you are not authorised to use it.")):
        template = templates.view(call.session, call.arg(0))
    absent = (405, NO_EVENT[1])
    with reaching(absent, absent):
        held = claim_named(call.session, call.arg(1))
    with saving("populate", "Event", url, str(held.event_id)):
        filled = filling.fill(call.session, held, template, _given(call))
    errors: dict[str, Any] = {one.place: one.errors for one in filled.refused}
    if not (filled.attributes or filled.samples):
        return not_saved("populate", "Event", errors, url)
    count = len(filled.attributes)
    text = f"Event populated, {count} attributes successfully created."
    more = {"errors": errors} if errors else {}
    return Answer(
        saved(
            text,
            f"{url}/{template.id}/{held.event_id}",
            str(held.event_id),
            Attribute=[item_json.attribute(a) for a in with_tags(call, filled.attributes)],
            Sample=filled.samples,
            Tag=[{"name": name} for name in filled.tags],
            **more,
        )
    )
