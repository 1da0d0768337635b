# SPDX-License-Identifier: EUPL-1.2
"""Sorting and paging of lists: what the query string says, and the addresses that say else."""

from collections.abc import Sequence

import msgspec

from brug.web.rendering import address
from brug.web.visit import Visit


class Sort(msgspec.Struct, frozen=True):
    """By which column, and how to ask for another."""

    key: str
    descending: bool
    path: str
    kept: dict[str, str]

    def href(self, key: str) -> str:
        turned = not self.descending if key == self.key else False
        return address(self.path, self.kept | {"sort": key, "desc": "1" if turned else "0"})


class Paging(msgspec.Struct, frozen=True):
    """Which rows are shown, of how many (None: more than were counted).

    `piece` is the id of what a script puts in the place of what is there, where that is not all
    of the page; `everything` leads to all rows at once.
    """

    first: int
    last: int
    total: int | None
    previous: str | None
    next: str | None
    piece: str = ""
    everything: str | None = None


def kept(visit: Visit, *without: str) -> dict[str, str]:
    """The query as it is, but for some names; empty fields of a form fall away."""
    return {
        name: value
        for name, value in visit.query.pairs
        if value and name not in without
    }  # fmt: skip


def sorting(visit: Visit, keys: Sequence[str], default: str, *, descending: bool = True) -> Sort:
    key = visit.query.get("sort")
    if key not in keys:
        key, down = default, descending
    else:
        down = visit.query.flag("desc")
    return Sort(key, down, visit.path, kept(visit, "sort", "desc", "page"))


def page_number(visit: Visit) -> int:
    return visit.query.number("page", 1, low=1, high=200_000)


def paging(visit: Visit, shown: int, total: int, per_page: int, counted: int | None) -> Paging:
    """`counted`: the total at which counting stops."""
    number = page_number(visit)
    rest = kept(visit, "page")
    first = (number - 1) * per_page
    more = first + shown < total or (counted is not None and total >= counted)

    def to(page: int) -> str:
        return address(visit.path, rest | ({"page": str(page)} if page > 1 else {}))

    return Paging(
        first=first + 1 if shown else 0,
        last=first + shown,
        total=None if counted is not None and total >= counted else total,
        previous=to(number - 1) if number > 1 else None,
        next=to(number + 1) if more and shown else None,
    )
