# SPDX-License-Identifier: EUPL-1.2
"""`limit` and `page` of lists that are short enough to be read whole."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")


def bounds(asked: Mapping[str, Any], default: int | None = None) -> tuple[int | None, int]:
    """(limit, offset); nonsense counts as not said, as in MISP."""
    limit, page = _whole(asked.get("limit")), _whole(asked.get("page")) or 1
    limit = limit or default
    return limit, (page - 1) * limit if limit else 0


def page_of(asked: Mapping[str, Any], items: Sequence[Item]) -> Sequence[Item]:
    limit, offset = bounds(asked)
    return items[offset : offset + limit] if limit else items


def _whole(value: Any) -> int | None:
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) < 9):
        return None
    return int(text) or None
