# SPDX-License-Identifier: EUPL-1.2
"""What a field of a kind expects, said of a value that does not fit.

The library says which rule was broken; whoever typed the value wants to know what would do: the
choices where there are some, an example where there is a form.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import inspect

NAMES: Final = {"int": "a whole number", "str": "a text", "array": "a list"}
_LENGTH: Final = re.compile(r"of length <= (\d+)")


def expected(annotation: Any, error: msgspec.ValidationError) -> str:
    """In words that go on after "expected"."""
    said = str(error).partition(" - at ")[0]
    said = said.removeprefix("Expected ").partition(", got")[0].replace("`", "")
    said = _LENGTH.sub(r"of at most \1 characters", said.replace(" | null", ""))
    layers = list(_layers(inspect.type_info(annotation)))
    choices = next((one.values for one in layers if isinstance(one, inspect.LiteralType)), ())
    if said.startswith("Invalid enum value"):
        return "one of " + ", ".join(str(one) for one in choices)
    if "matching regex" in said:
        schemas = (one.extra_json_schema or {} for one in layers if _is_metadata(one))
        examples = [text for one in schemas for text in one.get("examples", ())]
        if examples:
            return "a text such as " + " or ".join(examples)
    first, _, rest = said.partition(" ")
    return f"{NAMES.get(first, first)} {rest}".rstrip()


def _layers(found: inspect.Type) -> Iterator[Any]:
    """A type, what it wraps, and what the list holds that it may be."""
    yield found
    if isinstance(found, inspect.UnionType):
        for one in found.types:
            yield from _layers(one)
    elif isinstance(found, inspect.Metadata):
        yield from _layers(found.type)
    elif isinstance(found, inspect.ListType):
        yield from _layers(found.item_type)


def _is_metadata(one: Any) -> bool:
    return isinstance(one, inspect.Metadata)
