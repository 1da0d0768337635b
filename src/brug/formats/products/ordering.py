# SPDX-License-Identifier: EUPL-1.2
"""Which of two versions is the earlier: by the rules of a packaging system, or as people write.

Systems' rules are those of `univers`, and so is `semver` for what is written as Semantic Versioning
has it. Elsewhere numbers count as numbers, words that announce a
release (rc, beta) come before it and all others (SP, Update, HF) after it. What cannot be told
is said to be so: letters against digits at one place, as in R12 and 12.
"""

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any

_PIECES = re.compile(r"\d+|[a-z]+")
_LEADING = re.compile(r"^(?:version|ver\.?|release|v)[\s.]*(?=\d)")
_BEFORE = {"dev": -5, "alpha": -4, "a": -4, "beta": -3, "b": -3, "pre": -2, "preview": -2, "rc": -2}
_ALIKE = {
    "servicepack": "sp", "upd": "update", "u": "update", "up": "update", "hotfix": "hf",
    "patch": "p", "build": "b_", "releasecandidate": "rc",
}  # fmt: skip
_AFTER = frozenset({"sp", "hf", "p", "qu", "uc", "fp", "mr", "el"})
_SEMANTIC = re.compile(r"v?\d+(?:\.\d+){0,2}(?:-[0-9a-z.-]+)?(?:\+[0-9a-z.-]+)?", re.IGNORECASE)
LONGEST = 200
# Schemes without an order of their own, or with one that is not theirs to lend.
_WITHOUT = frozenset({"", "all", "none", "generic", "intdot"})
Pieces = tuple[int | str, ...]


def compared(one: str, other: str, scheme: str = "") -> int | None:
    """-1, 0 or 1; None where nobody can tell."""
    if one == other:
        return 0
    if scheme == "semver":
        if not (_SEMANTIC.fullmatch(one) and _SEMANTIC.fullmatch(other)):
            return _as_written(one, other)
        scheme = "npm"  # which orders by it
    if scheme not in _WITHOUT:
        return _by_system(one, other, scheme)
    return _as_written(one, other)


@lru_cache(maxsize=1)
def _systems() -> dict[str, Any]:
    """Loaded when first needed: it is a large library, and few processes need it."""
    from univers.version_range import RANGE_CLASS_BY_SCHEMES  # noqa: PLC0415

    return {name: kind.version_class for name, kind in RANGE_CLASS_BY_SCHEMES.items()}


def _by_system(one: str, other: str, scheme: str) -> int | None:
    kind = _systems().get(scheme)
    if kind is None or max(len(one), len(other)) > LONGEST:
        return None
    # A library that says in many ways what it can't read.
    with suppress(ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        first, second = kind(one), kind(other)
        return 0 if first == second else -1 if first < second else 1
    return None


@lru_cache(maxsize=20_000)
def pieces(text: str) -> Pieces:
    """What a version is compared by."""
    text = _LEADING.sub("", text.strip().lower()[:LONGEST]).partition("+")[0]
    text = re.sub(r"\bservice\s+pack\b", "sp", text)
    return tuple(
        int(one) if one.isdecimal() else _ALIKE.get(one, one) for one in _PIECES.findall(text)
    )


def is_ordered(text: str) -> bool:
    """Whether it is a version with a place in an order: it begins with a number, or R12."""
    found = pieces(text)
    return any(isinstance(one, int) for one in found)


def _as_written(one: str, other: str) -> int | None:
    first, second = pieces(one), pieces(other)
    if not first or not second:
        return None
    for at in range(max(len(first), len(second))):
        here = first[at] if at < len(first) else None
        there = second[at] if at < len(second) else None
        if here == there:
            continue
        if here is None:
            return _against_nothing(second[at:], -1)
        if there is None:
            return _against_nothing(first[at:], 1)
        return _differing(here, there)
    return 0


def _against_nothing(rest: Pieces, longer: int) -> int:
    """How a version with more to it stands to one without; `longer` if it is later."""
    for piece in rest:
        if piece == 0:
            continue
        if isinstance(piece, str) and piece in _BEFORE:
            return -longer
        return longer
    return 0


def _differing(here: int | str, there: int | str) -> int | None:
    if isinstance(here, int) and isinstance(there, int):
        return -1 if here < there else 1
    if isinstance(here, str) and isinstance(there, str):
        first, second = _BEFORE.get(here, 0), _BEFORE.get(there, 0)
        if first != second:
            return -1 if first < second else 1
        # SP against HF says nothing; A against B does, as in revisions.
        if max(len(here), len(there)) <= 2 and not first and not {here, there} & _AFTER:
            return -1 if (len(here), here) < (len(there), there) else 1
        return None
    word, is_first = (here, True) if isinstance(here, str) else (there, False)
    if word in _BEFORE:
        return -1 if is_first else 1
    return None
