# SPDX-License-Identifier: EUPL-1.2
"""`/decayingModel/*` and `/decayingModelMapping/*`: models of how indicators lose their worth."""

from typing import Any

from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.several import from_text
from brug.api.misp.vocabulary import decaying_json as shape
from brug.intel.decay import decaying, decaying_changes
from brug.intel.decay.decaying import Model
from brug.model.errors import Invalid

ABSENT = (404, "No Decaying Model with the provided ID exists")
NO_NAME = "The model must have a name"
_TEXT_FIELDS = ("parameters", "attribute_types", "ref")


@endpoint(
    "decayingModel", "index", "getAllDecayingModels",
    shows=("vocabulary",),
    summary="All decaying models that one sees",
)  # fmt: skip
def index(call: Call) -> Answer:
    every = decaying.every(call.session)
    if "alldecayingmodels" in call.path.lower():
        return Answer([{"DecayingModel": shape.inner(call.session, model)} for model in every])
    return Answer([shape.whole(call.session, model, editable=False) for model in every])


@endpoint(
    "decayingModel", "view",
    shows=("vocabulary",), summary="One decaying model",
)  # fmt: skip
def view(call: Call) -> Answer:
    with reaching(ABSENT):
        return Answer(shape.whole(call.session, decaying.one(call.session, call.arg(0))))


@endpoint(
    "decayingModel", "export",
    shows=("vocabulary",), summary="A decaying model for another node",
)  # fmt: skip
def export(call: Call) -> Answer:
    with reaching(ABSENT):
        return Answer(shape.exported(call.session, decaying.one(call.session, call.arg(0))))


def _given(call: Call) -> dict[str, Any]:
    """The fields of a model; those with an inner form may come as JSON in a text."""
    given = dict(call.data("DecayingModel"))
    sent = given.pop("json", None)
    if isinstance(sent, str):
        given = _decoded(sent)
        given = given.get("DecayingModel", given) if isinstance(given, dict) else {}
    for name in _TEXT_FIELDS:
        if name in given:
            given[name] = _decoded(given[name])
    return given


def _decoded(text: Any) -> Any:
    try:
        return from_text("json", text)
    except Invalid as error:
        raise MispError(405, "Error while decoding JSON") from error


@endpoint(
    "decayingModel", "add", "import",
    methods=WRITE, right="decaying", changes=True, shows=("vocabulary",),
    summary="Makes a decaying model",
    body={"name": "text", "description": "text", "formula": "Polynomial",
          "parameters": {"lifetime": 30, "decay_speed": 2.3, "threshold": 30,
                         "default_base_score": 80, "base_score_config": {}}},
)  # fmt: skip
def add(call: Call) -> Answer:
    given = _given(call)
    if not given.get("name"):
        raise MispError(405, NO_NAME)
    try:
        model = decaying_changes.add(call.session, given)
    except Invalid as error:
        raise _failed("add", error) from error
    return Answer({"data": shape.whole(call.session, model), "action": "add"})


@endpoint(
    "decayingModel", "edit",
    methods=WRITE, right="decaying", changes=True, shows=("vocabulary",),
    summary="Changes the fields of a decaying model that are sent",
    body={"name": "text", "parameters": {"threshold": 40}},
)  # fmt: skip
def edit(call: Call) -> Answer:
    with reaching(ABSENT, (405, "You are not authorised to edit this model.")):
        try:
            model = decaying_changes.edit(call.session, call.arg(0), _given(call))
        except Invalid as error:
            raise _failed("edit", error) from error
    return Answer({"data": shape.whole(call.session, model), "action": "edit"})


def _failed(verb: str, error: Invalid) -> SaveFailed:
    errors = {error.field: [error.public]}
    return SaveFailed(verb, "DecayingModel", errors, f"/decayingModel/{verb}")


@endpoint(
    "decayingModel", "delete",
    methods=DELETABLE, right="decaying", changes=True,
    summary="Removes a decaying model that does not come with the node",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with reaching(ABSENT, (405, "You are not authorised to delete this model.")):
        model = decaying_changes.delete(call.session, call.arg(0))
    text = "Decaying Model deleted."
    return Answer(saved(text, f"/decayingModel/delete/{model.id}", str(model.id)))


def _switch(call: Call, *, enabled: bool) -> Answer:
    verb = "enable" if enabled else "disable"
    with reaching(ABSENT, (405, f"You are not authorised to {verb} this model.")):
        model = decaying_changes.set_enabled(call.session, call.arg(0), enabled)
    url = f"/decaying_models/{verb}/{model.id}"
    more = {"data": shape.whole(call.session, model), "id": str(model.id)}
    return Answer(saved(f"Decaying model {verb}d", url) | more)


@endpoint(
    "decayingModel", "enable",
    methods=WRITE, right="decaying", changes=True, shows=("vocabulary",),
    summary="Has scores computed by a model",
)  # fmt: skip
def enable(call: Call) -> Answer:
    return _switch(call, enabled=True)


@endpoint(
    "decayingModel", "disable",
    methods=WRITE, right="decaying", changes=True, shows=("vocabulary",),
    summary="Has no more scores computed by a model",
)  # fmt: skip
def disable(call: Call) -> Answer:
    return _switch(call, enabled=False)


@endpoint(
    "decayingModel", "update",
    methods=WRITE, right="site_admin", changes=True,
    summary="Brings the models that come with the node up to date",
)  # fmt: skip
def update(call: Call) -> Answer:
    decaying_changes.update_base_models(call.session)
    text = "Default decaying models updated"
    return Answer(saved(text, "/decayingModel/update"))


@endpoint(
    "decayingModelMapping", "viewAssociatedTypes",
    shows=("vocabulary",), summary="The types that a decaying model is about",
)  # fmt: skip
def view_associated_types(call: Call) -> Answer:
    with reaching(ABSENT):
        model = decaying.one(call.session, call.arg(0))
    return Answer(_types(model))


def _types(model: Model) -> list[str]:
    return [*model.types, *model.mapped]


@endpoint(
    "decayingModelMapping", "linkAttributeTypeToModel",
    methods=WRITE, right="decaying", changes=True,
    summary="Says which types a model is about beyond its own",
    body={"attributetypes": ["text"]},
)  # fmt: skip
def link_attribute_type_to_model(call: Call) -> Answer:
    types = _decoded(call.data("DecayingModelMapping").get("attributetypes"))
    with reaching(ABSENT, (405, "You are not authorised to edit this model.")):
        decaying.one(call.session, call.arg(0))
        if not isinstance(types, list) or not all(isinstance(t, str) for t in types):
            raise MispError(405, "Error while decoding JSON")
        model = decaying_changes.map_types(call.session, call.arg(0), types)
    url = f"/decayingModelMapping/linkAttributeTypeToModel/{model.id}"
    return Answer(saved("The types have been linked.", url, str(model.id)))
