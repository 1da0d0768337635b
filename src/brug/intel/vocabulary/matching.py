# SPDX-License-Identifier: EUPL-1.2
"""Which enabled warninglists a value is on, for a whole event at once.

Exact values and host names are looked up by key in the database, in one statement; networks,
substrings and regular expressions in a compact copy that a process keeps for as long as the
lists stay the same. Only types that an enabled list names cost anything.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from threading import Lock

import msgspec

from brug.intel.vocabulary.enabled_lists import Enabled, load
from brug.intel.vocabulary.keys import host_of, parents
from brug.intel.vocabulary.networks import range_of
from brug.model.value_key import fold, key
from brug.store.rows import array
from brug.store.session import Session

# (type, first part, second part or ""); no type: whatever lists there are.
Typed = tuple[str, str, str]

LONGEST = 2048  # of what is compared; a longer value is on no list


class WarninglistHit(msgspec.Struct, frozen=True):
    """`match` is what the list says, `value` the part of the attribute that it is about."""

    warninglist_id: int
    name: str
    category: str
    match: str
    value: str


# What was compiled, by the token of the lists that it was compiled from. A token is random
# and changes with the lists, so an entry is never wrong, only no longer asked for.
_compiled: dict[str, Enabled] = {}
_compiling = Lock()


def match(session: Session, values: Sequence[Typed]) -> list[list[WarninglistHit]]:
    """For each value, the enabled lists that it is on; in the order of the lists' ids."""
    enabled = _enabled(session)
    found: dict[int, dict[int, WarninglistHit]] = {}
    search = _Search(enabled)
    for index, (type_, first, second) in enumerate(values):
        kinds = enabled.kinds_of(type_)
        if kinds:
            search.add(index, first, kinds)
            if second:
                search.add(index, second, kinds)
    for index, owner, matched, part in search.run(session):
        hits = found.setdefault(index, {})
        if owner not in hits:
            about = enabled.lists[owner]
            hits[owner] = WarninglistHit(owner, about.name, about.category, matched, part)
    return [_by_list(found[index]) if index in found else [] for index in range(len(values))]


def listed(session: Session, event_uuids: Sequence[str]) -> frozenset[str]:
    """The attributes of stored events, by UUID, that `match` may find on a list of exact values.

    By their stored keys, without their texts; of nearly all events there are none. All keys are
    looked up together, which goes through the index once and not once for each.
    """
    uuids = list(event_uuids)
    keys = session.all(
        "SELECT DISTINCT k.key FROM warninglist_key k WHERE k.key = ANY (ARRAY("
        " SELECT unnest(ARRAY[a.key1, a.key2]) FROM event e JOIN attribute a ON a.event_id = e.id"
        " WHERE e.uuid = ANY (%s::uuid[])))",
        (uuids,),
    )
    if not keys:
        return frozenset()
    on_list = [key for (key,) in keys]
    found = session.all(
        "SELECT a.uuid::text FROM event e JOIN attribute a ON a.event_id = e.id"
        " WHERE e.uuid = ANY (%s::uuid[]) AND (a.key1 = ANY (%s) OR a.key2 = ANY (%s))",
        (uuids, on_list, on_list),
    )
    return frozenset(row[0] for row in found)


def compared(session: Session) -> Callable[[str], bool]:
    """Whether some enabled list looks at the texts of this type of attribute.

    As all do but those of exact values: host names, networks, substrings and expressions.
    """
    enabled = _enabled(session)
    return cache(lambda type_: not enabled.kinds_of(type_).keys() <= {"string"})


def _by_list(hits: dict[int, WarninglistHit]) -> list[WarninglistHit]:
    return [hits[owner] for owner in sorted(hits)]


def check_values(session: Session, values: Sequence[str]) -> dict[str, list[WarninglistHit]]:
    """The enabled lists, of whatever types, that each value is on; only values with hits."""
    distinct = list(dict.fromkeys(values))
    hits = match(session, [("", value, "") for value in distinct])
    return {value: found for value, found in zip(distinct, hits, strict=True) if found}


def _enabled(session: Session) -> Enabled:
    token = str(session.value("SELECT token FROM warninglist_state"))
    enabled = _compiled.get(token)
    if enabled is None:
        with _compiling:
            enabled = _compiled.get(token) or load(session)
            while len(_compiled) >= 4:
                _compiled.pop(next(iter(_compiled)))
            _compiled[token] = enabled
    return enabled


# (place in the input, id of the list, what the list says, the part of the value)
_Found = tuple[int, int, str, str]


class _Search:
    """Collects what to look up, so that the database is asked once for all values."""

    def __init__(self, enabled: Enabled) -> None:
        self._enabled = enabled
        self._found: list[_Found] = []
        self._names: dict[str, list[tuple[int, frozenset[int], str]]] = {}

    def add(self, index: int, part: str, kinds: dict[str, frozenset[int]]) -> None:
        if not part or len(part) > LONGEST:
            return
        folded = fold(part)
        for kind, lists in kinds.items():
            if kind == "string":
                self._names.setdefault(folded, []).append((index, lists, part))
            elif kind == "hostname":
                for name in parents(host_of(folded)):
                    self._names.setdefault(name, []).append((index, lists, part))
            else:
                for owner, matched in self._within(kind, part, folded).items():
                    if owner in lists:
                        self._found.append((index, owner, matched, part))

    def _within(self, kind: str, part: str, folded: str) -> dict[int, str]:
        """What lists say that are not looked up by key: by list."""
        if kind == "cidr":
            return self._enabled.containing(range_of(part))
        if kind == "substring":
            return self._enabled.needles.within(folded)
        return self._enabled.expressions.within(part) if kind == "regex" else {}

    def run(self, session: Session) -> Iterator[_Found]:
        yield from self._found
        if self._names:
            yield from self._by_key(session)

    def _by_key(self, session: Session) -> Iterable[_Found]:
        names = {key(name): name for name in self._names}
        rows = session.execute(
            "SELECT k.key, k.warninglist_id FROM unnest(%s::bigint[]) AS probe (key)"
            " JOIN warninglist_key k USING (key)",
            [array(list(names))],
        )
        for number, owner in rows:
            name = names[number]
            for index, lists, part in self._names[name]:
                if owner in lists:
                    yield index, owner, name, part
