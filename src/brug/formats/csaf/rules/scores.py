# SPDX-License-Identifier: EUPL-1.2
"""Tests of scores (6.1.7-6.1.10): one a version and product, sound, and as the vector says."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from brug.formats.csaf.finding import Spot, mandatory, shown
from brug.formats.csaf.places import Json, Places, record, records, text, texts
from brug.formats.csaf.structure import cvss_faults
from brug.formats.scoring import cvss
from brug.model.errors import Invalid

_KINDS = ("cvss_v2", "cvss_v3")


@mandatory("6.1.7", "Multiple scores with same version per product")
def a_product_has_one_score_a_version(places: Places) -> Iterator[Spot]:
    for at, vulnerability in places.vulnerabilities:
        seen: set[tuple[str, str]] = set()
        for where, score in records(at, vulnerability, "scores"):
            versions = {text(record(score, kind), "version") for kind in _KINDS} - {None}
            for spot, product in texts(where, score, "products"):
                for version in sorted(filter(None, versions)):
                    if (product, version) in seen:
                        words = (
                            f"the product {shown(product)} has a score of CVSS {version} already"
                        )
                        yield spot, words
                    seen.add((product, version))


def _carried(places: Places) -> Iterator[tuple[str, Json]]:
    """Each CVSS object, with its place."""
    for at, score in places.scores():
        for kind in _KINDS:
            if isinstance(score.get(kind), dict):
                yield f"{at}/{kind}", score[kind]


@mandatory("6.1.8", "Invalid CVSS")
def scores_have_the_structure_of_cvss(places: Places) -> Iterator[Spot]:
    for at, score in places.scores():
        for kind in _KINDS:
            if kind in score:
                yield from cvss_faults(kind, score[kind], f"{at}/{kind}")


def _scored(vector: str) -> cvss.Scored | str:
    """The scores of a vector, or why there are none."""
    return _remembered(vector[: cvss.MAX_LENGTH + 1])  # what is longer is refused, and not kept


@lru_cache(maxsize=4096)
def _remembered(vector: str) -> cvss.Scored | str:
    try:
        return cvss.score(vector)
    except Invalid as error:
        return error.public


@mandatory("6.1.9", "Invalid CVSS computation")
def scores_follow_from_their_vectors(places: Places) -> Iterator[Spot]:
    for at, carried in _carried(places):
        vector = text(carried, "vectorString")
        if vector is None:
            continue
        scored = _scored(vector)
        if isinstance(scored, str):
            yield f"{at}/vectorString", f"no score follows from it: {scored}"
            continue
        for name, expected in scored.json_scores().items():
            given = carried.get(name)
            if name in carried and _comparable(given, expected) and given != expected:
                yield f"{at}/{name}", f"expected {expected} by the vector (got {shown(given)})"


def _comparable(given: Any, expected: float | str) -> bool:
    if isinstance(expected, str):
        return isinstance(given, str)
    return isinstance(given, int | float) and not isinstance(given, bool)


@mandatory("6.1.10", "Inconsistent CVSS")
def metrics_are_those_of_the_vector(places: Places) -> Iterator[Spot]:
    for at, carried in _carried(places):
        vector = text(carried, "vectorString")
        for name, expected in ({} if vector is None else cvss.json_metrics(vector)).items():
            given = carried.get(name)
            if isinstance(given, str) and given != expected:
                yield f"{at}/{name}", f"expected {expected} by the vector (got {shown(given)})"
