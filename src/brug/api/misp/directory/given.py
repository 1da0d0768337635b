# SPDX-License-Identifier: EUPL-1.2
"""The body of a change to the directory -> typed fields, by a table; the rest is ignored."""

from collections.abc import Callable, Mapping
from typing import Any

from brug.formats.misp import coercion

Kind = Callable[[str, Any], Any]


def text(field: str, value: Any) -> str:
    return coercion.text(field, value)


def flag(field: str, value: Any) -> bool:
    return coercion.flag(field, value)


def number(field: str, value: Any) -> int | None:
    return coercion.integer(field, value)


def untouched(_field: str, value: Any) -> Any:
    """For fields whose own check reads several kinds."""
    return value


def given(kinds: Mapping[str, Kind], body: Mapping[str, Any]) -> dict[str, Any]:
    """Null says nothing, for every kind but those that are left untouched."""
    return {
        name: kind(name, body[name])
        for name, kind in kinds.items()
        if name in body and (body[name] is not None or kind is untouched)
    }
