# SPDX-License-Identifier: EUPL-1.2
"""How much an indicator is still worth: MISP's decaying models, computed when asked.

The score of a model is `base * (1 - (t / lifetime) ^ (1 / decay_speed))`, `t` the time since
the attribute was last changed or seen (arXiv:1902.03914, section 4; MISP 2.5's Polynomial
formula). The base score comes from tags: each taxonomy that the model weighs counts by its
weight's share among those that are there. Nothing is stored but the models.
"""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import msgspec

from brug.model.errors import NotFound
from brug.model.naming import number_in
from brug.store.session import Session

DAY = 86_400


class Model(msgspec.Struct, frozen=True):
    """A model; `types` are those that it names itself, `mapped` those added to them.

    `of_any_type`: asked for by its number, so that it scores whatever is found.
    """

    id: int
    uuid: str | None
    name: str
    parameters: dict[str, Any]
    types: list[str]
    description: str
    org_id: int
    enabled: bool
    all_orgs: bool
    ref: Any
    formula: str
    version: str
    is_default: bool
    mapped: list[str] = []
    of_any_type: bool = False

    def is_about(self, kind: str) -> bool:
        return self.of_any_type or kind in self.types or kind in self.mapped


class Carried(msgspec.Struct, frozen=True):
    """A tag as far as scores go."""

    name: str
    value: float | None


class Score(msgspec.Struct, frozen=True):
    score: float
    base: float
    decayed: bool
    model: Model


_COLUMNS: LiteralString = (
    "m.id, m.uuid::text, m.name, m.parameters, m.attribute_types, m.description, m.org_id,"
    " m.enabled, m.all_orgs, m.ref, m.formula, m.version, m.is_default,"
    " ARRAY(SELECT p.attribute_type FROM decaying_model_mapping p WHERE p.model_id = m.id"
    "   ORDER BY 1)"
)


def every(session: Session) -> list[Model]:
    """The models that the session sees, by id."""
    rows = session.all("SELECT " + _COLUMNS + " FROM decaying_model m ORDER BY m.id")
    return [Model(*row) for row in rows]


def one(session: Session, key: str | int) -> Model:
    """By id. Raises NotFound."""
    text = str(key)
    row = session.one(
        "SELECT " + _COLUMNS + " FROM decaying_model m WHERE m.id = %s", (number_in(text),)
    )
    if row is None:
        raise NotFound(f"no decaying model {text[:40]!r}")
    return Model(*row)


def may_change(session: Session, model: Model) -> bool:
    """Site admins all; whoever has the right, those of the own organisation."""
    principal = session.principal
    own = model.org_id == principal.org_id and not model.is_default
    return principal.is_site_admin or (own and principal.may("decaying"))


def scores(
    models: Sequence[Model],
    kind: str,
    last: int,
    tags: Sequence[Carried],
    now: int | None = None,
) -> list[Score]:
    """What an attribute that was last seen or changed at `last` scores in each model."""
    elapsed = (int(time.time()) if now is None else now) - last
    return [_score(model, elapsed, tags) for model in models if model.is_about(kind)]


def _score(model: Model, elapsed: int, tags: Sequence[Carried]) -> Score:
    p = model.parameters
    base = base_score(p, tags)
    lifetime = float(p["lifetime"])
    if model.formula == "PolynomialExtended":
        kept = [t.value for t in tags if t.value and t.name.startswith("retention:")]
        lifetime = min(kept, default=lifetime)
    value = polynomial(base, elapsed / DAY, lifetime, float(p["decay_speed"]))
    return Score(value, base, value < float(p["threshold"]), model)


def polynomial(base: float, days: float, lifetime: float, speed: float) -> float:
    """From `base` at no days to 0 at the end of the lifetime, never outside."""
    if days <= 0:
        return base
    if days >= lifetime:
        return 0.0
    return max(0.0, base * (1 - math.pow(days / lifetime, 1 / speed)))


def base_score(parameters: Mapping[str, Any], tags: Sequence[Carried]) -> float:
    """The weighted mean of what tags say, or the model's own where none says anything."""
    weights = parameters.get("base_score_config") or {}
    counted = [
        (float(weights[part]), tag.value)
        for tag in tags
        if tag.value is not None and (part := _weighed(tag.name, weights))
    ]
    total = sum(weight for weight, _ in counted)
    if total <= 0:
        return float(parameters["default_base_score"])
    return min(100.0, sum(weight / total * value for weight, value in counted))


def _weighed(name: str, weights: Mapping[str, Any]) -> str | None:
    """Which weight a tag falls under: its taxonomy with predicate, or the taxonomy."""
    predicate = name.partition("=")[0]
    return next((p for p in (predicate, predicate.partition(":")[0]) if p in weights), None)


def seen_last(session: Session, attribute_ids: Sequence[int]) -> dict[int, int]:
    """When each attribute was last seen, as far as the session sees sightings."""
    rows = session.all(
        "SELECT attribute_id, max(date_sighting) FROM sighting"
        " WHERE attribute_id = ANY (%s) AND type = 0 GROUP BY attribute_id",
        (list(attribute_ids),),
    )
    return {int(row[0]): int(row[1]) for row in rows}


def numbers_of(session: Session, names: Sequence[str]) -> dict[str, int]:
    """What taxonomies say that tags are worth; tags may say otherwise themselves."""
    rows = session.all(
        "SELECT t.namespace || ':' || p.value, p.numerical_value FROM taxonomy t"
        " JOIN taxonomy_predicate p ON p.taxonomy_id = t.id WHERE p.numerical_value IS NOT NULL"
        " AND t.namespace = ANY (%(spaces)s)"
        " AND t.namespace || ':' || p.value = ANY (%(names)s)"
        " UNION ALL SELECT t.namespace || ':' || p.value || '=\"' || e.value || '\"',"
        " e.numerical_value FROM taxonomy t JOIN taxonomy_predicate p ON p.taxonomy_id = t.id"
        " JOIN taxonomy_entry e ON e.taxonomy_predicate_id = p.id"
        " WHERE e.numerical_value IS NOT NULL AND t.namespace = ANY (%(spaces)s)"
        " AND t.namespace || ':' || p.value || '=\"' || e.value || '\"' = ANY (%(names)s)",
        {"names": list(names), "spaces": list({name.partition(":")[0] for name in names})},
    )
    return {row[0]: int(row[1]) for row in rows}
