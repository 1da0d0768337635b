# SPDX-License-Identifier: EUPL-1.2
"""CVSS vectors -> scores, severities, and what each metric says (FIRST, versions 2.0 to 4.0).

The arithmetic is that of the `cvss` library; the vector is read here, so that an error names
the metric. Version 4.0 has one score, of whatever metrics are given, and an order of its own.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from cvss import CVSS2, CVSS3, CVSS4
from cvss import constants2 as two
from cvss import constants3 as three
from cvss import constants4 as four

from brug.model.errors import Invalid

RATINGS = (("NONE", 0.0), ("LOW", 3.9), ("MEDIUM", 6.9), ("HIGH", 8.9), ("CRITICAL", 10.0))
"""Each rating with its highest score, in versions 3 and 4 (3.1 section 5, 4.0 section 6)."""
ORDER_V4: list[str] = list(four.METRICS)
"""In which metrics stand in a vector of version 4.0; no other is valid."""
MAX_LENGTH = 500


class _Kind(NamedTuple):
    prefix: str
    names: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    json: Mapping[str, str]
    mandatory: list[str]
    threat: list[str]
    environmental: list[str]
    undefined: str


_KINDS = {
    "2.0": _Kind(
        "", two.METRICS_ABBREVIATIONS, two.METRICS_VALUE_NAMES, two.METRICS_ABBREVIATIONS_JSON,
        two.METRICS_MANDATORY, two.TEMPORAL_METRICS, two.ENVIRONMENTAL_METRICS, "ND",
    ),
    **{
        version: _Kind(
            f"CVSS:{version}/", three.METRICS_ABBREVIATIONS, three.METRICS_VALUE_NAMES,
            three.METRICS_ABBREVIATIONS_JSON, three.METRICS_MANDATORY, three.TEMPORAL_METRICS,
            three.ENVIRONMENTAL_METRICS, "X",
        )
        for version in ("3.0", "3.1")
    },
    "4.0": _Kind(
        "CVSS:4.0/", four.METRICS_ABBREVIATIONS, four.METRICS_VALUE_NAMES,
        four.METRICS_ABBREVIATIONS_JSON, four.METRICS_MANDATORY, ["E"],
        [name for name in four.METRICS if name in {"CR", "IR", "AR"} or name[0] == "M"], "X",
    ),
}  # fmt: skip


class Metric(msgspec.Struct, frozen=True):
    """One metric of a vector in words; `of_value` are all values it can have."""

    key: str
    name: str
    value: str
    meaning: str
    of_values: dict[str, str]


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """A vector with its scores. Where a kind of metric is not in it, that score is None.

    `score` is the one to go by: with whatever metrics are given. `nomenclature` says which
    those were, as in CVSS-BT.
    """

    version: str
    vector: str
    score: float
    severity: str
    nomenclature: str
    base: float | None
    temporal: float | None = None
    environmental: float | None = None
    metrics: dict[str, str]

    def explained(self) -> list[Metric]:
        """Each metric in words, in the order of the standard."""
        kind = _KINDS[self.version]
        return [
            Metric(key, kind.names[key], value, kind.values[key][value], dict(kind.values[key]))
            for key in kind.names
            if (value := self.metrics.get(key)) is not None
        ]

    def json_scores(self) -> dict[str, float | str]:
        """Scores and severities by their property in FIRST's JSON (versions 2 and 3)."""
        found: dict[str, float | str] = {}
        for name, points in zip(("base", "temporal", "environmental"), _points(self), strict=True):
            found[f"{name}Score"] = points
            if self.version != "2.0":
                found[f"{name}Severity"] = severity_of(points)
        return found


def json_metrics(vector: str) -> dict[str, str]:
    """Each metric that can be read in a vector, sound or not, by its property in FIRST's JSON."""
    if len(vector) > MAX_LENGTH:
        return {}
    # Version 2 comes last: it has no prefix, so every vector begins with its.
    kind = next(kind for kind in reversed(_KINDS.values()) if vector.startswith(kind.prefix))
    found = {}
    for step in vector.removeprefix(kind.prefix).split("/"):
        key, _, value = step.partition(":")
        if value in kind.values.get(key, ()):
            found[kind.json[key]] = _word(kind.values[key][value])
    return found


def _word(meaning: str) -> str:
    """A value in FIRST's JSON: ADJACENT_NETWORK is called Adjacent in prose."""
    word = meaning.upper().replace("-", "_").replace(" ", "_")
    return "ADJACENT_NETWORK" if word == "ADJACENT" else word


def _points(scored: Scored) -> tuple[float, float, float]:
    base, temporal, environmental = _library(scored.version, scored.vector).scores()
    # Version 2 gives no score where no metric of that kind is there: it is the one before, then.
    temporal = base if temporal is None else temporal
    return base, temporal, temporal if environmental is None else environmental


def _library(version: str, vector: str) -> Any:
    return {"2.0": CVSS2, "4.0": CVSS4}.get(version, CVSS3)(vector)


def severity_of(score: float) -> str:
    """The rating of a score, in versions 3 and 4."""
    return next(name for name, highest in RATINGS if score <= highest)


def _severity_v2(score: float) -> str:
    """Version 2 has no ratings of its own; these are those of the NVD."""
    return "LOW" if score < 4 else "MEDIUM" if score < 7 else "HIGH"


def score(vector: str) -> Scored:
    """The scores of a vector. Raises Invalid, naming the metric."""
    version = _version(vector)
    metrics = _metrics(version, vector)
    kind = _KINDS[version]
    threat, environmental = (
        any(metrics.get(key, kind.undefined) != kind.undefined for key in keys)
        for keys in (kind.threat, kind.environmental)
    )
    nomenclature = "CVSS-B" + "T" * threat + "E" * environmental
    common: dict[str, Any] = {"version": version, "vector": vector, "metrics": metrics}
    if version == "4.0":
        points = float(CVSS4(vector).base_score)
        return Scored(
            score=points, severity=severity_of(points), nomenclature=nomenclature,
            base=None if threat or environmental else points, **common,
        )  # fmt: skip
    of_base, of_threat, of_all = _library(version, vector).scores()
    points = of_all if environmental else of_threat if threat else of_base
    return Scored(
        score=points,
        severity=_severity_v2(points) if version == "2.0" else severity_of(points),
        nomenclature=nomenclature,
        base=of_base,
        temporal=of_threat if threat else None,
        environmental=of_all if environmental else None,
        **common,
    )


def _version(vector: str) -> str:
    if len(vector) > MAX_LENGTH:
        raise Invalid("vector", f"a CVSS vector of at most {MAX_LENGTH} characters", vector)
    for version, kind in _KINDS.items():
        if kind.prefix and vector.startswith(kind.prefix):
            return version
    if vector.startswith("CVSS:"):
        raise Invalid("vector", "one of CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/ in front", vector)
    if vector.partition(":")[0] in two.METRICS_ABBREVIATIONS:
        return "2.0"
    raise Invalid("vector", "a CVSS vector as in CVSS:4.0/AV:N/AC:L/...", vector)


def _metrics(version: str, vector: str) -> dict[str, str]:
    """The metrics of a vector. Raises Invalid, naming the first that does not fit."""
    kind = _KINDS[version]
    found: dict[str, str] = {}
    last = -1
    for step in vector.removeprefix(kind.prefix).split("/"):
        key, colon, value = step.partition(":")
        if not colon or key not in kind.names:
            raise Invalid("vector", f"a metric of CVSS {version}, as in AV:N", step or "nothing")
        if value not in kind.values[key]:
            values = ", ".join(kind.values[key])
            raise Invalid(key, f"one of {values} ({kind.names[key]})", value or "nothing")
        if key in found:
            raise Invalid(key, f"to be there once ({kind.names[key]})", step)
        if version == "4.0":
            place = ORDER_V4.index(key)
            if place < last:
                before = ORDER_V4[last]
                raise Invalid(key, f"to stand before {before}, as CVSS 4.0 orders them", step)
            last = place
        found[key] = value
    for key in kind.mandatory:
        if key not in found:
            values = ", ".join(kind.values[key])
            raise Invalid(key, f"one of {values} ({kind.names[key]}), but it is not there")
    return found


def metrics_of(version: str) -> list[Metric]:
    """All metrics of a version with all their values, for a form to fill in."""
    kind = _KINDS[version]
    return [
        Metric(key, name, kind.undefined if kind.undefined in kind.values[key] else "",
               kind.values[key].get(kind.undefined, ""), dict(kind.values[key]))
        for key, name in kind.names.items()
    ]  # fmt: skip
