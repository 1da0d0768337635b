# SPDX-License-Identifier: EUPL-1.2
"""Severity against its tables in docs/spec/severity.md, answer by answer and rule by rule."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases import spec
from tests.thorough import examples

from brug.cases.kinds.incident_fields import LEVELS
from brug.cases.severity import scheme
from brug.cases.severity.assessing import Assessed, assess_fields, known_of
from brug.cases.severity.schemes import Condition, Factor

DAY = date(2026, 11, 27)
SHIPPED = scheme()
FACTORS = {row[0]: row for row in spec.rows(spec.section("severity", "Factors"))}
RULES = {row[0]: row for row in spec.rows(spec.section("severity", "Rules"))}


def assessed(**fields: Any) -> Assessed:
    return assess_fields(fields, SHIPPED, DAY)


def level(**fields: Any) -> str | None:
    found = assessed(**fields).level
    return found.id if found else None


def test_levels_are_those_of_the_table() -> None:
    told = [[one.id, one.title, one.colour, str(one.points), one.status] for one in SHIPPED.levels]
    assert told == spec.rows(spec.section("severity", "Levels"))
    assert tuple(one.id for one in SHIPPED.levels) == LEVELS


def gives(one: Factor) -> str:
    if one.answers:
        return ", ".join(f"{answer} {points}" for answer, points in one.answers.items())
    return ", ".join(f"from {start} {points}" for start, points in one.steps)


def test_factors_are_those_of_the_table() -> None:
    assert [one.id for one in SHIPPED.factors] == list(FACTORS)
    for one in SHIPPED.factors:
        told = [one.id, one.field, gives(one), "yes" if one.needed else "no"]
        assert told == FACTORS[one.id]


def said(one: Condition) -> str:
    if one.one_of:
        return f"{one.field} is {' or '.join(one.one_of)}"
    return f"{one.field} said" if one.over is None else f"{one.field} over {one.over}"


def test_rules_are_those_of_the_table() -> None:
    assert [one.id for one in SHIPPED.rules] == list(RULES)
    for one in SHIPPED.rules:
        told = [one.id, one.at_least, "; ".join(map(said, one.when)),
                "; ".join(map(said, one.unless)), one.source, one.status]  # fmt: skip
        assert told == RULES[one.id]


def by_table(**fields: str) -> str:
    """The level by the points that the table gives for answers, computed a second time."""
    points = 0
    for _, field, told, _ in FACTORS.values():
        pairs = [one.rsplit(" ", 1) for one in told.split(", ")]
        points += sum(int(number) for answer, number in pairs if fields.get(field) == answer)
    levels = spec.rows(spec.section("severity", "Levels"))
    return [one[0] for one in levels if points >= int(one[3])][-1]


def test_all_answers_together_give_the_level_of_the_table() -> None:
    names = ("functional_impact", "information_impact", "recoverability")
    for answers in product(("none", "low", "medium", "high"), repeat=3):
        fields = dict(zip(names, answers, strict=True))
        assert level(**fields) == by_table(**fields), fields


@pytest.mark.parametrize("one", [f for f in SHIPPED.factors if f.steps], ids=lambda one: one.id)
def test_each_step_counts_from_its_number_on(one: Factor) -> None:
    for start, points in one.steps:
        before = [p for s, p in one.steps if s < start]
        for number, wanted in ((start, points), (start - 1, before[-1] if before else 0)):
            if number < 0:
                continue
            is_list = one.field in {"services", "countries", "sectors"}
            value = [f"x{n}" for n in range(number)] if is_list else number
            field = "other_sectors" if one.field == "sectors" else one.field
            assert assessed(**{field: value}).points == wanted


def meeting(conditions: tuple[Condition, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for one in conditions:
        if one.one_of:
            fields[one.field] = [one.one_of[0]] if one.field == "harm" else one.one_of[0]
        elif one.over is not None:
            fields[one.field] = one.over + 1
        else:
            fields[one.field] = "marketplace"
    return fields


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=lambda one: one.id)
def test_each_rule_lifts_where_all_of_it_is_so_and_only_there(rule: Any) -> None:
    fields = meeting(rule.when)
    found = assessed(**fields)
    assert rule.id in {one.id for one in found.reasons}
    assert found.computed
    assert found.computed.points >= SHIPPED.level(rule.at_least).points
    for one in rule.when:
        less = {name: value for name, value in fields.items() if name != one.field}
        assert rule.id not in {r.id for r in assessed(**less).reasons}
        if one.over is not None:
            edge = fields | {one.field: one.over}
            assert rule.id not in {r.id for r in assessed(**edge).reasons}, "not above it"
    for one in rule.unless:
        assert rule.id not in {r.id for r in assessed(**(fields | meeting((one,)))).reasons}, (
            "planned maintenance never counts"
        )


def test_without_an_answer_there_is_no_level_and_unknown_is_no_answer() -> None:
    several: tuple[dict[str, Any], ...] = (
        {},
        {"summary": "x"},
        {"large_scale": "unknown"},
        {"countries": []},
    )
    for fields in several:
        found = assessed(**fields)
        assert (found.level, found.points, found.changes and found.changes[0].level) in {
            (None, 0, "very_large"), (None, 0, False),
        }  # fmt: skip
        assert found.missing == ["functional_impact", "information_impact", "recoverability"]
    assert known_of({"sector": "energy", "other_sectors": ["health", "energy"]})["sectors"] == [
        "energy", "health",
    ]  # fmt: skip


def test_a_persons_level_holds_with_its_reason_and_the_computed_stays_beside() -> None:
    fields = {"functional_impact": "low", "severity_set": "very_large"}
    bare = assessed(**fields)
    assert (bare.lacks_reason, bare.is_set, bare.level) == (True, False, bare.computed)
    held = assessed(**fields, severity_because="The minister asks")
    assert held.level
    assert held.computed
    assert (held.is_set, held.level.id, held.computed.id) == (True, "very_large", "minor")
    strange = assessed(functional_impact="low", severity_set="gigantic", severity_because="so")
    assert (strange.is_known, strange.is_set, strange.level) == (False, False, strange.computed)


ANSWERS = st.sampled_from(["none", "low", "medium", "high"])
FIELDS = st.fixed_dictionaries({}, optional={
    "functional_impact": ANSWERS, "information_impact": ANSWERS, "recoverability": ANSWERS,
    "users_affected": st.integers(0, 10**7), "people_affected": st.integers(0, 10**6),
    "services": st.lists(st.sampled_from("abcdefg"), max_size=6),
    "countries": st.lists(st.sampled_from(["NL", "BE", "DE", "FR", "IT"]), max_size=5),
    "service_type": st.sampled_from(["dns", "cloud", "trust_service"]),
    "outage_minutes": st.integers(0, 60), "loss_eur": st.integers(0, 10**6),
    "harm": st.lists(st.sampled_from(["death", "health", "access"]), max_size=2),
})  # fmt: skip


@given(FIELDS)
@settings(max_examples=examples(60), deadline=None)
def test_what_would_change_it_does(fields: dict[str, Any]) -> None:
    found = assess_fields(fields, SHIPPED, DAY)
    for one in found.changes:
        if one.over is not None:
            value: Any = one.over + 1
            if one.field in {"services", "countries"}:
                value = [f"x{n}" for n in range(value)]
            if one.field == "sectors":
                continue  # two fields make it
        else:
            value = [one.value] if one.field == "harm" else one.value
        then = assess_fields(fields | {one.field: value}, SHIPPED, DAY).computed
        assert then
        assert then != found.computed
        assert then.points >= SHIPPED.level(one.level).points or (
            found.computed and then.points < found.computed.points
        )


def test_rows_count_while_they_are_in_force() -> None:
    early = SHIPPED.rules[0].__class__(
        id="x", title="x", at_least="large", when=SHIPPED.rules[0].when,
        applies_from=date(2027, 1, 1), valid_to=date(2027, 12, 31),
    )  # fmt: skip
    assert [early.in_force(date(year, 6, 1)) for year in (2026, 2027, 2028)] == [
        False, True, False,
    ]  # fmt: skip
