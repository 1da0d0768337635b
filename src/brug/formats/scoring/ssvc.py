# SPDX-License-Identifier: EUPL-1.2
"""SSVC: from what was observed to what is decided, by CERT/CC's published tables.

A decision keeps each value as namespace:key:version:value, so that a later version of a table
does not change what was decided by an earlier one.
"""

from collections.abc import Mapping

import msgspec

from brug.formats.scoring.ssvc_tables import POINTS, TABLES, Point
from brug.model.errors import Invalid


class Step(msgspec.Struct, frozen=True):
    """One value on the way to a decision. `derived_by` names the table that it came of."""

    point: str
    value: str
    record: str
    derived_by: str | None = None


class Decision(msgspec.Struct, frozen=True):
    """What a table says, and what it was said of."""

    table: str
    outcome: str
    key: str
    record: str
    path: tuple[Step, ...]

    def vector(self) -> str:
        """The decision in one line: each value as key:value, the outcome last."""
        steps = "/".join(step.record.split(":", 1)[1] for step in (*self.path, self._last()))
        return f"SSVC/{self.table}/{steps}/"

    def _last(self) -> Step:
        return Step("outcome", self.outcome, self.record)


def decide(table: str, points: Mapping[str, str]) -> Decision:
    """What a table decides of points by name, as in exploitation=active.

    Values are given by key or name, in any case and with _ for spaces. A point that a table can
    derive (utility of automatable and value density) need not be given. Raises Invalid, naming
    the point.
    """
    chosen = TABLES.get(table)
    if chosen is None:
        raise Invalid("table", f"one of {', '.join(TABLES)}", table)
    for name in points:
        if name not in POINTS:
            raise Invalid(name, f"no such decision point: one of {', '.join(POINTS)}", points[name])
    steps = tuple(step for name in chosen.inputs for step in _steps(name, points))
    used = {step.point for step in steps}
    for name in points:
        if name not in used:
            raise Invalid(name, f"not to be given for {table}: it has no part in it", points[name])
    inputs = [step for step in steps if step.point in chosen.inputs]
    key = chosen.outcome_of([_key(step) for step in inputs])
    outcome = POINTS[chosen.outcome]
    return Decision(table, outcome.values[key], key, outcome.record(key), steps)


def _key(step: Step) -> str:
    return step.record.rpartition(":")[2]


def _steps(name: str, points: Mapping[str, str]) -> list[Step]:
    """The value of a point as it was given, or with the values it is derived of before it."""
    point = POINTS[name]
    if name in points:
        return [_step(name, point, _chosen(name, point, points[name]))]
    deriving = next((t for t in TABLES.values() if t.outcome == name), None)
    if deriving is None or not any(inner in points for inner in deriving.inputs):
        also = f", or {' and '.join(deriving.inputs)}" if deriving is not None else ""
        raise Invalid(name, f"one of {_choices(point)}{also}, but it is not there")
    found = [step for inner in deriving.inputs for step in _steps(inner, points)]
    keys = [_key(step) for step in found if step.point in deriving.inputs]
    derived = _step(name, point, deriving.outcome_of(keys), deriving.name)
    return [*found, derived]


def _step(name: str, point: Point, key: str, derived_by: str | None = None) -> Step:
    return Step(name, point.values[key], point.record(key), derived_by)


def _choices(point: Point) -> str:
    return ", ".join(f"{key} ({word})" for key, word in point.values.items())


def _chosen(name: str, point: Point, given: str) -> str:
    wanted = given.strip().casefold().replace("_", " ")
    for key, word in point.values.items():
        if wanted in {key.casefold(), word.casefold()}:
            return key
    raise Invalid(name, f"one of {_choices(point)}", given)
