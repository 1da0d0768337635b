# SPDX-License-Identifier: EUPL-1.2
"""How a kind of case is declared: what its tables and small functions (`case.Kind`) are made of."""

import msgspec

from brug.model.words import N_

ALL_ACTS = frozenset({
    "renamed", "filled", "recorded", "joined", "left", "moved", "said", "decided", "planned",
    "linked", "attached", "marked", "embargoed", "asked", "acknowledged",
})  # fmt: skip
# What anyone who takes part may do, and what somebody who only looks on may.
TAKES_PART = ALL_ACTS - {"renamed", "joined", "marked", "embargoed"}
LOOKS_ON = frozenset({"said", "left", "acknowledged"})


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """What a participant is in a case; `may` are the acts, of which the tables say more."""

    key: str
    title: str
    may: frozenset[str] = TAKES_PART
    leads: bool = False  # may also have others join and leave, and settles what conflicts


# Of every kind: a site admin who reads a case of others (brug.cases.breaking). Nobody gives it.
BREAK_GLASS = Role(
    key="break_glass", title=N_("Reads by breaking the glass"), may=frozenset({"left"})
)


class Effect(msgspec.Struct, frozen=True):
    """What follows in another machine, wherever it is in one of these states."""

    machine: str
    source: tuple[str, ...]
    target: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that became so at a time; `by` are roles that may say it of others, too, of those
    in the roles `of` alone where there are any.
    """

    key: str
    title: str
    explains: str = ""
    by: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A time that statistics are kept of: from the first fact of `since` that there is, or the
    opening, to the first that is there of `until`, of a move into one of `states` of `machine`,
    and, with `by_others`, of what another organisation than the opener's said to all.
    """

    key: str
    title: str
    since: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    machine: str = ""
    states: frozenset[str] = frozenset()
    by_others: bool = False
