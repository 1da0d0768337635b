# SPDX-License-Identifier: EUPL-1.2
"""Which attribute types and categories exist, which go together, what is preset.

Read from the `describeTypes.json` that the pymisp distribution publishes; its code is
never imported (tens of megabytes, a web client). Rules for values are in `rules`.
"""

import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

import msgspec


class Defaults(NamedTuple):
    """What an attribute of this type gets when its sender says nothing."""

    category: str
    to_ids: bool


def _published() -> dict[str, Any]:
    spec = importlib.util.find_spec("pymisp")  # finds a top-level package without running it
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pymisp is not installed; it publishes the attribute types")
    folder = Path(spec.submodule_search_locations[0])
    document = msgspec.json.decode((folder / "data" / "describeTypes.json").read_bytes())
    result: dict[str, Any] = document["result"]
    return result


_RESULT = _published()

TYPES: tuple[str, ...] = tuple(_RESULT["types"])
CATEGORIES: tuple[str, ...] = tuple(_RESULT["categories"])
CATEGORIES_OF: dict[str, frozenset[str]] = {
    of: frozenset(c for c, types in _RESULT["category_type_mappings"].items() if of in types)
    for of in TYPES
}
_DEFAULTS: dict[str, Defaults] = {
    of: Defaults(preset["default_category"], bool(preset["to_ids"]))
    for of, preset in _RESULT["sane_defaults"].items()
}


def describe_types() -> dict[str, Any]:
    """The `result` of MISP's `/attributes/describeTypes`; shared, so not to be changed."""
    return _RESULT


def defaults(type_: str) -> Defaults:
    """Raises KeyError for a type that does not exist."""
    return _DEFAULTS[type_]
