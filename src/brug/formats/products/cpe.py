# SPDX-License-Identifier: EUPL-1.2
"""CPE names, version 2.3, and how one stands to another.

Specification: NISTIR 7695 (naming: the formatted string and the URI of 2.2) and NISTIR 7696
(matching, section 6). A wildcard stands for characters at the beginning or end of a value.
"""

import re
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

import msgspec

from brug.model.errors import Invalid

LONGEST = 1000
NAMES = (
    "part", "vendor", "product", "version", "update", "edition", "language", "sw_edition",
    "target_sw", "target_hw", "other",
)  # fmt: skip
ANY, NA = "*", "-"
Relation = Literal["equal", "superset", "subset", "disjoint", "undefined"]
_SPLIT = re.compile(r"(?<!\\):")
_EXPECTED = "a CPE name, as in cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*"
_PACKED = 6  # parts that the edition of a 2.2 name holds, before and after `~`


class Cpe(msgspec.Struct, frozen=True):
    """A name by its attributes, each as it stands in a formatted string, in lower case."""

    values: tuple[str, ...]

    @property
    def part(self) -> str:
        return self.values[0]

    @property
    def vendor(self) -> str:
        return plain(self.values[1])

    @property
    def product(self) -> str:
        return plain(self.values[2])

    @property
    def version(self) -> str:
        """The version with its update; "" where it is any or says nothing."""
        version, update = self.values[3], self.values[4]
        if version in {ANY, NA}:
            return ""
        return plain(version) + (f" {plain(update)}" if update not in {ANY, NA} else "")

    @property
    def words(self) -> tuple[str, str, str]:
        """Vendor, product and version as people write them; "" for what is left open."""
        version, update = _in_words(self.values[3]), _in_words(self.values[4])
        release = f"{version} {update}".strip() if version else ""
        return _in_words(self.values[1]), _in_words(self.values[2]), release

    @property
    def text(self) -> str:
        return "cpe:2.3:" + ":".join(self.values)


def _in_words(value: str) -> str:
    """An underscore stands for a space (NISTIR 7695, 5.3.2)."""
    if value in {ANY, NA} or _is_wild(value):
        return ""
    return " ".join(plain(value).replace("_", " ").split())


def plain(value: str) -> str:
    """A value without the marks that make its characters literal."""
    return re.sub(r"\\(.)", r"\1", value)


@lru_cache(maxsize=20_000)
def read(text: str) -> Cpe:
    """Raises Invalid."""
    text = text.strip()
    if len(text) <= LONGEST and text.isprintable() and " " not in text:
        if text.lower().startswith("cpe:2.3:"):
            return _formatted(text)
        if text.lower().startswith("cpe:/"):
            return _uri(text)
    raise Invalid("cpe", _EXPECTED, text)


def _formatted(text: str) -> Cpe:
    values = _SPLIT.split(text[len("cpe:2.3:") :].lower())
    if len(values) != len(NAMES) or "" in values or values[0] not in {"a", "o", "h", ANY}:
        raise Invalid("cpe", _EXPECTED, text)
    return Cpe(tuple(values))


def _uri(text: str) -> Cpe:
    """`cpe:/a:vendor:product:version:update:edition:language`; what is left out is any."""
    parts = text[len("cpe:/") :].lower().split(":")
    if len(parts) > 7 or parts[0] not in {"a", "o", "h", ""}:
        raise Invalid("cpe", _EXPECTED, text)
    parts += [""] * (7 - len(parts))
    edition, packed = parts[5], ["", "", "", ""]
    if edition.startswith("~") and edition.count("~") == _PACKED - 1:
        edition, *packed = edition[1:].split("~")
    values = [*parts[:5], edition, parts[6], *packed]
    return Cpe(tuple(_bound(value) for value in values))


def _bound(value: str) -> str:
    """A value of a 2.2 name as a formatted string has it."""
    if value in {"", NA}:
        return value or ANY
    value = value.replace("%01", "\x01").replace("%02", "\x02")
    quoted = re.sub(r"([^\w.\-\x01\x02])", r"\\\1", unquote(value))
    return quoted.replace("\x01", "?").replace("\x02", "*")


def compared(source: str, target: str) -> Relation:
    """How one value stands to another (table 6-2); only the source may hold wildcards."""
    if source == target:
        return "undefined" if _is_wild(source) else "equal"
    if source == ANY:
        return "superset"
    if target == ANY:
        return "subset"
    if _is_wild(target):
        return "undefined"
    if NA in {source, target}:
        return "disjoint"
    if _is_wild(source):
        return "superset" if _fits(source, target) else "disjoint"
    return "equal" if plain(source) == plain(target) else "disjoint"


def _is_wild(value: str) -> bool:
    """Whether it holds a wildcard, and is not ANY alone."""
    return value != ANY and re.search(r"(?<!\\)[*?]", value) is not None


def _fits(source: str, target: str) -> bool:
    pattern = "".join(
        ".*" if one == "*" else ".?" if one == "?" else re.escape(plain(one))
        for one in re.findall(r"\\.|.", source)
    )
    return re.fullmatch(pattern, plain(target)) is not None


def relation(source: Cpe, target: Cpe, without: frozenset[str] = frozenset()) -> Relation:
    """How one name stands to another (section 6.3), some attributes left aside."""
    found = {
        compared(one, other)
        for name, one, other in zip(NAMES, source.values, target.values, strict=True)
        if name not in without
    }
    if "disjoint" in found:
        return "disjoint"
    if found <= {"equal"}:
        return "equal"
    if found <= {"equal", "superset"}:
        return "superset"
    return "subset" if found <= {"equal", "subset"} else "undefined"
