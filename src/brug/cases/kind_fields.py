# SPDX-License-Identifier: EUPL-1.2
"""The fields of a kind: what they are, and values of them as machines and people give them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from brug.cases.case import Kind
from brug.cases.expecting import expected
from brug.model.errors import Invalid


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
