# SPDX-License-Identifier: EUPL-1.2
"""`limit` and `page` of lists that are short enough to be read whole."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")


def bounds(asked: Mapping[str, Any]) -> tuple[int | None, int]:
    """(limit, offset); nonsense counts as not said, as in MISP."""
    limit, page = _whole(asked.get("limit")), _whole(asked.get("page")) or 1
    return limit, (page - 1) * limit if limit else 0


def bounds_within(asked: Mapping[str, Any], largest: int) -> tuple[int, int]:
    """The same of lists that are given out in pages of at most `largest`."""
    limit = min(_whole(asked.get("limit")) or largest, largest)
    return limit, ((_whole(asked.get("page")) or 1) - 1) * limit


def page_of(asked: Mapping[str, Any], items: Sequence[Item]) -> Sequence[Item]:
    limit, offset = bounds(asked)
    return items[offset : offset + limit] if limit else items


def _whole(value: Any) -> int | None:
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) < 9):
        return None
    return int(text) or None
