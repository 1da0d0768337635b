# SPDX-License-Identifier: EUPL-1.2
"""`/object_templates`: list, view, the definition as published, switch."""

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.refusals import MispError, saved
from brug.api.misp.vocabulary import vocabulary_update
from brug.formats.misp import coercion
from brug.intel.vocabulary import as_misp, templates
from brug.intel.vocabulary.templates import Template
from brug.model.errors import NotFound

MOST_TYPES = 200


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
    vocabulary_update.refuse_outdated(call, "ObjectTemplate", "pymisp")
    # A list of what was updated; scripts count it.
    return Answer([])


@endpoint(
    "object_templates", "possibleObjectTemplates", methods=("POST",), shows=("vocabulary",),
    probes=(("POST", "/objectTemplates/possibleObjectTemplates", {"attribute_types": ["md5"]}),),
    summary="The templates that could hold attributes of these types.",
    body={"attribute_types": "list of types"},
)  # fmt: skip
def possible(call: Call) -> Answer:
    given = call.data("ObjectTemplate").get("attribute_types")
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not given or len(given) > MOST_TYPES:
        raise MispError(405, f"attribute_types: a list of 1 to {MOST_TYPES} attribute types")
    types = [coercion.text("attribute_types", one) for one in given]
    return Answer([as_misp.template_json(one) for one in templates.holding(call.session, types)])


@endpoint(
    "object_templates", "delete", methods=DELETABLE, right="site_admin",
    changes=True, summary="Delete a template of this node's own; a published one is disabled.",
)  # fmt: skip
def delete(call: Call) -> Answer:
    found = _found(call)
    if not templates.delete(call.session, found):
        raise MispError(405, "A published object template can be disabled, not deleted.")
    return Answer(saved("ObjectTemplate deleted", call.path, str(found.id)))


@endpoint(
    "object_template_elements", "viewElements", shows=("vocabulary",),
    probes=(("GET", "/objectTemplateElements/viewElements/1", None),),
    summary="What objects of a template are made of.",
)  # fmt: skip
def elements(call: Call) -> Answer:
    return Answer(as_misp.template_with_elements(_found(call))["ObjectTemplateElement"])
