# SPDX-License-Identifier: EUPL-1.2
"""Which types correlate, and which parts of a composite do.

The type of the other attribute does not matter, only whether it correlates at all. In a
composite each part does on its own, but a port says nothing.
"""

from typing import NamedTuple

from brug.model.attribute_types.registry import TYPES
from brug.model.attribute_types.rules import COMPOSITES

_NOT_CORRELATING = frozenset(
    {"aba-rtn", "anonymised", "boolean", "comment", "cortex", "counter", "float", "gender"}
    | {"http-method", "integer", "nationality", "port"}
)
_FIRST_PART_ONLY = frozenset({"ip-src|port", "ip-dst|port", "hostname|port"})


class Parts(NamedTuple):
    first: bool
    second: bool


_PARTS = {
    of: Parts(
        first=of not in _NOT_CORRELATING,
        second=of in COMPOSITES and of not in _FIRST_PART_ONLY,
    )
    for of in TYPES
}


def correlates(type_: str) -> bool:
    """Raises KeyError for a type that does not exist."""
    return _PARTS[type_].first


def correlating_parts(type_: str) -> Parts:
    """Raises KeyError for a type that does not exist."""
    return _PARTS[type_]
