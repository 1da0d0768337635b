# SPDX-License-Identifier: EUPL-1.2
"""Forms and vectors say the same."""

from itertools import islice

import pytest

from brug.formats.scoring import choosing, cvss
from brug.formats.scoring.ssvc import decide
from brug.formats.scoring.ssvc_tables import POINTS, TABLES
from brug.model.errors import Invalid

VECTORS = (
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:L/A:N",
    "CVSS:3.1/AV:A/AC:H/PR:L/UI:R/S:U/C:L/I:N/A:H/E:P/RL:W/RC:R/CR:H/MAV:P/MS:C",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:N/SI:N/SA:L",
    "CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:P/VC:L/VI:N/VA:H/SC:H/SI:L/SA:N/E:A/CR:H/MSI:S/AU:Y/U:Red",
)


@pytest.mark.parametrize("vector", VECTORS)
def test_what_is_chosen_makes_the_vector_that_it_was_read_of(vector: str) -> None:
    read = cvss.score(vector)
    assert choosing.vector_of(read.version, read.metrics) == vector
    undefined = {key: "X" for group, several in choosing.groups(read.version).items()
                 for one in several if (key := one.key) and group != choosing.BASE}  # fmt: skip
    assert choosing.vector_of(read.version, undefined | read.metrics) == vector


@pytest.mark.parametrize("version", choosing.VERSIONS)
def test_every_metric_is_in_one_group_and_the_base_is_what_a_score_needs(version: str) -> None:
    found = choosing.groups(version)
    keys = [one.key for several in found.values() for one in several]
    assert sorted(keys) == sorted(one.key for one in cvss.metrics_of(version))
    base = [one.key for one in found[choosing.BASE]]
    assert [one.key for one in choosing.lacking(version, {})] == base
    first = {one.key: next(iter(one.of_values)) for one in found[choosing.BASE][:-1]}
    with pytest.raises(Invalid, match=base[-1]):
        cvss.score(choosing.vector_of(version, first))


@pytest.mark.parametrize("table", TABLES)
def test_a_decision_in_a_line_leads_back_to_it(table: str) -> None:
    inputs = TABLES[table].inputs
    for keys in islice(TABLES[table].mapping(), 0, None, 7):
        decision = decide(table, dict(zip(inputs, keys, strict=True)))
        named, points = choosing.ssvc_points(decision.vector())
        assert named == table
        assert decide(named, points) == decision


def test_a_decision_of_derived_points_leads_back_to_what_they_were_derived_of() -> None:
    points = {"exploitation": "A", "automatable": "Y", "value_density": "C",
              "technical_impact": "T", "safety_impact": "R"}  # fmt: skip
    decision = decide("supplier", points)
    assert choosing.ssvc_points(decision.vector()) == ("supplier", points)
    assert decision.outcome == "Immediate"


def test_lines_as_others_write_them() -> None:
    line = "SSVCv2/E:A/EXP:O/A:Y/HI:VH/2026-11-27T09:00:00Z/"
    named, points = choosing.ssvc_points(line, "deployer")
    assert decide(named, points).outcome == "Immediate"
    assert set(points) <= set(POINTS)


@pytest.mark.parametrize(
    "text", ["", "SSVC", "SSVC/nothing/E:A/", "x" * 9999, "SSVC/supplier/E:9.9.9:A/", "SSVCv2/E:A/"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        choosing.ssvc_points(text)
