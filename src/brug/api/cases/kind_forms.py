# SPDX-License-Identifier: EUPL-1.2
"""What the interface gives of kinds of cases, as Structs."""

from typing import Any

import msgspec


class KindNamed(msgspec.Struct, frozen=True):
    """`prefix` begins the numbers of its cases."""

    key: str
    title: str
    prefix: str


class Kinds(msgspec.Struct, frozen=True):
    """The kinds of cases of this node."""

    kinds: list[KindNamed]


class Role(msgspec.Struct, frozen=True):
    """What a participant is; `may` are the acts of the role, of which `leads` adds some."""

    key: str
    title: str
    may: list[str]
    leads: bool


class Named(msgspec.Struct, frozen=True):
    """A name with its title for people."""

    key: str
    title: str


class Effect(msgspec.Struct, frozen=True):
    """What follows in another machine, wherever it is in one of these states."""

    machine: str
    source: list[str]
    target: str


class Transition(msgspec.Struct, frozen=True):
    """`needs` are fields and facts that have to be there; with `asks` it wants `because`."""

    trigger: str
    title: str
    source: list[str]
    target: str
    roles: list[str]
    needs: list[str]
    asks: bool
    also: list[Effect]


class Machine(msgspec.Struct, frozen=True):
    """`each` are the roles that have one of their own; none: the case has it."""

    key: str
    title: str
    initial: str
    final: list[str]
    each: list[str]
    states: list[Named]
    transitions: list[Transition]


class Fact(msgspec.Struct, frozen=True):
    """Something that became so at a time."""

    key: str
    title: str
    explains: str


class Rule(msgspec.Struct, frozen=True):
    """A deadline that a case of the kind may have; `trigger` is the fact that starts it."""

    id: str
    title: str
    source: str
    trigger: str
    period: str
    obliged: list[str]
    is_verified: bool


class KindShown(msgspec.Struct, frozen=True):
    """A kind as it is declared; `fields` is the JSON Schema of what `filled` takes.

    The first machine is the one that lists show; a case is over where it is final.
    """

    key: str
    title: str
    prefix: str
    opener: str
    roles: list[Role]
    machines: list[Machine]
    facts: list[Fact]
    clocks: list[Rule]
    fields: dict[str, Any]
