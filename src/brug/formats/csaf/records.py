# SPDX-License-Identifier: EUPL-1.2
"""Decoded JSON -> records, and back, with all that the records do not know.

For documents whose structure was found sound (`structure`); nothing is checked here.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from msgspec import inspect

from brug.formats.csaf.parts import Part

P = TypeVar("P", bound=Part)
Make = Callable[[Any], Any]


def made(kind: type[P], value: dict[str, Any]) -> P:
    """The record of a decoded object."""
    known = _fields(kind)
    given: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, inner in value.items():
        if name not in known:
            extra[name] = inner
            continue
        attribute, make = known[name]
        given[attribute] = inner if make is None else make(inner)
    return kind(extra=extra, **given)


def plain(part: Part) -> dict[str, Any]:
    """The object of a record: what it does not say is absent, what it did not know is there."""
    value = dict(part.extra)
    for name, (attribute, make) in _fields(type(part)).items():
        inner = getattr(part, attribute)
        if inner is None or inner == []:
            continue
        if make is None:
            value[name] = inner
        elif isinstance(inner, list):
            value[name] = [plain(one) for one in inner]
        else:
            value[name] = plain(inner)
    return value


@cache
def _fields(kind: type[Part]) -> dict[str, tuple[str, Make | None]]:
    """Each property's attribute, and what makes a record of it."""
    info: Any = inspect.type_info(kind)
    return {
        field.encode_name: (field.name, _maker(field.type))
        for field in info.fields
        if field.name != "extra"
    }


def _maker(kind: inspect.Type) -> Make | None:
    match kind:
        case inspect.Metadata(type=inner):
            return _maker(inner)
        case inspect.UnionType(types=types):
            return next((make for t in types if (make := _maker(t))), None)
        case inspect.StructType(cls=cls):
            part: Any = cls
            return lambda value: made(part, value)
        case inspect.ListType(item_type=item):
            make = _maker(item)
            return None if make is None else lambda value: [make(one) for one in value]
    return None
