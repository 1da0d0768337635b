# SPDX-License-Identifier: EUPL-1.2
"""What a bridge's filters leave, and what they are refused for."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brug.bridges.crossing import filtering
from brug.model.errors import Invalid

EVENT: dict[str, Any] = {
    "uuid": "1b1de3ee-3d1c-4dd4-9c0a-1a2b3c4d5e6f",
    "timestamp": str(int(time.time())),
    "Orgc": {"name": "CSIRT Noordland", "uuid": "a3b0c44d-54be-4b36-9f12-0c0b7f3c5a55"},
    "Tag": [{"name": "tlp:green"}, {"name": "sector:energy"}],
    "Attribute": [{"type": "domain", "value": "a.example"}, {"type": "text", "value": "x"}],
    "Object": [
        {"name": "file", "Attribute": [{"type": "filename", "value": "a"}]},
        {"name": "url", "Attribute": [{"type": "domain", "value": "b.example"}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "crosses"),
    [
        ({}, True),
        ({"tags": ["tlp:green"]}, True),
        ({"tags": ["TLP:GREEN"]}, True),
        ({"tags": ["sector:health"]}, False),
        ({"tags": ["sector:health", "sector:energy"]}, True),
        ({"tags": ["!sector:energy"]}, False),
        ({"tags": ["tlp:green", "!sector:energy"]}, False),
        ({"tags": ["!sector:health"]}, True),
        ({"orgs": ["csirt noordland"]}, True),
        ({"orgs": ["a3b0c44d-54be-4b36-9f12-0c0b7f3c5a55"]}, True),
        ({"orgs": ["!CSIRT Noordland"]}, False),
        ({"days": 1}, True),
    ],
)
def test_an_event_is_wanted_by_tag_organisation_and_age(
    filters: dict[str, Any], crosses: bool
) -> None:
    assert (filtering.wanted(EVENT, filters) is not None) == crosses


def test_an_old_event_is_not_wanted_where_days_are_given() -> None:
    old = {**EVENT, "timestamp": str(int(time.time()) - 3 * filtering.DAY)}
    assert filtering.wanted(old, {"days": 2}) is None
    assert filtering.wanted(old, {"days": 4}) is old


def test_types_leave_out_attributes_and_objects_that_are_empty_then() -> None:
    left = filtering.wanted(EVENT, {"types": ["domain"]})
    assert left is not None
    assert [a["value"] for a in left["Attribute"]] == ["a.example"]
    assert [o["name"] for o in left["Object"]] == ["url"]


def test_an_event_of_which_only_the_title_is_left_is_not_wanted() -> None:
    assert filtering.wanted(EVENT, {"types": ["md5"]}) is None
    empty = {**EVENT, "Attribute": [], "Object": []}
    assert filtering.wanted(empty, {"types": ["md5"]}) == empty
    assert len(EVENT["Attribute"]) == 2


def test_checked_filters_are_what_is_stored() -> None:
    given_ = {"tags": [" tlp:green "], "orgs": [], "days": 30}
    assert filtering.checked(given_) == {"tags": ["tlp:green"], "days": 30}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ([], "filters"),
        ({"tag": []}, "filters.tag"),
        ({"tags": "tlp:green"}, "filters.tags"),
        ({"tags": ["!"]}, "filters.tags"),
        ({"types": [1]}, "filters.types"),
        ({"types": ["domian"]}, "filters.types"),
        ({"days": 0}, "filters.days"),
        ({"days": True}, "filters.days"),
        ({"days": "7"}, "filters.days"),
    ],
)
def test_wrong_filters_are_refused_by_field(wrong: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        filtering.checked(wrong)
    assert refused.value.field == field


_names = st.sampled_from(["tlp:green", "tlp:red", "sector:energy", "!tlp:red", "!tlp:green"])


@given(st.lists(_names), st.lists(_names), st.lists(_names))
def test_asking_for_less_never_lets_more_cross(
    have: list[str], some: list[str], more: list[str]
) -> None:
    """Every further "!name" can only take away."""
    event = {**EVENT, "Tag": [{"name": n} for n in have if not n.startswith("!")]}
    never = [n for n in more if n.startswith("!")]
    if filtering.wanted(event, {"tags": [*some, *never]}) is not None:
        wanted = [n for n in some if not n.startswith("!")]
        assert filtering.wanted(event, {"tags": wanted}) is not None
