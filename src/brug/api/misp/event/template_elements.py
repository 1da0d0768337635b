# SPDX-License-Identifier: EUPL-1.2
"""`/template_elements`: the fields of an event template, and the texts between them."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.event import template_json
from brug.api.misp.event.templates import NOT_YOURS, UNSEEN, editable
from brug.api.misp.outcomes import reaching, saving
from brug.intel.template import elements, templates
from brug.intel.template.elements import Element

URL = "/template_elements"
BODY = {
    "name": "text", "description": "text", "category": "Payload delivery", "type": "filename",
    "complex": False, "to_ids": True, "mandatory": False, "batch": False, "malware": False,
    "text": "text",
}  # fmt: skip


@endpoint(
    "template_elements", "index",
    shows=("own",),
    probes=(("GET", "/template_elements/index/{event_template}", None),),
    summary="The elements of an event template, in their order.",
)  # fmt: skip
def index(call: Call) -> Answer:
    with reaching(UNSEEN):
        found = templates.view(call.session, call.arg(0))
    return Answer([template_json.element(one) for one in found.elements])


def _said(call: Call, kind: str) -> dict[str, Any]:
    return call.data(template_json.MODELS.get(kind, "TemplateElement"))


def _done(verb: str, one: Element) -> Answer:
    said = {"saved": True, "success": f"Element successfully {verb}.", "id": str(one.id)}
    return Answer(said | template_json.element(one))


@endpoint(
    "template_elements", "add", methods=WRITE, right="template", changes=True, shows=("own",),
    summary="Put an attribute, a file or a text at the end of a template: `add/attribute/ID`.",
    body=BODY,
)  # fmt: skip
def add(call: Call) -> Answer:
    kind, found = call.arg(0), editable(call, call.arg(1))
    with saving("add", "TemplateElement", f"{URL}/add"):
        draft = elements.drafted(kind, _said(call, kind))
        made = elements.add(call.session, found.id, kind, draft)
    return _done("added to template", made)


def _element(call: Call, reference: str) -> Element:
    with reaching(NOT_YOURS, NOT_YOURS):
        one = elements.view(call.session, reference)
    editable(call, one.template_id)
    return one


@endpoint(
    "template_elements", "edit", methods=WRITE, right="template", changes=True, shows=("own",),
    summary="Change an element of a template: `edit/attribute/ID`; it stays of its kind.",
    body=BODY,
)  # fmt: skip
def edit(call: Call) -> Answer:
    known = _element(call, call.arg(1) or call.arg(0))
    with saving("edit", "TemplateElement", f"{URL}/edit", str(known.id)):
        draft = elements.drafted(known.kind, _said(call, known.kind), known)
        made = elements.edit(call.session, known, draft)
    return _done("edited", made)


@endpoint(
    "template_elements", "delete", methods=DELETABLE, right="template", changes=True,
    summary="Take an element out of a template.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    elements.delete(call.session, _element(call, call.arg(0)))
    return Answer({"saved": True, "success": "Element deleted."})
