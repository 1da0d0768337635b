# SPDX-License-Identifier: EUPL-1.2
"""Decaying models and scores as MISP's interface shows them."""

from typing import Any

from brug.intel.decay.decaying import Model, Score, may_change
from brug.store import settings
from brug.store.session import Session

Json = dict[str, Any]


def inner(session: Session, model: Model, *, editable: bool = True) -> Json:
    """What stands under `DecayingModel`."""
    # A list where PHP has nothing to name.
    parameters = dict(model.parameters)
    parameters["base_score_config"] = parameters.get("base_score_config") or []
    owner = model.org_id or settings.get(session, "node.host_org_id") or 1
    shown: Json = {
        "id": str(model.id),
        "uuid": model.uuid,
        "name": model.name,
        "parameters": parameters,
        "attribute_types": model.types,
        "description": model.description,
        "org_id": str(owner),
        "enabled": model.enabled,
        "all_orgs": model.all_orgs,
        "ref": model.ref,
        "formula": model.formula,
        "version": model.version,
        "default": model.is_default,
    }
    if editable:
        shown["isEditable"] = may_change(session, model)
    return shown


def whole(session: Session, model: Model, *, editable: bool = True) -> Json:
    """A model with the types that were added to it."""
    return {
        "DecayingModel": inner(session, model, editable=editable),
        "DecayingModelMapping": [
            {"model_id": str(model.id), "attribute_type": kind} for kind in model.mapped
        ],
    }


def exported(session: Session, model: Model) -> Json:
    """A model as another node takes it in: without what is this node's."""
    shown = inner(session, model)
    return {"DecayingModel": {k: v for k, v in shown.items() if k not in {"id", "uuid", "org_id"}}}


def score(session: Session, found: Score, *, full: bool) -> Json:
    model = found.model
    said = inner(session, model) if full else {"id": str(model.id), "name": model.name}
    return {
        "score": _number(found.score),
        "base_score": _number(found.base),
        "decayed": found.decayed,
        "DecayingModel": said,
    }


def _number(value: float) -> float:
    return int(value) if value == int(value) else round(value, 6)
