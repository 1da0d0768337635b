# SPDX-License-Identifier: EUPL-1.2
"""`/object_templates`: list, view, the definition as published, switch."""

from brug.api.misp import vocabulary_update
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError
from brug.formats.misp import coercion
from brug.intel.vocabulary import as_misp, templates
from brug.intel.vocabulary.templates import Template
from brug.model.errors import NotFound


def _found(call: Call) -> Template:
    ref = call.arg(0)
    if not {"id", "uuid"} & {name for name, value in templates.reference(ref).items() if value}:
        raise MispError(404, "Invalid object template id.")
    try:
        return templates.template(call.session, ref)
    except NotFound as error:
        raise MispError(404, "Invalid object template") from error


@endpoint(
    "object_templates",
    "index",
    shows=("vocabulary",),
    probes=(("GET", "/objectTemplates/index", None),),
    summary="List active object templates; `searchall` finds part of a name or description.",
    body={"searchall": "text"},
)
def index(call: Call) -> Answer:
    given = {**call.named, **call.data("ObjectTemplate")}.get("searchall")
    search = None if given is None else coercion.text("searchall", given)
    return Answer([as_misp.template_json(one) for one in templates.templates(call.session, search)])


@endpoint(
    "object_templates",
    "view",
    shows=("vocabulary",),
    probes=(("GET", "/objectTemplates/view/688c46fb-5edb-40a3-8273-1af7923e2215", None),),
    summary="One object template by id or UUID, with its elements.",
)
def view(call: Call) -> Answer:
    return Answer(as_misp.template_with_elements(_found(call)))


@endpoint(
    "object_templates",
    "getRaw",
    shows=("vocabulary",),
    probes=(("GET", "/objectTemplates/getRaw/file", None),),
    summary="The definition by UUID or name, byte for byte as it was published.",
)
def raw(call: Call) -> Answer:
    try:
        return Answer(templates.raw_template(call.session, call.arg(0)).encode())
    except NotFound as error:
        raise MispError(404, "Template not found") from error


@endpoint(
    "object_templates", "activate", methods=WRITE, right="site_admin", changes=True,
    summary="Offer a template for new objects, or no longer.",
)  # fmt: skip
def activate(call: Call) -> Answer:
    found = _found(call)
    templates.set_active(call.session, found.id, not found.active)
    return Answer({"saved": True, "success": "activated" if not found.active else "disabled"})


@endpoint(
    "object_templates", "update", methods=WRITE, right="site_admin", changes=True,
    summary="Whether the object templates of the installed package are served.",
)  # fmt: skip
def update(call: Call) -> Answer:
    return vocabulary_update.answer(call, "ObjectTemplate", "object templates", "pymisp")
