# SPDX-License-Identifier: EUPL-1.2
"""Ranges of versions: `vers:` as its specification has it, and the short prose of advisories.

Whether a version is in one is yes, no, or not to be told (None): prose that is not understood
excludes nothing. Specification of vers: ECMA-427's companion (package-url/vers-spec); the forms
of prose are those that advisories use, as in "All versions < V2.0" and ">= 1.0 | < 1.4".
"""

import re
from collections.abc import Sequence
from functools import cmp_to_key, lru_cache
from urllib.parse import unquote

import msgspec

from brug.formats.products import ordering

LONGEST = 500
MOST = 200
_OPERATORS = ("<=", ">=", "!=", "==", "<", ">", "=")
_CONSTRAINT = re.compile(r"(<=|>=|!=|==|<|>|=|≤|≥)?\s*(.+?)\s*", re.DOTALL)
_ALL = re.compile(
    r"(?:all(?:\s+(?:versions?|releases?))?|any(?:\s+version)?|\*|every version)", re.IGNORECASE
)
_ALL_BEFORE = re.compile(
    r"^all(?:\s+versions?)?\s*(?=[<>=≤≥]|prior|before|up to|through)", re.IGNORECASE
)
_WORDS = (
    (re.compile(r"\b(?:prior to|before|earlier than|less than)\b", re.IGNORECASE), "<"),
    (re.compile(r"\b(?:up to and including|up to|through)\b", re.IGNORECASE), "<="),
    (re.compile(r"\b(?:newer than|later than|after)\b", re.IGNORECASE), ">"),
    (re.compile(r"\b(?:from|starting with)\b", re.IGNORECASE), ">="),
)
_AND_PRIOR = re.compile(
    r"^(.+?)\s+(?:and|or)\s+(?:prior|earlier|older|below)(?:\s+versions?)?$", re.IGNORECASE
)
_AND_LATER = re.compile(
    r"^(.+?)\s+(?:and|or)\s+(?:later|newer|above)(?:\s+versions?)?$", re.IGNORECASE
)
_VERSION = re.compile(
    r"(?:v|version\s*|release\s*|r)?\d[\w.\-+~:]*(?:\s+(?:sp|hf|update|upd|qu|uc|u|patch|p|build|rc|beta)\s*\d+)*|[a-z]{1,3}\d*",
    re.IGNORECASE,
)
# A dash without space also stands in versions: 1.0-2 is one of them.
_SPAN = re.compile(
    r"^(v?\d+(?:\.\d+)*)(?:\s+(?:-|to)\s+(?=v?\d)|(?<=\d)-(?=v)|\s*to\s*)(v?\d+(?:\.\d+)*)$",
    re.IGNORECASE,
)
_SERIES = re.compile(r"^v?(\d+(?:\.\d+)*)\.(?:x|\*)$", re.IGNORECASE)


class Constraint(msgspec.Struct, frozen=True):
    """An operator and a version."""

    operator: str
    version: str


class Range(msgspec.Struct, frozen=True):
    """Constraints under a scheme's order; without any it holds every version. `text` as given."""

    text: str
    scheme: str = ""
    constraints: tuple[Constraint, ...] = ()
    is_understood: bool = True

    def holds(self, version: str, scheme: str = "") -> bool | None:
        """Whether a version is in it; None where it cannot be told.

        `scheme` is by whose rules prose is meant, as far as they say anything of these versions.
        """
        if not self.is_understood:
            return None
        if self.scheme == "none":
            return False
        if not self.constraints:
            return True
        if scheme and not self.scheme:
            found = _holds(self.constraints, version, scheme)
            if found is not None:
                return found
        return _holds(self.constraints, version, self.scheme)


@lru_cache(maxsize=10_000)
def read(text: str) -> Range:
    """The range that a text says. Raises nothing: what is not understood says so."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        return Range(text[:LONGEST], is_understood=False)
    found = _vers(text) if text.lower().startswith("vers:") else _prose(text)
    if found is None or len(found[1]) > MOST:
        return Range(text, is_understood=False)
    return Range(text, found[0], tuple(found[1]))


def is_range(text: str) -> bool:
    """Whether a text is more than the name of one version."""
    found = read(text)
    return not (len(found.constraints) == 1 and found.constraints[0].operator == "=")


Read = tuple[str, list[Constraint]]


def _vers(text: str) -> Read | None:
    scheme, _, rest = text[len("vers:") :].partition("/")
    scheme, rest = scheme.strip().lower(), rest.strip()
    if not scheme or not rest:
        return None
    if rest == "*":
        return ("none" if scheme == "none" else scheme), []
    parts = [
        part for part in re.split(r"\|", re.sub(r"(?<=[^|<>=!])(?=[<>!]=?)", "|", rest)) if part
    ]
    found = [_constraint(unquote(part)) for part in parts]
    return scheme, [one for one in found if one is not None]


def _constraint(text: str) -> Constraint | None:
    text = text.strip()
    for operator in _OPERATORS:
        if text.startswith(operator):
            version = text[len(operator) :].strip()
            return Constraint("=" if operator == "==" else operator, version) if version else None
    return Constraint("=", text) if text else None


def _prose(text: str) -> Read | None:
    said = text.replace("≤", "<=").replace("≥", ">=").replace("\u2013", "-").strip(" .")
    if _ALL.fullmatch(said):
        return "", []
    said = _ALL_BEFORE.sub("", said)
    for pattern, operator in ((_AND_PRIOR, "<="), (_AND_LATER, ">=")):
        if found := pattern.match(said):
            said = f"{operator} {found[1]}"
    for words, operator in _WORDS:
        said = words.sub(operator, said)
    said = re.sub(r"\bversions?\b", "", said, flags=re.IGNORECASE)
    if found := _SPAN.match(said.strip()):
        return "", [Constraint(">=", found[1]), Constraint("<=", found[2])]
    if found := _SERIES.match(said.strip()):
        return "", [Constraint("series", found[1])]
    constraints = []
    for part in re.split(r"\s*(?:\||,|\band\b|&)\s*|\s+(?=[<>])", said):
        if not part.strip():
            continue
        one = _constraint(re.sub(r"\s*\([^()]*series\)$", "", part))
        if one is None or not _VERSION.fullmatch(one.version):
            return None
        constraints.append(one)
    return ("", constraints) if constraints else None


def _holds(constraints: Sequence[Constraint], version: str, scheme: str) -> bool | None:
    """The algorithm of vers, "checking if a version is within a range", for any order given."""
    unknown = False
    for one in constraints:
        if one.operator == "series":
            return _in_series(version, one.version)
        found = ordering.compared(version, one.version, scheme)
        if found is None:
            unknown = True
        elif one.operator in {"=", "<=", ">="} and found == 0:
            return True
        elif one.operator == "!=" and found == 0:
            return False
    bounds = [one for one in constraints if one.operator in {"<", "<=", ">", ">="}]
    if unknown:
        return None
    if not bounds:
        # Only what is excluded is named: everything else is in.
        return all(one.operator == "!=" for one in constraints)
    return any(
        all(_fits(version, one, scheme) for one in interval)
        for interval in _intervals(bounds, scheme)
    )


def _intervals(bounds: Sequence[Constraint], scheme: str) -> list[list[Constraint]]:
    """A lower bound and the upper one next above it belong together."""

    def order(one: Constraint, other: Constraint) -> int:
        return ordering.compared(one.version, other.version, scheme) or 0

    found: list[list[Constraint]] = []
    for one in sorted(bounds, key=cmp_to_key(order)):
        opens = one.operator.startswith(">")
        if not opens and found and len(found[-1]) == 1 and found[-1][0].operator.startswith(">"):
            found[-1].append(one)
        else:
            found.append([one])
    return found


def _fits(version: str, one: Constraint, scheme: str) -> bool:
    found = ordering.compared(version, one.version, scheme)
    return {
        "<": found == -1, "<=": found in {-1, 0}, ">": found == 1, ">=": found in {0, 1},
    }[one.operator]  # fmt: skip


def _in_series(version: str, series: str) -> bool | None:
    wanted, found = ordering.pieces(series), ordering.pieces(version)
    return found[: len(wanted)] == wanted if found else None
