# SPDX-License-Identifier: EUPL-1.2
"""Making, changing and switching decaying models (`brug.intel.decay.decaying`)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from brug.formats import json_text
from brug.intel.decay.decaying import Model, may_change, one
from brug.model.attribute_types.registry import TYPES
from brug.model.errors import Forbidden, Invalid
from brug.store import audit
from brug.store.session import Session


def update_base_models(session: Session) -> int:
    """The models that every node has, as they are now; how many changed."""
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} may not update decaying models")
    changed = int(session.value("SELECT install_decaying_models()"))
    audit.record(session, "update", "DecayingModel", 0, f"{changed} base models")
    return changed


def set_enabled(session: Session, key: str | int, enabled: bool) -> Model:
    """Raises NotFound, Forbidden."""
    model = _changeable(session, key)
    session.execute("UPDATE decaying_model SET enabled = %s WHERE id = %s", (enabled, model.id))
    verb = "enable" if enabled else "disable"
    audit.record(session, verb, "DecayingModel", model.id, model.name)
    return one(session, model.id)


def add(session: Session, given: Mapping[str, Any]) -> Model:
    """Raises Forbidden, Invalid."""
    if not session.principal.may("decaying"):
        raise Forbidden(f"{session.principal.email} may not make decaying models")
    fields = checked({"parameters": {}, **given})
    found = session.value(
        "INSERT INTO decaying_model (name, description, parameters, attribute_types, org_id,"
        " enabled, all_orgs, ref, formula, version)"
        " VALUES (%(name)s, %(description)s, %(parameters)s, %(attribute_types)s, %(org)s,"
        " %(enabled)s, %(all_orgs)s, %(ref)s, %(formula)s, %(version)s) RETURNING id",
        fields | {"org": session.principal.org_id},
    )
    audit.record(session, "add", "DecayingModel", int(found), fields["name"])
    return one(session, int(found))


def edit(session: Session, key: str | int, given: Mapping[str, Any]) -> Model:
    """Raises NotFound, Forbidden, Invalid."""
    model = _changeable(session, key)
    stored = msgspec.structs.asdict(model) | {"attribute_types": model.types}
    parameters = given.get("parameters")
    merged = {**stored, **given}
    if isinstance(parameters, dict):
        merged["parameters"] = {**model.parameters, **parameters}
    session.execute(
        "UPDATE decaying_model SET name = %(name)s, description = %(description)s,"
        " parameters = %(parameters)s, attribute_types = %(attribute_types)s,"
        " enabled = %(enabled)s, all_orgs = %(all_orgs)s, ref = %(ref)s, formula = %(formula)s,"
        " version = %(version)s"
        " WHERE id = %(id)s",
        checked(merged) | {"id": model.id},
    )
    audit.record(session, "edit", "DecayingModel", model.id, model.name)
    return one(session, model.id)


def delete(session: Session, key: str | int) -> Model:
    """Raises NotFound, Forbidden; a model that every node has can only be switched off."""
    model = _changeable(session, key)
    if model.is_default:
        raise Forbidden(f"decaying model {model.id} comes with the node")
    session.execute("DELETE FROM decaying_model WHERE id = %s", (model.id,))
    audit.record(session, "delete", "DecayingModel", model.id, model.name)
    return model


def map_types(session: Session, key: str | int, types: Sequence[str]) -> Model:
    """Sets the types that a model is about beyond its own. Raises NotFound, Forbidden, Invalid."""
    model = _changeable(session, key)
    if unknown := [kind for kind in types if kind not in TYPES]:
        raise Invalid("attributetypes", "types of attributes", unknown[0][:100])
    session.execute("DELETE FROM decaying_model_mapping WHERE model_id = %s", (model.id,))
    session.execute(
        "INSERT INTO decaying_model_mapping SELECT %s, t FROM unnest(%s::text[]) AS t"
        " ON CONFLICT DO NOTHING",
        (model.id, [t for t in types if t not in model.types]),
    )
    audit.record(session, "edit", "DecayingModel", model.id, model.name, {"types": list(types)})
    return one(session, model.id)


def _changeable(session: Session, key: str | int) -> Model:
    model = one(session, key)
    if not may_change(session, model):
        raise Forbidden(f"{session.principal.email} may not change decaying model {model.id}")
    return model


FORMULAS = ("Polynomial", "PolynomialExtended")
_BOUNDS = {
    "lifetime": (0.01, 36_500.0),
    "decay_speed": (0.01, 100.0),
    "threshold": (0.0, 100.0),
    "default_base_score": (0.0, 100.0),
}


def checked_parameters(given: Any) -> dict[str, Any]:
    """Parameters as they are stored; numbers stay whole where they are. Raises Invalid."""
    if isinstance(given, str):
        try:
            given = json_text.decode_nested(given)
        except json_text.Malformed as error:
            raise Invalid("parameters", "a JSON object") from error
    if not isinstance(given, dict):
        raise Invalid("parameters", "an object")
    found: dict[str, Any] = {}
    for name, (low, high) in _BOUNDS.items():
        found[name] = _number(f"parameters.{name}", given.get(name), low, high)
    weights = given.get("base_score_config") or {}
    if not isinstance(weights, dict) or len(weights) > 1000:
        raise Invalid("parameters.base_score_config", "an object of weights by taxonomy")
    found["base_score_config"] = {
        str(name)[:255]: _number("parameters.base_score_config", weight, 0.0, 1000.0)
        for name, weight in weights.items()
    }
    return found


def _number(field: str, value: Any, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid(field, "a number") from error
    if not low <= number <= high:
        raise Invalid(field, f"a number from {low:g} to {high:g}")
    return int(number) if number == int(number) else number


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a model but for whose it is. Raises Invalid."""
    name = given.get("name")
    if not isinstance(name, str) or not name.strip() or "\0" in name or len(name) > 255:
        raise Invalid("name", "The model must have a name")
    formula = given.get("formula") or FORMULAS[0]
    if formula not in FORMULAS:
        raise Invalid("formula", f"one of {', '.join(FORMULAS)}")
    types = given.get("attribute_types") or []
    if not isinstance(types, list) or not all(isinstance(t, str) and "\0" not in t for t in types):
        raise Invalid("attribute_types", "a list of attribute types")
    ref = given.get("ref")
    return {
        "name": name.strip(),
        "description": str(given.get("description") or "").replace("\0", "")[:10_000],
        "parameters": json.dumps(checked_parameters(given.get("parameters"))),
        "attribute_types": types[:1000],
        "enabled": given.get("enabled") in (True, 1, "1", "true"),
        "all_orgs": given.get("all_orgs", True) in (True, 1, "1", "true"),
        "ref": None if ref is None else json.dumps(ref).replace("\\u0000", ""),
        "formula": formula,
        "version": str(given.get("version") or "").replace("\0", "")[:255],
    }
