# SPDX-License-Identifier: EUPL-1.2
"""The entries of a case: signed, immutable, in an order that depends on the set of them alone.

An entry names those that its author had before it (`after`). The order is causal and, where that
leaves a choice, by UUID; never by arrival or by anybody's clock. An entry that somebody does not
have, because it is not for them or has not come yet, orders nothing.
"""

import heapq
from collections.abc import Collection

import msgspec

from brug.cases.acts import AnyAct
from brug.formats.canonical import canonical
from brug.model.errors import Invalid

FORM = "brug-case-entry/1"


class Author(msgspec.Struct, frozen=True):
    """Who speaks: a person of an organisation on a node. User 0 is the node itself.

    `in_person`: for nobody else; whoever may work on cases speaks for the organisation too.
    """

    node: str
    org: str
    user: int
    in_person: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act in a case. `at` is the author's clock, to be read and never to be relied on.

    `to` are the participants that it is for, besides its author; empty is all of them.
    """

    form: str = FORM
    id: str
    case: str
    author: Author
    at: str
    after: tuple[str, ...]
    to: tuple[str, ...] = ()
    act: AnyAct


def encoded(entry: Entry) -> bytes:
    """The bytes that are signed and kept (RFC 8785)."""
    return canonical(entry)


def decoded(data: bytes) -> Entry:
    """Raises Invalid, naming the field."""
    try:
        found = msgspec.json.decode(data, type=Entry)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at ")
        raise Invalid(where.strip("`$.") or "entry", said) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("entry", f"JSON ({error})") from error
    if found.form != FORM:
        raise Invalid("form", FORM, found.form)
    return found


def ordered(entries: Collection[Entry]) -> list[Entry]:
    """Each after all that its author had before it, else by UUID.

    What would be before itself (no honest author writes such) comes last, by UUID.
    """
    known = {entry.id: entry for entry in entries}
    missing = {one.id: len({i for i in one.after if i in known}) for one in known.values()}
    followers: dict[str, list[str]] = {}
    for one in known.values():
        for earlier in set(one.after) & known.keys():
            followers.setdefault(earlier, []).append(one.id)
    ready = [number for number, count in missing.items() if count == 0]
    heapq.heapify(ready)
    order: list[Entry] = []
    while ready:
        first = heapq.heappop(ready)
        order.append(known.pop(first))
        for following in followers.get(first, ()):
            missing[following] -= 1
            if missing[following] == 0:
                heapq.heappush(ready, following)
    return order + sorted(known.values(), key=lambda one: one.id)


def heads(entries: Collection[Entry]) -> tuple[str, ...]:
    """Those that no other follows: what the next entry comes after."""
    followed = {earlier for entry in entries for earlier in entry.after}
    return tuple(sorted({entry.id for entry in entries} - followed))


class Ancestry:
    """Who had what before: over entries in their order."""

    def __init__(self, order: Collection[Entry]) -> None:
        self._place: dict[str, int] = {}
        self._before: list[int] = []
        for place, entry in enumerate(order):
            before = 0
            for earlier in entry.after:
                if (known := self._place.get(earlier)) is not None:
                    before |= self._before[known] | 1 << known
            self._place[entry.id] = place
            self._before.append(before)

    def knew(self, later: str, earlier: str) -> bool:
        """Whether the author of one had the other, directly or through others."""
        return bool(self._before[self._place[later]] >> self._place[earlier] & 1)
