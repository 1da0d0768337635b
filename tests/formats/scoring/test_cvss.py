# SPDX-License-Identifier: EUPL-1.2
"""Vectors give the scores that their standards print; what is wrong in one is named."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.csaf import opinions
from tests.thorough import examples

from brug.formats.scoring import cvss
from brug.model.errors import Invalid

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
P40 = "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
L40 = "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N"

# Of the examples that FIRST publishes beside its specifications.
EXAMPLES = [
    # CVE-2013-1937, CVE-2013-0375, CVE-2014-3566, CVE-2012-1516, CVE-2014-0160 in version 3.1
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "MEDIUM", "CVSS-B"),
    ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4, "MEDIUM", "CVSS-B"),
    ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1, "LOW", "CVSS-B"),
    ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9, "CRITICAL", "CVSS-B"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5, "HIGH", "CVSS-B"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, "NONE", "CVSS-B"),
    # CVE-2002-0392 in version 2, base and with temporal metrics
    ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8, "HIGH", "CVSS-B"),
    ("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C", 6.4, "MEDIUM", "CVSS-BT"),
    # CVE-2022-41741, CVE-2020-3549, CVE-2023-3089 in version 4.0
    ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3, "HIGH", "CVSS-B"),
    (P40, 7.7, "HIGH", "CVSS-B"),
    (P40 + "/E:U", 5.2, "MEDIUM", "CVSS-BT"),
    (L40, 8.3, "HIGH", "CVSS-B"),
    (L40 + "/CR:H/IR:L/AR:L/MAV:N/MAC:H/MVC:H/MVI:L/MVA:L", 8.1, "HIGH", "CVSS-BE"),
    (V40.replace("SC:N/SI:N/SA:N", "SC:H/SI:H/SA:H"), 10.0, "CRITICAL", "CVSS-B"),
]  # fmt: skip


@pytest.mark.parametrize(("vector", "points", "severity", "nomenclature"), EXAMPLES)
def test_a_vector_has_the_score_of_the_standard(
    vector: str, points: float, severity: str, nomenclature: str
) -> None:
    scored = cvss.score(vector)
    assert (scored.score, scored.severity, scored.nomenclature) == (points, severity, nomenclature)


def test_each_kind_of_score_stands_where_its_metrics_are_given() -> None:
    only = cvss.score(V31)
    assert (only.base, only.temporal, only.environmental) == (9.8, None, None)
    both = cvss.score(V31 + "/E:P/MA:N")
    assert (both.base, both.temporal, both.environmental, both.score) == (9.8, 9.3, 8.6, 8.6)
    assert both.json_scores()["environmentalSeverity"] == "HIGH"
    assert cvss.score(V31 + "/E:X").nomenclature == "CVSS-B"
    assert cvss.score(V40).base == 9.3
    assert cvss.score(V40 + "/E:U").base is None
    assert cvss.score(V40 + "/AU:Y/U:Red").nomenclature == "CVSS-B"  # supplemental: no score


def test_each_metric_is_explained_in_the_order_of_the_standard() -> None:
    metrics = cvss.score("CVSS:3.1/S:U/C:H/I:H/A:H/AV:A/AC:L/PR:N/UI:N").explained()
    assert [one.key for one in metrics] == ["AV", "AC", "PR", "UI", "S", "C", "I", "A"]
    assert (metrics[0].name, metrics[0].meaning) == ("Attack Vector", "Adjacent")
    assert metrics[0].of_values == {
        "N": "Network", "A": "Adjacent", "L": "Local", "P": "Physical"
    }  # fmt: skip
    assert cvss.json_metrics(V31)["attackVector"] == "NETWORK"


WRONG = {
    "": ("vector", "CVSS vector"),
    "CVSS:3.1/": ("vector", "a metric of CVSS 3.1"),
    "CVSS:2.9/AV:N": ("vector", "CVSS:3.0/, CVSS:3.1/ or CVSS:4.0/"),
    "CVSS:3.1/AV:N": ("AC", "Attack Complexity"),
    V31 + "/": ("vector", "a metric"),
    V31 + "/ZZ:N": ("vector", "a metric of CVSS 3.1"),
    V31 + "/E:Q": ("E", "Exploit Code Maturity"),
    V31 + "/AV:N": ("AV", "once"),
    V31 + "/e:P": ("vector", "a metric"),
    V40.replace("AC:L/AT:N", "AT:N/AC:L"): ("AC", "to stand before AT"),
    V40.replace("/SA:N", ""): ("SA", "not there"),
    V40 + "/AU:y": ("AU", "N, Y"),
    V40 + "/" + "E:X/" * 200: ("vector", "at most 500"),
    "AV:N/AC:L/Au:N/C:N/I:N": ("A", "Availability"),
}


@pytest.mark.parametrize(("vector", "error"), WRONG.items())
def test_what_is_wrong_in_a_vector_is_named(vector: str, error: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        cvss.score(vector)
    assert refused.value.field == error[0]
    assert error[1] in refused.value.public


@st.composite
def vectors(draw: st.DrawFn) -> str:
    """Any vector of any version."""
    version = draw(st.sampled_from(["2.0", "3.0", "3.1", "4.0"]))
    steps = []
    for metric in cvss.metrics_of(version):
        optional = metric.value != ""
        if not optional or draw(st.booleans()):
            steps.append(f"{metric.key}:{draw(st.sampled_from(sorted(metric.of_values)))}")
    order = {key: place for place, key in enumerate(cvss.ORDER_V4)}
    if version == "4.0":
        steps.sort(key=lambda step: order[step.partition(":")[0]])
    return "/".join(([] if version == "2.0" else [f"CVSS:{version}"]) + steps)


@given(vectors())
@settings(max_examples=examples(300))
def test_every_vector_has_a_score_and_its_rating(vector: str) -> None:
    scored = cvss.score(vector)
    assert 0 <= scored.score <= 10
    assert scored.version == "2.0" or scored.severity == cvss.severity_of(scored.score)
    assert {one.key: one.value for one in scored.explained()} == scored.metrics
    assert len(cvss.json_metrics(vector)) == len(scored.metrics)


def test_first_gives_vectors_of_version_4_the_same_score() -> None:
    chance = random.Random(4)  # noqa: S311 - which vectors is no secret
    made = []
    for _ in range(2000):
        steps = [
            f"{metric.key}:{chance.choice(sorted(metric.of_values))}"
            for metric in sorted(
                cvss.metrics_of("4.0"), key=lambda one: cvss.ORDER_V4.index(one.key)
            )
            if metric.value == "" or chance.random() < 0.3
        ]
        made.append("/".join(["CVSS:4.0", *steps]))
    assert [cvss.score(vector).score for vector in made] == opinions.of_first(made)


@given(st.text(alphabet="CVSS:3.14/0AVNLPRUIHE \n\0é", max_size=60))
def test_any_text_is_scored_or_refused(text: str) -> None:
    try:
        assert cvss.score(text).vector == text
    except Invalid as error:
        assert error.field  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    ("points", "rating"),
    [(0.0, "NONE"), (0.1, "LOW"), (3.9, "LOW"), (4.0, "MEDIUM"), (6.9, "MEDIUM"), (7.0, "HIGH"),
     (8.9, "HIGH"), (9.0, "CRITICAL"), (10.0, "CRITICAL")],
)  # fmt: skip
def test_ratings_begin_where_the_standard_says(points: float, rating: str) -> None:
    assert cvss.severity_of(points) == rating
