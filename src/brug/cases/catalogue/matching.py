# SPDX-License-Identifier: EUPL-1.2
"""Whether an advisory concerns a product that somebody runs, how surely, and why. Pure.

1. identity: the same package (purl) or name (CPE) is sure; equal names of vendor and product,
   or the platform that an affected part may be installed on, are a maybe.
2. version: the one registered against the versions, ranges and wildcards of the advisory; where
   either side does not say or cannot be compared, a maybe.
3. status, for each vulnerability: what is said of the exact version counts before what is said
   of a range, that before what is said of all; of equals the worse.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

import msgspec

from brug.cases.catalogue import keys
from brug.cases.catalogue.statements import Statement
from brug.formats.products import cpe, ordering, purl, ranges
from brug.model.errors import Invalid

Outcome = Literal["affected", "investigating", "fixed", "not_affected"]
Certainty = Literal["sure", "maybe"]
By = Literal["purl", "cpe", "name"]

_OUTCOMES: dict[str, Outcome] = {
    "known_affected": "affected",
    "first_affected": "affected",
    "last_affected": "affected",
    "under_investigation": "investigating",
    "fixed": "fixed",
    "first_fixed": "fixed",
    "recommended": "fixed",
    "known_not_affected": "not_affected",
}
_WORST: tuple[Outcome, ...] = ("affected", "investigating", "fixed", "not_affected")
WARNED: frozenset[Outcome] = frozenset({"affected", "investigating"})
# How near what is said of versions comes to the one registered.
_EXACT, _IN_RANGE, _BETWEEN, _ALL, _UNKNOWN = 4, 3, 2, 1, 0
_Order = Callable[[str, str], int | None]
_BESIDE = frozenset({"version", "update"})


class Item(msgspec.Struct, frozen=True):
    """A product as it was registered; its version may be a range."""

    vendor: str = ""
    name: str = ""
    version: str = ""
    purl: str = ""
    cpe: str = ""

    @property
    def runs(self) -> str:
        """The version that is run, wherever it stands."""
        return self.version or _purl_version(self.purl) or _cpe_version(self.cpe)

    @property
    def is_exact(self) -> bool:
        """Whether one version is known to be run; what a purl or CPE name says is one."""
        return bool(self.runs) and not (self.version and ranges.is_range(self.version))


class Match(msgspec.Struct, frozen=True):
    """That an advisory concerns a product. `vulnerabilities` by name with their outcome."""

    outcome: Outcome
    certainty: Certainty
    by: By
    statement: str
    why: str
    vulnerabilities: dict[str, Outcome]


class _Said(msgspec.Struct, frozen=True):
    """One statement on one vulnerability, as far as it holds for the item."""

    outcome: Outcome
    near: int
    sure: bool
    by: By
    statement: str
    why: str

    @property
    def order(self) -> tuple[int, bool, int]:
        return self.near, self.sure, -_WORST.index(self.outcome)


def matched(item: Item, statements: Iterable[Statement]) -> Match | None:
    """None where nothing is said of the product, or of other versions alone."""
    identified = [(one, by) for one in statements if (by := _identity(item, one)) is not None]
    open_ended = any(status == "first_affected" for one, _ in identified for _, status in one.holds)
    found: dict[str, _Said] = {}
    for one, by in identified:
        near = _nearness(item, one)
        for called, status in one.holds:
            if near is None and not open_ended:
                continue
            if near is None:
                said = _between(item, called, [each for each, _ in identified], by)
            else:
                said = _said(one, by, status, near)
            if said is not None and (called not in found or said.order > found[called].order):
                found[called] = said
    if not found:
        return None
    worst = min(found.values(), key=lambda said: (_WORST.index(said.outcome), not said.sure))
    return Match(
        worst.outcome,
        "sure" if worst.sure else "maybe",
        worst.by,
        worst.statement,
        worst.why,
        {called: said.outcome for called, said in found.items()},
    )


def _said(one: Statement, by: By, status: str, near: int) -> _Said:
    sure = near != _UNKNOWN and by != "name" and not one.is_platform
    why = "platform" if one.is_platform else _WHY[near]
    return _Said(_OUTCOMES[status], near, sure, by, one.name, why)


_WHY = {
    _EXACT: "version", _IN_RANGE: "range", _BETWEEN: "between", _ALL: "all", _UNKNOWN: "unknown",
}  # fmt: skip


def _identity(item: Item, one: Statement) -> By | None:
    """By what both are known to be the same product, whatever the version."""
    if item.purl and one.purl and _same_purl(item.purl, one.purl):
        return "purl"
    if item.cpe and one.cpe and _same_cpe(one.cpe, item.cpe):
        return "cpe"
    if (item.purl and one.purl) or (item.cpe and one.cpe):
        return None  # both say who they are, and it is not the same
    mine = {keys.of_names(item.vendor, item.name), keys.of_cpe_names(item.cpe)}
    theirs = {keys.of_names(one.vendor, one.product), keys.of_cpe_names(one.cpe)}
    return "name" if (mine & theirs) - {""} else None


def _same_purl(one: str, other: str) -> bool:
    try:
        return purl.same_package(purl.read(one), purl.read(other))
    except Invalid:
        return False


def _same_cpe(source: str, target: str) -> bool:
    """Versions aside; a side that says less than the other still names the same product."""
    try:
        first, second = cpe.read(source), cpe.read(target)
    except Invalid:
        return False
    return all(
        cpe.compared(one, other) in {"equal", "superset", "subset"}
        or cpe.compared(other, one) == "superset"
        for name, one, other in zip(cpe.NAMES, first.values, second.values, strict=True)
        if name not in _BESIDE
    )


def _purl_version(text: str) -> str:
    try:
        return purl.read(text).version if text else ""
    except Invalid:
        return ""


def _cpe_version(text: str) -> str:
    try:
        found = cpe.read(text).version if text else ""
    except Invalid:
        return ""
    return "" if set(found) & set("*?") else found


def _nearness(item: Item, one: Statement) -> int | None:
    """How near the statement's versions come to the item's; None: they are others."""
    branch_is_range = bool(one.version) and ranges.is_range(one.version)
    exact = [_purl_version(one.purl), "" if branch_is_range else one.version, _cpe_version(one.cpe)]
    span = one.range or (one.version if branch_is_range else "")
    if span:
        return _inside(item, span, _scheme(item, one))
    if any(exact):
        return _equal(item, [text for text in exact if text], one)
    wild = _wild_version(one.cpe)
    return _ALL if wild is None else _like(item, wild)


def _wild_version(text: str) -> str | None:
    """A version of a CPE name in which characters stand for others."""
    try:
        found = cpe.read(text).values[3] if text else "*"
    except Invalid:
        return None
    return found if found not in {"*", "-"} and set(found) & set("*?") else None


def _like(item: Item, wild: str) -> int | None:
    if not item.is_exact:
        return _UNKNOWN
    return _IN_RANGE if cpe.compared(wild, item.runs.lower()) == "superset" else None


def _equal(item: Item, exact: Sequence[str], one: Statement) -> int | None:
    runs = item.runs
    if not runs:
        return _UNKNOWN
    if not item.is_exact:
        held = [ranges.read(runs).holds(text) for text in exact]
        return None if all(one is False for one in held) else _UNKNOWN
    scheme = _scheme(item, one)
    if any(text == runs or ordering.compared(runs, text, scheme) == 0 for text in exact):
        return _EXACT
    # Words that no rule compares may be another spelling of the same.
    told = any(ordering.is_ordered(text) for text in exact) and ordering.is_ordered(runs)
    return None if told else _UNKNOWN


def _inside(item: Item, span: str, scheme: str) -> int | None:
    runs = item.runs
    found = ranges.read(span)
    if found.is_understood and not found.constraints and found.scheme != "none":
        return _ALL
    if not item.is_exact:
        return _UNKNOWN
    held = found.holds(runs, scheme)
    return _UNKNOWN if held is None else _IN_RANGE if held else None


def _scheme(item: Item, one: Statement) -> str:
    """By whose rules versions are compared: those of the packages' type, where it has any."""
    for text, version in ((item.purl, item.version), (one.purl, "")):
        if text and (version or _purl_version(text)) and (found := keys.of_purl(text)):
            return found.removeprefix("p:").partition("/")[0]
    return ""


def _between(item: Item, called: str, statements: Sequence[Statement], by: By) -> _Said | None:
    """Of a version between the first that is affected and the last, or the first fixed one."""
    ends: dict[str, list[str]] = {}
    for one in statements:
        version = _purl_version(one.purl) or one.version or _cpe_version(one.cpe)
        for name, status in one.holds:
            if name == called and version:
                ends.setdefault(status, []).append(version)
    if not item.is_exact or "first_affected" not in ends:
        return None
    scheme = _scheme(item, statements[0])
    order = partial(ordering.compared, scheme=scheme)
    if any(_is_in_branch(item.runs, first, ends, order) for first in ends["first_affected"]):
        return _Said("affected", _BETWEEN, False, by, statements[0].name, _WHY[_BETWEEN])
    return None


def _is_in_branch(runs: str, first: str, ends: Mapping[str, Sequence[str]], order: _Order) -> bool:
    """Whether a version lies between a beginning and the end of it, if that has any.

    What lies after the next beginning is of another branch: its ends say nothing of this one.
    """
    if order(runs, first) != 1:
        return False
    later = [one for one in ends["first_affected"] if order(one, first) == 1]
    if any(order(runs, one) in {0, 1} for one in later):
        return False

    def of_branch(status: str) -> list[str]:
        return [
            end
            for end in ends.get(status, ())
            if order(end, first) != -1 and all(order(end, one) != 1 for one in later)
        ]

    last, fixed = of_branch("last_affected"), of_branch("first_fixed")
    if not last and not fixed:
        return True
    return any(order(runs, end) in {-1, 0} for end in last) or any(
        order(runs, end) == -1 for end in fixed
    )
