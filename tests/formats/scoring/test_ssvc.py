# SPDX-License-Identifier: EUPL-1.2
"""The tables are those of CERT/CC: their sizes, counts, order and rules; points are named."""

import json
from collections import Counter
from importlib.metadata import files
from itertools import product

import pytest

from brug.formats.scoring.ssvc import decide
from brug.formats.scoring.ssvc_tables import POINTS, TABLES
from brug.model.errors import Invalid


def test_each_point_has_the_values_of_its_published_version() -> None:
    """As the `csaf` package carries them from CERT/CC's repository."""
    wanted = "csaf/csaf/v21csd04/ssvc/catalog.json"
    found = next(path for path in files("csaf") or [] if path.as_posix() == wanted)
    published = json.loads(found.read_text("utf-8"))["namespaces"]["ssvc"]["decision_points"]
    assert len(POINTS) == 20
    for point in POINTS.values():
        version = published[point.key]["versions"][point.version]
        assert {one["key"]: one["name"] for one in version["values"]} == point.values
        assert published[point.key]["latest_version"] == point.version


@pytest.mark.parametrize(
    ("table", "counts"),
    [
        ("supplier", {"D": 1, "S": 8, "O": 14, "I": 13}),
        ("deployer", {"D": 7, "S": 42, "O": 20, "I": 3}),
        ("coordinator_triage", {"D": 150, "T": 15, "C": 27}),
        ("coordinator_publish", {"N": 13, "P": 14}),
    ],
)
def test_a_table_has_a_row_for_each_combination(table: str, counts: dict[str, int]) -> None:
    mapping = TABLES[table].mapping()
    sizes = [len(POINTS[name].values) for name in TABLES[table].inputs]
    expected = 1
    for size in sizes:
        expected *= size
    assert len(mapping) == expected == sum(counts.values())
    assert Counter(mapping.values()) == counts


@pytest.mark.parametrize("table", TABLES)
def test_what_is_worse_is_never_decided_milder(table: str) -> None:
    """Values stand from least to most, and a step up in one never lowers the outcome."""
    chosen = TABLES[table]
    mapping = chosen.mapping()
    rank = {key: place for place, key in enumerate(POINTS[chosen.outcome].values)}
    for keys, outcome in mapping.items():
        for place, name in enumerate(chosen.inputs):
            values = list(POINTS[name].values)
            at = values.index(keys[place])
            if at + 1 < len(values):
                worse = (*keys[:place], values[at + 1], *keys[place + 1 :])
                assert rank[mapping[worse]] >= rank[outcome], (keys, worse)


def test_publication_follows_the_rule_that_is_written_beside_the_table() -> None:
    for involvement, exploitation, value in product(("FR", "C", "UU"), "NPA", "LAP"):
        if value == "P":
            publish = True
        elif value == "L":
            publish = involvement == "UU" and exploitation == "A"
        elif involvement == "UU":
            publish = exploitation in {"P", "A"}
        else:
            publish = exploitation == "A"
        decision = decide("coordinator_publish", {
            "supplier_involvement": involvement, "exploitation": exploitation,
            "public_value_added": value,
        })  # fmt: skip
        assert decision.outcome == ("Publish" if publish else "Do Not Publish")


@pytest.mark.parametrize(
    ("automatable", "density", "utility"),
    [("no", "diffuse", "L"), ("no", "concentrated", "E"), ("yes", "diffuse", "E"),
     ("yes", "concentrated", "S")],
)  # fmt: skip
def test_utility_follows_from_automatable_and_value_density(
    automatable: str, density: str, utility: str
) -> None:
    assert decide("utility", {"automatable": automatable, "value_density": density}).key == utility


@pytest.mark.parametrize(
    "said", ["S", "s", "Super Effective", "super effective", "super_effective"]
)
def test_a_value_is_read_by_key_or_name_however_it_is_typed(said: str) -> None:
    points = {"exploitation": "public_poc", "utility": said, "technical_impact": "total"}
    found = decide("supplier", points | {"public_safety_impact": "minimal"})
    assert {step.point: step.value for step in found.path}["utility"] == "Super Effective"


def test_a_decision_says_its_way_and_keeps_versions() -> None:
    decision = decide("supplier", {
        "exploitation": "Active", "automatable": "y", "value_density": " concentrated ",
        "technical_impact": "T", "safety_impact": "negligible",
    })  # fmt: skip
    assert (decision.outcome, decision.record) == ("Immediate", "ssvc:DSOI:1.0.0:I")
    assert [step.record for step in decision.path] == [
        "ssvc:E:1.1.0:A", "ssvc:A:2.0.0:Y", "ssvc:VD:1.0.0:C", "ssvc:U:1.0.1:S",
        "ssvc:TI:1.0.0:T", "ssvc:SI:2.0.1:N", "ssvc:PSI:2.0.1:M",
    ]  # fmt: skip
    assert [step.derived_by for step in decision.path if step.derived_by] == [
        "utility", "public_safety_impact"
    ]  # fmt: skip
    assert decision.vector() == (
        "SSVC/supplier/E:1.1.0:A/A:2.0.0:Y/VD:1.0.0:C/U:1.0.1:S/TI:1.0.0:T/SI:2.0.1:N"
        "/PSI:2.0.1:M/DSOI:1.0.0:I/"
    )


WHOLE = {"exploitation": "A", "utility": "L", "technical_impact": "P", "public_safety_impact": "M"}


@pytest.mark.parametrize(
    ("table", "points", "field"),
    [
        ("tarot", WHOLE, "table"),
        ("supplier", {}, "exploitation"),
        ("supplier", WHOLE | {"exploitation": "lots"}, "exploitation"),
        ("supplier", WHOLE | {"moon": "full"}, "moon"),
        ("supplier", WHOLE | {"human_impact": "low"}, "human_impact"),
        ("supplier", {k: v for k, v in WHOLE.items() if k != "utility"}, "utility"),
        ("supplier", {k: v for k, v in WHOLE.items() if k != "utility"} | {"automatable": "Y"},
         "value_density"),
        ("supplier", WHOLE | {"automatable": "Y"}, "automatable"),
        ("utility", {"utility": "L"}, "automatable"),
    ],
)  # fmt: skip
def test_a_point_that_does_not_fit_is_named(table: str, points: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        decide(table, points)
    assert refused.value.field == field
