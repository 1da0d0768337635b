# SPDX-License-Identifier: EUPL-1.2
"""Each kind's declarations against its tables in docs/spec, over all states and triggers."""

import msgspec
import pytest
from msgspec import inspect
from tests.cases import spec

from brug.cases.case import Kind, Machine
from brug.cases.kind_fields import value_type
from brug.cases.kinds import KINDS

EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
MACHINES = [(kind, machine) for kind in KINDS.values() for machine in kind.machines]
EACH_MACHINE = pytest.mark.parametrize(
    ("kind", "machine"), MACHINES, ids=[f"{kind.key}-{machine.key}" for kind, machine in MACHINES]
)


@EVERY
def test_the_machines_are_those_of_the_tables(kind: Kind) -> None:
    assert [one.key for one in kind.machines] == list(spec.machines(kind.key))


@EACH_MACHINE
def test_every_state_answers_every_trigger_as_the_table_says(kind: Kind, machine: Machine) -> None:
    told = spec.machines(kind.key)[machine.key]
    triggers = {one.trigger for one in machine.transitions} | {name for _, name in told.lines}
    for state in machine.states:
        for trigger in triggers:
            found = machine.find(state, trigger)
            line = found and spec.Line(
                found.target, found.roles, frozenset(found.needs), found.asks
            )
            assert line == told.lines.get((state, trigger)), (state, trigger)
    assert {state for state, _ in told.lines} <= machine.states.keys()
    assert (machine.initial, machine.final) == (told.initial, told.final)
    assert told.follows == {
        (one.trigger, one.target, effect.machine, frozenset(effect.source), effect.target)
        for one in machine.transitions
        for effect in one.also
    }


@EACH_MACHINE
def test_every_state_is_reached_and_only_final_ones_end(kind: Kind, machine: Machine) -> None:
    effects = [
        effect for other in kind.machines for one in other.transitions for effect in one.also
    ]
    reached = {machine.initial} | {one.target for one in effects if one.machine == machine.key}
    for _ in machine.states:
        reached |= {one.target for state in reached for one in machine.leaving(state)}
    assert reached == machine.states.keys()
    left = {state for one in effects if one.machine == machine.key for state in one.source}
    ends = {state for state in machine.states if not machine.leaving(state)} - left
    assert ends <= machine.final
    for one in machine.transitions:
        assert one.roles <= {role.key for role in kind.roles}
        assert one.target in machine.states


@EVERY
def test_roles_and_facts_are_those_of_the_tables(kind: Kind) -> None:
    roles = {row[0]: row[1] == "yes" for row in spec.rows(spec.section(kind.key, "Roles"))}
    assert {one.key: one.leads for one in kind.roles} == roles
    assert kind.opener in {one.key for one in kind.roles if one.leads}
    facts = [row[0] for row in spec.rows(spec.section(kind.key, "Facts"))] if kind.facts else []
    assert [one.key for one in kind.facts] == facts


@EVERY
def test_what_a_transition_needs_can_be_given(kind: Kind) -> None:
    fields = {one.name for one in msgspec.structs.fields(kind.fields)}
    known = fields | {one.key for one in kind.facts}
    assert not fields & {one.key for one in kind.facts}
    for machine in kind.machines:
        assert machine.each <= {role.key for role in kind.roles}
        for one in machine.transitions:
            assert set(one.needs) <= known
    triggers = {one.trigger for machine in kind.machines for one in machine.transitions}
    for check in kind.checks:
        assert check.blocks <= triggers


@EVERY
def test_every_field_is_of_a_type_that_forms_have(kind: Kind) -> None:
    """Texts, whole numbers, yes or no, choices; lists of texts or of choices."""
    whole = (inspect.StrType, inspect.IntType, inspect.BoolType, inspect.LiteralType)
    for one in msgspec.structs.fields(kind.fields):
        held = value_type(one.type)
        if isinstance(held, inspect.ListType):
            item = held.item_type
            item = item.type if isinstance(item, inspect.Metadata) else item
            assert isinstance(item, inspect.StrType | inspect.LiteralType), one.name
        else:
            assert isinstance(held, whole), one.name


@EVERY
def test_every_field_is_optional_and_says_what_it_is(kind: Kind) -> None:
    schema = msgspec.json.schema(kind.fields)
    assert msgspec.json.decode(b"{}", type=kind.fields) is not None
    for name, one in next(iter(schema["$defs"].values()))["properties"].items():
        assert any("title" in part for part in (one, *one.get("anyOf", ()))), name
