# SPDX-License-Identifier: EUPL-1.2
"""The severity of a case by a scheme: pure, from its fields alone.

Points add up to a level; each rule that applies lifts it to at least its own. A person may set
another level: it holds with its reason, and what was computed stays beside it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import msgspec

from brug.cases.case import Case
from brug.cases.severity.schemes import Condition, Factor, Level, Rule, Scheme

SET, BECAUSE = "severity_set", "severity_because"


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A factor with its points, or a rule with the level that it asks for."""

    kind: Literal["points", "rule"]
    id: str
    field: str = ""  # of a factor
    title: str = ""  # of a rule
    value: Any = None
    points: int = 0
    at_least: str = ""
    source: str = ""
    status: str = "own"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that would make it another level. `over`: more than that number."""

    field: str
    value: str = ""
    over: int | None = None
    level: str


class Assessed(msgspec.Struct, frozen=True, kw_only=True):
    """`level` is the one that holds; None where nothing is said that it could follow from.

    `was_set` is what a person set, `because` why; without a reason it does not hold.
    """

    level: Level | None
    computed: Level | None
    points: int
    reasons: list[Reason]
    missing: list[str]
    changes: list[Change]
    was_set: str = ""
    because: str = ""
    lacks_reason: bool = False
    is_known: bool = True  # what was set is a level of the scheme

    @property
    def is_set(self) -> bool:
        """Whether a person's word holds and not what was computed."""
        return bool(self.was_set) and not self.lacks_reason and self.is_known


def is_assessed(case: Case) -> bool:
    """Whether the kind of a case has a severity."""
    return SET in case.kind.fields.__struct_fields__


def assess(case: Case, scheme: Scheme, day: date) -> Assessed | None:
    """None for kinds that have no severity."""
    if not is_assessed(case):
        return None
    return assess_fields(case.fields, scheme, day)


def level_of(case: Case, scheme: Scheme, day: date) -> tuple[str, int]:
    """The level that holds, and its rank from 1; 0 where there is none."""
    if not is_assessed(case):
        return "", 0
    found = assess_fields(case.fields, scheme, day, what_if=False)
    if found.level is None:
        return "", 0
    return found.level.id, scheme.rank(found.level.id)


def assess_fields(
    fields: Mapping[str, Any], scheme: Scheme, day: date, *, what_if: bool = True
) -> Assessed:
    """With what would change it, unless only the level is wanted."""
    said = known_of(fields)
    factors, rules = _in_force(scheme, day)
    reasons = _reasons(factors, rules, said)
    computed = _computed(scheme, reasons)
    was_set, because = str(said.get(SET, "")), str(said.get(BECAUSE, "")).strip()
    is_known, lacks = scheme.rank(was_set) > 0, bool(was_set) and not because
    level = scheme.level(was_set) if was_set and is_known and not lacks else computed
    return Assessed(
        level=level,
        computed=computed,
        points=sum(one.points for one in reasons),
        reasons=reasons,
        missing=[one.field for one in factors if one.needed and _points(one, said) is None],
        changes=_what_if(said, scheme, day) if what_if else [],
        was_set=was_set,
        because=because,
        lacks_reason=lacks,
        is_known=is_known or not was_set,
    )


@lru_cache(16)
def _in_force(scheme: Scheme, day: date) -> tuple[list[Factor], list[Rule]]:
    factors = [one for one in scheme.factors if one.in_force(day)]
    return factors, [one for one in scheme.rules if one.in_force(day)]


def known_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is said: neither empty nor unknown; the sectors of the case together."""
    known = {
        name: value for name, value in fields.items() if value not in (None, "", [], (), "unknown")
    }
    sectors = {known.get("sector"), *known.get("other_sectors", ())} - {None}
    if sectors:
        known["sectors"] = sorted(sectors)
    return known


def _number(value: Any) -> int | None:
    if isinstance(value, list | tuple):
        return len(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _points(one: Factor, said: Mapping[str, Any]) -> int | None:
    value = said.get(one.field)
    if one.answers:
        return one.answers.get(value) if isinstance(value, str) else None
    number = _number(value)
    reached = [points for start, points in one.steps if number is not None and number >= start]
    return reached[-1] if reached else None


def _is_so(one: Condition, said: Mapping[str, Any]) -> bool:
    value = said.get(one.field)
    if one.said is not None:
        return (value is not None) is one.said
    if one.over is not None:
        number = _number(value)
        return number is not None and number > one.over
    several = value if isinstance(value, list | tuple) else [value]
    return any(each in one.one_of for each in several)


def _holds(rule: Rule, said: Mapping[str, Any]) -> bool:
    return all(_is_so(one, said) for one in rule.when) and not any(
        _is_so(one, said) for one in rule.unless
    )


def _reasons(factors: list[Factor], rules: list[Rule], said: Mapping[str, Any]) -> list[Reason]:
    by_points = [
        Reason(
            kind="points", id=one.id, field=one.field, value=said.get(one.field), points=points,
            source=one.source, status=one.status,
        )
        for one in factors
        if (points := _points(one, said)) is not None
    ]  # fmt: skip
    return by_points + [
        Reason(
            kind="rule", id=one.id, title=one.title, at_least=one.at_least, source=one.source,
            status=one.status,
        )
        for one in rules
        if _holds(one, said)
    ]  # fmt: skip


def _computed(scheme: Scheme, reasons: list[Reason]) -> Level | None:
    if not reasons:
        return None
    points = sum(one.points for one in reasons)
    by_points = next(one for one in reversed(scheme.levels) if points >= one.points)
    lifted = [scheme.level(one.at_least) for one in reasons if one.at_least]
    return max([by_points, *lifted], key=lambda one: one.points)


def _what_if(said: Mapping[str, Any], scheme: Scheme, day: date) -> list[Change]:
    """Each answer is tried, which takes longer than all else; many cases say the same of what
    the scheme asks about.
    """
    asked = {name: said[name] for name in _fields(scheme) if name in said}
    return list(_tried(scheme, day, msgspec.json.encode(asked, order="sorted")))


@lru_cache(16)
def _fields(scheme: Scheme) -> frozenset[str]:
    return scheme.fields


@lru_cache(1024)
def _tried(scheme: Scheme, day: date, asked: bytes) -> list[Change]:
    said: dict[str, Any] = msgspec.json.decode(asked)
    factors, rules = _in_force(scheme, day)
    now = _computed(scheme, _reasons(factors, rules, said))
    return list(_changes(said, scheme, factors, rules, now))


def _changes(
    said: dict[str, Any], scheme: Scheme, factors: list[Factor], rules: list[Rule],
    now: Level | None,
) -> Iterator[Change]:  # fmt: skip
    """The least that each field would have to say for a higher level; the most for a lower one."""
    if now is not None:
        for one in factors:
            yield from _by_answer(one, said, scheme, factors, rules, now)
    begins = -1 if now is None else now.points
    for rule in rules:
        wanting = [one for one in rule.when if not _is_so(one, said)]
        lifts = scheme.level(rule.at_least).points > begins
        is_open = not any(_is_so(one, said) for one in rule.unless)
        if lifts and is_open and len(wanting) == 1 and wanting[0].said is None:
            (one_,) = wanting
            yield Change(
                field=one_.field, value=", ".join(one_.one_of), over=one_.over, level=rule.at_least
            )


def _by_answer(
    one: Factor, said: dict[str, Any], scheme: Scheme, factors: list[Factor], rules: list[Rule],
    now: Level,
) -> Iterator[Change]:  # fmt: skip
    about = [rule for rule in rules if rule.is_about(one.field)]
    rest = [rule for rule in rules if not rule.is_about(one.field)]
    elsewhere = [factor for factor in factors if factor.field != one.field]
    itself = [factor for factor in factors if factor.field == one.field]
    stays = _reasons(elsewhere, rest, said)
    higher, lower = [], []
    for value, number in _options(one):
        other = said | {one.field: value if number is None else number}
        level = _computed(scheme, stays + _reasons(itself, about, other))
        assert level is not None  # noqa: S101 — the factor itself is a reason
        over = None if number is None else number - 1
        change = Change(field=one.field, value=value, over=over, level=level.id)
        if level.points > now.points:
            higher.append(change)
        elif level.points < now.points and one.field in said and one.answers:
            lower.append(change)  # numbers that fall need no advice
    yield from higher[:1]
    yield from lower[-1:]


def _options(one: Factor) -> list[tuple[str, int | None]]:
    """Its answers in their order, or the numbers at which more points begin."""
    if one.answers:
        ordered = sorted(one.answers.items(), key=lambda pair: pair[1])
        return [(answer, None) for answer, _ in ordered]
    return [("", start) for start, _ in one.steps]
