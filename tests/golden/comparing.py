# SPDX-License-Identifier: EUPL-1.2
"""What differs between a recorded answer and ours: status, shape, texts of refusals.

The shape is: the same fields at each level, the same JSON kind in each, lists item by
item. Values are compared where a request decides them (`SAID`); ids, times, keys, colours
and what else the node makes up are not. Each difference is one line of text that begins
with where it is.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.golden.numbering import paired

SAID = frozenset(
    {
        "message", "name", "errors", "success", "saved", "value", "type", "category", "comment",
        "to_ids", "distribution", "published", "deleted", "disable_correlation", "info",
        "threat_level_id", "analysis", "object_relation", "first_seen", "last_seen",
        "relationship_type", "attribute_count", "sharing_group_id", "local", "source", "email",
        "read_only", "content", "check_publish", "exportable", "numerical_value", "org_id",
        "orgc_id", "role_id", "enabled", "active", "releasability", "roaming", "extends_uuid",
        "url", "title", "setting", "expiration", "allowed_ips", "date", "id", "perm_site_admin",
    }
)  # fmt: skip
# Fields whose names are data: the names may differ, the values' kinds may not.
OPEN = frozenset({"statistics", "stats", "response_counts"})
# Lists whose length hangs on what else the node holds.
LOOSE = frozenset({"RelatedEvent", "RelatedAttribute", "GalaxyCluster", "Galaxy", "GalaxyElement"})


def differences(theirs: Any, ours: Any, *, cut: bool = False) -> list[str]:
    """Each way in which ours is not theirs, once; `cut`: theirs ends early."""
    return sorted(set(_differences(theirs, ours, "", cut, whole=True)))


def _differences(theirs: Any, ours: Any, at: str, cut: bool, *, whole: bool) -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        yield from _fields(theirs, ours, at, cut)
    elif isinstance(theirs, list) and isinstance(ours, list):
        yield from _items(theirs, ours, at, cut, whole=whole)
    elif _kind(theirs) != _kind(ours):
        yield f"{at or '.'}: {_kind(theirs)} {_short(theirs)}, ours {_kind(ours)} {_short(ours)}"
    elif theirs != ours and at.rpartition(".")[2].removesuffix("[]") in SAID:
        yield f"{at}: {_short(theirs)}, ours {_short(ours)}"


def _fields(theirs: dict[str, Any], ours: dict[str, Any], at: str, cut: bool) -> Iterator[str]:
    names = [*theirs, *(name for name in ours if name not in theirs)]
    numbers = len(theirs) > 0 and all(re.fullmatch(r"\d+|[0-9a-f-]{36}", name) for name in theirs)
    for name in names:
        place = f"{at}.{'#' if numbers else name}"
        if name not in ours:
            yield f"{place} is missing"
        elif name not in theirs:
            if not cut:
                yield f"{place} is more"
        else:
            yield from _differences(theirs[name], ours[name], place, cut, whole=False)


def _items(theirs: list[Any], ours: list[Any], at: str, cut: bool, *, whole: bool) -> Iterator[str]:
    loose = whole or cut or at.rpartition(".")[2] in LOOSE
    if loose and theirs and not ours:
        yield f"{at}[] is empty, theirs has {len(theirs)}"
    elif len(theirs) != len(ours) and not loose:
        yield f"{at}[] has {len(theirs)}, ours {len(ours)}"
    for left, right in paired(theirs, ours):
        yield from _differences(left, right, f"{at}[]", cut, whole=False)


def _kind(value: Any) -> str:
    for kind, name in (
        (bool, "flag"), (int, "number"), (float, "number"), (str, "text"), (list, "list"),
        (dict, "map"),
    ):  # fmt: skip
        if isinstance(value, kind):
            return name
    return "null"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 160 else text[:160] + "..."
