# SPDX-License-Identifier: EUPL-1.2
"""What a process keeps of the enabled warninglists: names, types, networks and patterns.

No exact values and no host names; of those there may be millions.
"""

from collections.abc import Iterator

import msgspec

from brug.intel.vocabulary import listing
from brug.intel.vocabulary.networks import Networks, Range
from brug.intel.vocabulary.patterns import Expressions
from brug.intel.vocabulary.substrings import Needles
from brug.model.value_key import fold
from brug.store.session import Session

ANY_TYPE = "ALL"


class Listed(msgspec.Struct, frozen=True):
    name: str
    category: str
    kind: str
    types: frozenset[str]


class Enabled:
    def __init__(
        self,
        lists: dict[int, Listed],
        networks: dict[int, Networks],
        needles: Needles,
        expressions: Expressions,
    ) -> None:
        self.lists = lists
        self.needles = needles
        self.expressions = expressions
        self._networks = networks
        self._kinds: dict[str, dict[str, frozenset[int]]] = {}

    def kinds_of(self, type_: str) -> dict[str, frozenset[int]]:
        """By kind, the lists that speak of this type; of every type if it is empty."""
        kinds = self._kinds.get(type_)
        if kinds is None:
            gathered: dict[str, set[int]] = {}
            for list_id, listed in self.lists.items():
                if not type_ or type_ in listed.types or ANY_TYPE in listed.types:
                    gathered.setdefault(listed.kind, set()).add(list_id)
            kinds = {kind: frozenset(ids) for kind, ids in gathered.items()}
            self._kinds[type_] = kinds
        return kinds

    def containing(self, asked: Range | None) -> dict[int, str]:
        if asked is None:
            return {}
        family, first, last = asked
        return self._networks[family].containing(first, last)


def load(session: Session) -> Enabled:
    lists = {
        list_id: Listed(name, category, kind, frozenset(types))
        for list_id, name, category, kind, types in session.execute(
            """
            SELECT w.id, w.name, w.category, w.kind,
                   coalesce(array_agg(t.type) FILTER (WHERE t.type IS NOT NULL), '{}')
            FROM warninglist w LEFT JOIN warninglist_type t ON t.warninglist_id = w.id
            WHERE w.enabled GROUP BY w.id ORDER BY w.id
            """
        )
    }
    packed = session.all(
        "SELECT warninglist_id, ipv4, ipv6 FROM warninglist_range"
        " JOIN warninglist ON id = warninglist_id WHERE enabled"
    )
    return Enabled(
        lists,
        {
            4: Networks(4, ((list_id, ipv4) for list_id, ipv4, _ in packed)),
            6: Networks(6, ((list_id, ipv6) for list_id, _, ipv6 in packed)),
        },
        Needles((list_id, fold(entry)) for list_id, entry in _entries(session, lists, "substring")),
        Expressions(_entries(session, lists, "regex")),
    )


def _entries(session: Session, lists: dict[int, Listed], kind: str) -> Iterator[tuple[int, str]]:
    for list_id, listed in lists.items():
        if listed.kind == kind:
            for entry, _ in listing.entries_of(session.connection, list_id):
                yield list_id, entry
