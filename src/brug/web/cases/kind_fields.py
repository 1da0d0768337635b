# SPDX-License-Identifier: EUPL-1.2
"""The fields of a kind as a form: from its Struct to inputs, from what was typed to values.

Everything follows from the declaration: types and limits, `Meta` with title and description, and
in its `extra` the `titles` of what can be chosen and `choices`, a function that gives values to
choose from where others fit too.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import inspect

from brug.cases.case import Kind
from brug.cases.kind_fields import read_fields
from brug.model.errors import Invalid
from brug.web.fields import Fields
from brug.web.languages import N_
from brug.web.visit import Visit

Shape = Literal["line", "text", "number", "choice", "several", "lines"]
# What is longer has room of its own.
LONG = 500
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_ANSWERS = {"true": N_("Yes"), "false": N_("No")}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field. `titles` are what can be chosen, `choices` what is proposed."""

    name: str
    title: str
    explains: str
    shape: Shape
    titles: Mapping[str, str] = {}
    choices: tuple[str, ...] = ()
    each: str = ""  # what one line of several is
    rest: Mapping[str, Any] = {}  # attributes of the input
    is_flag: bool = False

    @property
    def input(self) -> str:
        """Its name in a form, which is how the engine names it where it is refused."""
        return f"fields.{self.name}"


def fields_of(kind: Kind) -> list[Field]:
    """In the order in which they are declared."""
    return list(_fields_of(kind.fields))


@cache
def _fields_of(declaration: type[msgspec.Struct]) -> tuple[Field, ...]:
    declared = inspect.type_info(declaration)
    assert isinstance(declared, inspect.StructType)  # noqa: S101 — of Kind.fields
    return tuple(_field(one) for one in declared.fields)


def _field(declared: inspect.Field) -> Field:
    kind, said, extra = _bare(declared.type)
    made: dict[str, Any] = {
        "name": declared.name,
        "title": said.get("title", declared.name.replace("_", " ").capitalize()),
        "explains": said.get("description", ""),
    }
    if "choices" in extra:
        made["choices"] = tuple(extra["choices"]())
    match kind:
        case inspect.LiteralType():
            made |= {"shape": "choice", "titles": _titles(kind, extra)}
        case inspect.BoolType():
            made |= {"shape": "choice", "titles": _ANSWERS, "is_flag": True}
        case inspect.IntType():
            limits = {"min": kind.ge, "max": kind.le, "step": 1}
            made |= {"shape": "number", "rest": {k: v for k, v in limits.items() if v is not None}}
        case inspect.ListType():
            item, said_of_item, extra_of_item = _bare(kind.item_type)
            made["each"] = said_of_item.get("title", "")
            if isinstance(item, inspect.LiteralType):
                made |= {"shape": "several", "titles": _titles(item, extra_of_item)}
            else:
                made["shape"] = "lines"
        case inspect.StrType():
            longest = kind.max_length or 0
            made["shape"] = "text" if longest > LONG else "line"
            made["rest"] = {"maxlength": longest} if longest else {}
        case _:
            made["shape"] = "line"
    return Field(**made)


def _bare(kind: inspect.Type) -> tuple[inspect.Type, dict[str, Any], dict[str, Any]]:
    """A type without "or None" and what stands round it, which is the second and the third."""
    if isinstance(kind, inspect.UnionType):
        several = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        kind = several[0]
    if isinstance(kind, inspect.Metadata):
        return kind.type, kind.extra_json_schema or {}, kind.extra or {}
    return kind, {}, {}


def _titles(kind: inspect.LiteralType, extra: Mapping[str, Any]) -> dict[str, str]:
    """In the order of the titles; what has none is called by its own words."""
    titles = dict(extra.get("titles", {}))
    for value in kind.values:
        titles.setdefault(str(value), str(value).replace("_", " ").capitalize())
    return titles


def shown(field: Field, value: Any) -> Any:
    """A value as an input holds it."""
    if value is None:
        return [] if field.shape == "several" else ""
    if field.shape == "lines":
        return "\n".join(str(one) for one in value)
    if field.is_flag:
        return "true" if value else "false"
    return value if field.shape == "several" else str(value)


def typed(fields: list[Field], form: Fields) -> dict[str, Any]:
    """What was sent, as inputs hold it, to be shown again."""
    return {
        one.name: form.all(one.input) if one.shape == "several" else form.get(one.input)
        for one in fields
        if one.shape == "several" or one.input in form
    }


def value_of(field: Field, given: Any) -> Any:
    """What was typed, as the kind may have it; nothing typed empties the field."""
    if field.shape == "several":
        return [one for one in given if one] or None
    text = given.strip()
    if not text:
        return None
    if field.shape == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if field.is_flag:
        return {"true": True, "false": False}.get(text, text)
    if field.shape == "number":
        plain = "".join(text.split())
        return int(plain) if _WHOLE.fullmatch(plain) else text
    return text


def read(kind: Kind, fields: list[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the fields that were sent, each as the kind has it.

    Raises `Misfits` with all that do not fit.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, Invalid] = {}
    for one in fields:
        if one.name in given:
            try:
                value = value_of(one, given[one.name])
                values |= read_fields(kind, {one.name: value})
            except Invalid as error:
                wrong[one.input] = error
    if wrong:
        raise Misfits(wrong)
    return values


class Misfits(Invalid):
    """Several fields at once, each with its error."""

    def __init__(self, errors: Mapping[str, Invalid]) -> None:
        first = next(iter(errors.values()))
        super().__init__(first.field, first.expected)
        self.errors = errors


def complaints(visit: Visit, fields: list[Field], misfits: Misfits) -> dict[str, str]:
    """What each field that does not fit says, by the name of its input."""
    return {
        one.input: complaint(visit, one, misfits.errors[one.input])
        for one in fields
        if one.input in misfits.errors
    }


def complaint(visit: Visit, field: Field, error: Invalid) -> str:
    """What a field says of what was typed, in the reader's words."""
    if field.shape in {"choice", "several"}:
        return visit.gettext("Choose one of the list.")
    if field.shape == "number":
        low, high = field.rest.get("min"), field.rest.get("max")
        if low is None or high is None:
            return visit.gettext("Give a whole number.")
        return visit.gettext("Give a whole number from %(low)s to %(high)s.") % {
            "low": low,
            "high": high,
        }
    if field.shape == "lines" and field.each:
        return visit.gettext("Each line has to be: %(what)s.") % {"what": visit.gettext(field.each)}
    if field.choices:
        return visit.gettext("Give one such as %(example)s.") % {"example": field.choices[0]}
    if "maxlength" in field.rest:
        most = visit.gettext("Give a text of at most %(most)s characters.")
        return most % {"most": field.rest["maxlength"]}
    return visit.sentence(error)


def in_words(visit: Visit, field: Field, value: Any) -> list[str]:
    """A value as a page reads it: one or several lines."""
    several = value if isinstance(value, list) else [value]
    held = ["true" if one is True else "false" if one is False else str(one) for one in several]
    return [visit.gettext(field.titles[one]) if one in field.titles else one for one in held]
