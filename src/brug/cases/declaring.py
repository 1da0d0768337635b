# SPDX-License-Identifier: EUPL-1.2
"""How a kind of case is declared. Tables and small functions; the engine does the rest."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from brug.cases.expecting import expected
from brug.model.errors import Invalid
from brug.model.words import N_

if TYPE_CHECKING:
    from brug.cases.case import Case, Participant

ALL_ACTS = frozenset({
    "renamed", "filled", "recorded", "joined", "left", "moved", "said", "decided", "planned",
    "linked", "attached", "marked", "embargoed", "asked", "acknowledged",
})  # fmt: skip
# What anyone who takes part may do, and what somebody who only looks on may.
TAKES_PART = ALL_ACTS - {"renamed", "joined", "marked", "embargoed"}
LOOKS_ON = frozenset({"said", "left", "acknowledged"})


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """What a participant is in a case; `may` are the acts, of which the tables say more."""

    key: str
    title: str
    may: frozenset[str] = TAKES_PART
    leads: bool = False  # may also have others join and leave, and settles what conflicts


# Of every kind: a site admin who reads a case of others (brug.cases.breaking). Nobody gives it.
BREAK_GLASS = Role(
    key="break_glass", title=N_("Reads by breaking the glass"), may=frozenset({"left"})
)


class Effect(msgspec.Struct, frozen=True):
    """What follows in another machine, wherever it is in one of these states."""

    machine: str
    source: tuple[str, ...]
    target: str


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a machine's table.

    `needs` are fields and facts that have to be there first; `asks` asks for a reason; `also`
    is what follows from it in other machines, of the case and of all who take part. `reads`
    answers what the reason has to say and does not. `beside`: one that did not know of another
    of the same trigger holds as well, from the state to which the other led.
    """

    trigger: str
    title: str
    source: tuple[str, ...]
    target: str
    roles: frozenset[str]
    needs: tuple[str, ...] = ()
    asks: bool = False
    also: tuple[Effect, ...] = ()
    reads: "Callable[[Case, str], str] | None" = None
    beside: bool = False


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """States and their transitions, once for the case or once for each of some roles."""

    key: str
    title: str
    states: Mapping[str, str]  # key -> title, in their usual order
    initial: str
    final: frozenset[str]
    transitions: tuple[Transition, ...]
    each: frozenset[str] = frozenset()  # roles that have one of their own; none: the case has it
    apart: bool = False  # shown on a page of its own, not among the next steps
    # Steps are for those who lead the case and the one whose state it is, and for nobody else.
    discreet: bool = False

    def leaving(self, state: str) -> list[Transition]:
        """The transitions that a state has."""
        return [one for one in self.transitions if state in one.source]

    def find(self, state: str, trigger: str) -> Transition | None:
        return next((one for one in self.leaving(state) if one.trigger == trigger), None)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that became so at a time; `by` are roles that may say it of others, too."""

    key: str
    title: str
    explains: str = ""
    by: frozenset[str] = frozenset()


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be looked at: a warning, or what blocks some triggers until it is mended.

    `finds` answers what is wrong, in words, or nothing; it is given the case, and whose
    state would be moved ("" for the case's own). `title` says for people what it asks
    for; `about` are the fields and facts where that is mended.
    """

    key: str
    title: str = ""
    about: tuple[str, ...] = ()
    finds: "Callable[[Case, str], str]"
    blocks: frozenset[str] = frozenset()


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A time that statistics are kept of: from the first fact of `since` that there is, or the
    opening, to the first that is there of `until`, of a move into one of `states` of `machine`,
    and, with `by_others`, of what another organisation than the opener's said to all.
    """

    key: str
    title: str
    since: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    machine: str = ""
    states: frozenset[str] = frozenset()
    by_others: bool = False


def _by_role(_: "Case", one: "Participant") -> frozenset[str]:
    return frozenset({one.role})


def _none(_: "Case") -> frozenset[str]:
    return frozenset()


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """All that the engine has to know of a kind.

    `fields` is a Struct of optional fields whose `Meta` holds title, description and limits; in
    its `extra` may be `titles` of what can be chosen, in their order, and `choices`, a function
    that gives values to choose from where others fit too.
    The first machine is what lists and boards show; a case is over where it is final.
    """

    key: str
    title: str
    prefix: str  # of the numbers that people say
    fields: type[msgspec.Struct]
    roles: tuple[Role, ...]
    opener: str  # the role of whoever opens one
    machines: tuple[Machine, ...]
    facts: tuple[Fact, ...] = ()
    # Rows of the table of deadlines (brug.cases.clocks); as what a participant is bound by
    # them, and the circumstances in which some do not bind.
    clocks: tuple[str, ...] = ()
    bound: "Callable[[Case, Participant], frozenset[str]]" = _by_role
    circumstances: "Callable[[Case], frozenset[str]]" = _none
    checks: tuple[Check, ...] = ()
    measures: tuple[Measure, ...] = ()

    def role(self, key: str) -> Role:
        """Raises Invalid, with the roles that there are."""
        if key == BREAK_GLASS.key:
            return BREAK_GLASS
        found = next((one for one in self.roles if one.key == key), None)
        if found is None:
            raise Invalid("role", f"one of {', '.join(one.key for one in self.roles)}", key)
        return found

    def machine(self, key: str) -> Machine:
        """Raises Invalid, with the machines that there are."""
        found = next((one for one in self.machines if one.key == key), None)
        if found is None:
            raise Invalid("machine", f"one of {', '.join(m.key for m in self.machines)}", key)
        return found

    def fact(self, key: str) -> Fact:
        """Raises Invalid, with the facts that there are."""
        found = next((one for one in self.facts if one.key == key), None)
        if found is None:
            raise Invalid("fact", f"one of {', '.join(one.key for one in self.facts)}", key)
        return found


@cache
def fields_of(fields: type[msgspec.Struct]) -> Mapping[str, Any]:
    """The fields of a kind's Struct by their names."""
    return {one.name: one for one in msgspec.structs.fields(fields)}


def read_fields(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the kind's Struct has them, in plain form; null empties a field.

    Raises Invalid, naming the field and what was expected.
    """
    known = fields_of(kind.fields)
    read: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise Invalid(f"fields.{name}"[:100], f"one of {', '.join(known)}")
        if value is None:
            read[name] = None
            continue
        try:
            read[name] = msgspec.to_builtins(msgspec.convert(value, known[name].type))
        except msgspec.ValidationError as error:
            wanted = expected(known[name].type, error)
            raise Invalid(f"fields.{name}", wanted, str(value)) from error
    return read


def read_texts(kind: Kind, given: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The same of what people type: texts, of which a list takes all and anything else one.

    Nothing, or nothing but space, empties a field. Raises Invalid, naming the field.
    """
    known = fields_of(kind.fields)
    values: dict[str, Any] = {}
    for name, texts in given.items():
        said = [text.strip() for text in texts if text.strip()]
        if name not in known or not said:
            values[name] = None
            continue
        is_list = isinstance(value_type(known[name].type), msgspec.inspect.ListType)
        if not is_list and len(said) > 1:
            raise Invalid(f"fields.{name}", "one value", ", ".join(said))
        try:
            values[name] = msgspec.convert(
                said if is_list else said[0], known[name].type, strict=False
            )
        except msgspec.ValidationError as error:
            wanted = expected(known[name].type, error)
            raise Invalid(f"fields.{name}", wanted, ", ".join(said)) from error
    return read_fields(kind, values)


def explained(kind: Kind) -> list[tuple[str, str, str]]:
    """Each field with its title and what it takes, in words: choices, a text, a whole number."""
    return [
        (name, _title(one.type) or name, _takes(msgspec.inspect.type_info(one.type)))
        for name, one in fields_of(kind.fields).items()
    ]


def _title(annotation: Any) -> str:
    found = msgspec.inspect.type_info(annotation)
    several = found.types if isinstance(found, msgspec.inspect.UnionType) else (found,)
    schemas = (getattr(one, "extra_json_schema", None) or {} for one in several)
    return next((str(one["title"]) for one in schemas if "title" in one), "")


def _takes(held: Any) -> str:
    examples: list[str] = []
    while isinstance(held, msgspec.inspect.Metadata | msgspec.inspect.UnionType):
        if isinstance(held, msgspec.inspect.UnionType):
            held = held.types[0]
            continue
        examples = (held.extra_json_schema or {}).get("examples", examples)
        held = held.type
    match held:
        case msgspec.inspect.ListType():
            return f"several: {_takes(held.item_type)}"
        case msgspec.inspect.LiteralType():
            return ", ".join(str(one) for one in held.values)
        case msgspec.inspect.BoolType():
            return "true, false"
        case msgspec.inspect.IntType():
            return "a whole number"
        case _:
            return f"a text such as {' or '.join(examples)}" if examples else "a text"


def value_type(annotation: Any) -> msgspec.inspect.Type:
    """What a field holds where it holds something."""
    found = msgspec.inspect.type_info(annotation)
    if isinstance(found, msgspec.inspect.UnionType):
        found = next(one for one in found.types if not isinstance(one, msgspec.inspect.NoneType))
    while isinstance(found, msgspec.inspect.Metadata):
        found = found.type
    return found
