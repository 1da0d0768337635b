# SPDX-License-Identifier: EUPL-1.2
"""The scheme of severity as rows, and what a node corrects in it; whether it can be so.

Levels have points at which they begin, factors give points for answers, rules lift the level to
at least one of them. A node's own table has the same form: a row with an id that there is changes
the fields that it gives, another adds a row; each says where it read what it says.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal, TypeVar

import msgspec

from brug.cases.clocks.rows import expected
from brug.model.errors import Invalid

Status = Literal["verified", "memory", "own"]
_ID = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_LISTS = ("level", "factor", "rule")


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every row says of itself; `is_own`: this node changed or added it."""

    id: str
    source: str = ""
    status: Status = "own"
    where: str = ""
    applies_from: date | None = None
    valid_to: date | None = None
    is_own: bool = False

    def in_force(self, day: date) -> bool:
        if self.applies_from is not None and day < self.applies_from:
            return False
        return self.valid_to is None or day <= self.valid_to


class Level(Row, frozen=True, kw_only=True):
    title: str
    points: int
    colour: str = ""


class Factor(Row, frozen=True, kw_only=True):
    """Points for a field: by answer, or by the last step that a number reaches."""

    field: str
    answers: dict[str, int] = {}
    steps: tuple[tuple[int, int], ...] = ()
    needed: bool = False


class Condition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
    rename={"one_of": "is"},
):  # fmt: skip
    field: str
    one_of: tuple[str, ...] = ()
    over: int | None = None
    said: bool | None = None


class Rule(Row, frozen=True, kw_only=True):
    """All of `when` and none of `unless`: the level is at least this one."""

    title: str
    at_least: str
    when: tuple[Condition, ...]
    unless: tuple[Condition, ...] = ()

    def is_about(self, field: str) -> bool:
        """Whether what the field says decides if it holds."""
        return any(one.field == field for one in (*self.when, *self.unless))


class Scheme(msgspec.Struct, frozen=True, eq=False):
    """Levels are the lowest first. Each that is made is itself alone: what follows from it is
    kept under it.
    """

    levels: tuple[Level, ...]
    factors: tuple[Factor, ...]
    rules: tuple[Rule, ...]
    as_of: date

    @property
    def fields(self) -> frozenset[str]:
        """What it asks about."""
        conditions = [one for rule in self.rules for one in (*rule.when, *rule.unless)]
        return frozenset([one.field for one in self.factors] + [one.field for one in conditions])

    def rank(self, level: str) -> int:
        """From 1; 0 for one that the scheme does not have."""
        return next((n for n, one in enumerate(self.levels, 1) if one.id == level), 0)

    def level(self, level: str) -> Level:
        """Raises Invalid, with the levels that there are."""
        found = next((one for one in self.levels if one.id == level), None)
        if found is None:
            expected = f"one of {', '.join(one.id for one in self.levels)}"
            raise Invalid("severity", expected, level)
        return found


Kept = TypeVar("Kept", bound=Row)


def shipped(text: str, fields: Iterable[str]) -> Scheme:
    """The scheme that we ship; `fields` are those that a case has."""
    file = _parsed(text, "severity.toml")
    empty = Scheme((), (), (), file["as_of"])
    return _with(empty, file, "severity.toml", frozenset(fields), is_own=False)


def corrected(before: Scheme, text: str, name: str, fields: Iterable[str]) -> Scheme:
    """With a node's own rows. Raises Invalid, naming file, row and field."""
    return _with(before, _parsed(text, name), name, frozenset(fields), is_own=True)


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(name, f"TOML ({error})") from error
    for key, value in found.items():
        if key not in {"as_of", *_LISTS}:
            raise Invalid(f"{name}: {key[:80]}", f"one of as_of, {', '.join(_LISTS)}")
        if key in _LISTS and not (
            isinstance(value, list) and all(isinstance(one, dict) for one in value)
        ):
            raise Invalid(f"{name}: {key}", f"rows, each under [[{key}]]")
    return found


def _with(
    before: Scheme, file: Mapping[str, Any], name: str, fields: frozenset[str], *, is_own: bool
) -> Scheme:
    levels = _rows(before.levels, file.get("level", []), Level, name, is_own=is_own)
    made = Scheme(
        tuple(sorted(levels, key=lambda one: one.points)),
        _rows(before.factors, file.get("factor", []), Factor, name, is_own=is_own),
        _rows(before.rules, file.get("rule", []), Rule, name, is_own=is_own),
        before.as_of,
    )
    _require(made, name, fields)
    return made


def _rows(
    before: tuple[Kept, ...], raw: list[dict[str, Any]], form: type[Kept], name: str, *,
    is_own: bool,
) -> tuple[Kept, ...]:  # fmt: skip
    found = {one.id: one for one in before}
    seen: set[str] = set()
    for number, one in enumerate(raw, 1):
        given = one.get("id")
        place = f"{name}: {given[:80] if isinstance(given, str) and given else f'row {number}'}"
        if "is_own" in one:
            raise Invalid(f"{place}.is_own", "no field is_own")
        said = dict(one)
        if is_own:
            if not isinstance(one.get("where"), str) or not one["where"].strip():
                raise Invalid(f"{place}.where", "where the correction was read")
            earlier = found.get(given) if isinstance(given, str) else None
            kept = msgspec.to_builtins(earlier, builtin_types=(date,)) if earlier else {}
            said = {k: v for k, v in kept.items() if v is not None} | said | {"is_own": True}
        row = _converted(said, form, place)
        if row.id in seen or not _ID.fullmatch(row.id) or len(row.id) > 80:
            raise Invalid(f"{place}.id", "lower-case words joined by hyphens, each once", row.id)
        seen.add(row.id)
        found[row.id] = row
    return tuple(found.values())


def _converted(raw: dict[str, Any], form: type[Kept], place: str) -> Kept:
    try:
        return msgspec.convert(raw, form)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `$")
        field = where.strip("`.")
        raise Invalid(f"{place}.{field}" if field else place, expected(said)) from error


def _require(made: Scheme, name: str, fields: frozenset[str]) -> None:
    """Raises Invalid with the row and the field that cannot be so."""
    if not made.levels or made.levels[0].points != 0:
        raise Invalid(f"{name}: level", "a lowest level that begins at 0 points")
    if len({one.points for one in made.levels}) != len(made.levels):
        raise Invalid(f"{name}: level", "levels that each begin at points of their own")
    for one in (*made.levels, *made.factors, *made.rules):
        place = f"{name}: {one.id}"
        if one.status == "verified" and not one.where.strip():
            raise Invalid(f"{place}.where", "where it was verified")
        if one.applies_from and one.valid_to and one.valid_to < one.applies_from:
            raise Invalid(f"{place}.valid_to", "a day after applies_from", str(one.valid_to))
    for factor in made.factors:
        _require_factor(factor, f"{name}: {factor.id}", fields)
    _require_rules(made, name, fields)


def _require_rules(made: Scheme, name: str, fields: frozenset[str]) -> None:
    for rule in made.rules:
        place = f"{name}: {rule.id}"
        if not made.rank(rule.at_least):
            known = ", ".join(one.id for one in made.levels)
            raise Invalid(f"{place}.at_least", f"one of {known}", rule.at_least)
        if not rule.when:
            raise Invalid(f"{place}.when", "at least one condition")
        for each in (*rule.when, *rule.unless):
            _require_condition(each, place, fields)


def _require_factor(one: Factor, place: str, fields: frozenset[str]) -> None:
    if one.field not in fields:
        raise Invalid(f"{place}.field", "a field that incidents have", one.field)
    if bool(one.answers) == bool(one.steps):
        raise Invalid(f"{place}.steps", "either answers or steps")
    starts = [start for start, _ in one.steps]
    if starts != sorted(set(starts)):
        raise Invalid(f"{place}.steps", "pairs of number and points, the smallest number first")
    if any(points < 0 for points in (*one.answers.values(), *(p for _, p in one.steps))):
        raise Invalid(f"{place}.answers", "points from 0")


def _require_condition(one: Condition, place: str, fields: frozenset[str]) -> None:
    if one.field not in fields:
        raise Invalid(f"{place}.when", "a field that incidents have", one.field)
    if sum((bool(one.one_of), one.over is not None, one.said is not None)) != 1:
        raise Invalid(f"{place}.when", "one of is, over and said for each field", one.field)
