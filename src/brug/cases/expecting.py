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

from brug.model.errors import Invalid

NAMES: Final = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text",
    "array": "a list", "object": "an object",
}  # fmt: skip
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_LENGTH: Final = re.compile(r"of length ([<>])= (\d+)")
_MOST: Final = {"<": "at most", ">": "at least"}
# The library says `$.fields` for where, and names a field only in words where it is not one.
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")


def expected(annotation: Any, error: msgspec.ValidationError) -> str:
    """In words that go on after "expected"."""
    return of_text(annotation, str(error).partition(" - at ")[0])


def of_text(annotation: Any, said: str, place: str = "") -> str:
    """The same of what the library said, and of which field of a Struct: `[0].tlp`."""
    said = plain(said)
    layers = list(_layers(inspect.type_info(annotation)))
    names = _NAME.findall(place)
    is_tag = said.startswith("Invalid value")  # of the field that says which Struct it is
    for name in names[:-1] if is_tag else names:
        layers = [each for one in layers for each in _of_field(one, name)]
    if is_tag:
        tags = {str(one.tag) for one in layers if isinstance(one, inspect.StructType)}
        return "one of " + ", ".join(sorted(tags))
    choices = [str(value) for one in layers for value in getattr(one, "values", ())]
    if said.startswith("Invalid enum value") and choices:
        return "one of " + ", ".join(dict.fromkeys(choices))
    if "matching regex" in said:
        schemas = (one.extra_json_schema or {} for one in layers if _is_metadata(one))
        examples = [text for one in schemas for text in one.get("examples", ())]
        if examples:
            return "a text such as " + " or ".join(examples)
    return said


def refused(annotation: Any, error: msgspec.ValidationError, whole: str) -> Invalid:
    """The error that names the field; what does not fit as a whole is called so."""
    said, there, where = str(error).rpartition(" - at `$")
    said, where = (said, where) if there else (str(error), "")
    place = where.strip("`").removeprefix(".")[:200]
    if found := _UNKNOWN.fullmatch(said):
        return Invalid(_joined(place, found[1][:60]), "no such field")
    if found := _MISSING.fullmatch(said):
        return Invalid(_joined(place, found[1]), "to be there")
    return Invalid(place or whole, of_text(annotation, said, place))


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def plain(said: str) -> str:
    """What the library says of a value, in words for whoever gave it."""
    said = said.removeprefix("Expected ").partition(", got")[0].replace("`", "")
    if said == "Number out of range":
        return "a smaller number"
    first, _, rest = said.replace(" | null", "").partition(" ")
    of = "items" if first == "array" else "characters"
    rest = _LENGTH.sub(lambda found: f"of {_MOST[found[1]]} {found[2]} {of}", rest)
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


def _of_field(found: Any, name: str) -> Iterator[Any]:
    for one in found.fields if isinstance(found, inspect.StructType) else ():
        if one.encode_name == name:
            yield from _layers(one.type)


def _is_metadata(one: Any) -> bool:
    return isinstance(one, inspect.Metadata)
