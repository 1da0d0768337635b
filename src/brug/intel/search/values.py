# SPDX-License-Identifier: EUPL-1.2
"""Terms for values -> conditions that an index answers.

An exact term is a key; both parts of a composite are looked up, the joined text never. A
term with `%` is found through trigrams by `search_values`, a definer's function, because
LIKE cannot use an index under a row policy; without three literal characters in a row it
needs another filter that narrows the search first. The audience is repeated where the key
is the only anchor: it stands in the index behind the key.
"""

import re
from collections.abc import Iterable
from typing import LiteralString

import msgspec

from brug.intel.search.fragments import Fragment, all_of, any_of, negated
from brug.intel.search.terms import Terms, is_pattern, like
from brug.model.errors import Invalid
from brug.model.value_key import fold, key

# pg_trgm takes letters and digits; three in a row make a trigram.
_TRIGRAM = re.compile(r"[^\W_]{3}")
MOST_PATTERNS = 100
ANCHOR_NEEDED = (
    "at least three letters or digits in a row beside %, or another filter that narrows the"
    " search, such as eventid, uuid, tags or org"
)


_MINE: LiteralString = " AND a.audience = ANY (my_audiences())"
_BY_KEY: LiteralString = "(a.key1 = ANY (%s) OR a.key2 = ANY (%s))"
_FOUND: LiteralString = "a.id IN (SELECT attribute_id FROM search_values(%s, %s))"
_READ: LiteralString = "(lower(a.value1) LIKE ANY (%s) OR lower(a.value2) LIKE ANY (%s))"


class Seeker(msgspec.Struct, frozen=True):
    """How to look: does the session see everything; does another filter narrow the search."""

    everything: bool
    anchored: bool

    def condition(self, field: str, terms: Terms) -> Fragment:
        """Raises Invalid where a wildcard has too little beside it."""
        sought = [any_of(self._sought(field, [term])) for term in terms.all]
        if terms.any:
            sought.append(any_of(self._sought(field, list(terms.any))))
        if terms.none:
            sought.append(negated(any_of(_read(terms.none))))
        return all_of(sought)

    def _sought(self, field: str, some: list[str]) -> list[Fragment]:
        patterns = [like(term).lower() for term in some if is_pattern(term)]
        parts = [self._by_key(some)] if len(patterns) < len(some) else []
        if not patterns:
            return parts
        if self.anchored:
            return [*parts, Fragment(_READ, (patterns, patterns))]
        require_trigrams(field, patterns)
        return [*parts, Fragment(_FOUND, (patterns, self.everything))]

    def _by_key(self, some: list[str]) -> Fragment:
        keys = keys_of(some)
        mine = "" if self.everything or self.anchored else _MINE
        return Fragment(_BY_KEY + mine, (keys, keys))


_MY: LiteralString = " AND audience = ANY (my_audiences())"


def source(terms: Terms, everything: bool) -> Fragment | None:
    """Attributes by exact value, in place of their table; None where the terms hold patterns.

    Two index scans with the audience in their conditions: under one OR it would be a filter,
    which a large set of audiences makes slow. One key is compared, not looked for in a list,
    so that the server keeps the plan.
    """
    if not terms.any or terms.all or any(is_pattern(term) for term in terms.any):
        return None
    keys = keys_of(terms.any)
    mine = "" if everything else _MY
    if len(keys) == 1:
        text = (
            "(SELECT * FROM attribute WHERE key1 = %s" + mine + " UNION ALL"
            " SELECT * FROM attribute WHERE key2 = %s" + mine + " AND key1 <> %s)"
        )
        return Fragment(text, (keys[0], keys[0], keys[0]))
    text = (
        "(SELECT * FROM attribute WHERE key1 = ANY (%s)" + mine + " UNION ALL"
        " SELECT * FROM attribute WHERE key2 = ANY (%s)" + mine + " AND key1 <> ALL (%s))"
    )
    return Fragment(text, (keys, keys, keys))


def keys_of(terms: Iterable[str]) -> list[int]:
    """The index keys of the exact terms among these."""
    return [key(fold(term.strip())) for term in terms if not is_pattern(term)]


def require_trigrams(field: str, patterns: list[str]) -> None:
    """Raises Invalid for patterns that the trigram index cannot narrow."""
    if len(patterns) > MOST_PATTERNS:
        raise Invalid(field, f"at most {MOST_PATTERNS} terms with %")
    for pattern in patterns:
        if _TRIGRAM.search(pattern) is None:
            raise Invalid(field, ANCHOR_NEEDED, pattern)


def _read(some: Iterable[str]) -> list[Fragment]:
    """As a check of rows that something else has found."""
    terms = list(some)
    patterns = [like(term).lower() for term in terms if is_pattern(term)]
    parts = []
    if len(patterns) < len(terms):
        keys = keys_of(terms)
        parts.append(Fragment(_BY_KEY, (keys, keys)))
    if patterns:
        parts.append(Fragment(_READ, (patterns, patterns)))
    return parts
