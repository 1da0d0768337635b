# SPDX-License-Identifier: EUPL-1.2
"""Bytes from outside -> an advisory. Nothing is repaired, and nothing is dropped.

A document is refused whole where it is no JSON, says one thing twice, is too large or too
deep, holds what cannot be stored, or has not the structure of CSAF 2.0. Whether it passes the
mandatory tests is another question (`checking`).
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from brug.formats.csaf.finding import escaped, shown
from brug.formats.csaf.records import made
from brug.formats.csaf.structure import MOST, structural
from brug.formats.csaf.vulnerability import Advisory
from brug.formats.json_text import decode
from brug.model.errors import Invalid

MAX_BYTES = 15 * 1024 * 1024
"""What the standard lets any tool count on (appendix C.1)."""
MAX_DEPTH = 100
"""Levels of JSON. The standard counts on 30 levels of branches, which are 60 of these."""


class Received(msgspec.Struct, frozen=True):
    """An advisory with the bytes it came as: digests and signatures are of those."""

    raw: bytes
    advisory: Advisory


def read(raw: bytes) -> Received:
    """The advisory in these bytes. Raises Invalid, naming the JSON pointer."""
    value = decoded(raw)
    wrong = structural(value)
    if wrong:
        first, more = wrong[0], len(wrong) - 1
        said = f"; and {'at least ' if len(wrong) == MOST else ''}{more} more" if more else ""
        raise Unfit(first.pointer, first.message + said)
    return Received(raw, made(Advisory, value))


class Unfit(Invalid):
    """A document that is not an advisory: where, and why."""

    code = "not_an_advisory"

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(pointer or "/", reason)
        self.public = f"{pointer or '/'}: {reason}"
        self.args = (self.public,)


def decoded(raw: bytes) -> dict[str, Any]:
    """The JSON object in these bytes, if it is safe to walk. Raises Malformed or Unfit."""
    if len(raw) > MAX_BYTES:
        raise Unfit("", f"expected at most {MAX_BYTES:,} bytes (there are {len(raw):,})")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise Unfit("", "expected JSON in UTF-8 without a byte order mark (RFC 8259, 8.1)")
    value = decode(raw)
    if not isinstance(value, dict):
        raise Unfit("", f"expected an object (got {shown(value)})")
    _refuse_depth(value)
    _refuse_doubles(raw)
    if b"\\u" in raw or b"\0" in raw:
        _refuse_unstorable(value)
    return value


def _refuse_depth(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise Unfit("", f"expected at most {MAX_DEPTH} levels")


def _inside(value: Any) -> Iterator[Any]:
    """What is itself an object or a list, of what an object or list holds."""
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield inner


class _Doubled(dict[str, Any]):
    """An object that says something twice."""

    name = ""


def _refuse_doubles(raw: bytes) -> None:
    """One reader takes the first of two, another the last: neither is what was signed."""
    found = False

    def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        value = dict(pairs)
        if len(value) == len(pairs):
            return value
        found = True
        doubled = _Doubled(value)
        times = Counter(name for name, _ in pairs)
        doubled.name = next(name for name, often in times.items() if often > 1)
        return doubled

    value = json.loads(raw, object_pairs_hook=paired, parse_int=str, parse_float=str)
    if found:
        for pointer, one in _walked(value):
            if isinstance(one, _Doubled):
                at = f"{pointer}/{escaped(one.name)}"
                raise Unfit(at, "expected this property once (it is there twice)")
        raise Unfit("", "expected each property once")  # inside one that another replaced


def _refuse_unstorable(value: Any) -> None:
    for pointer, one in _walked(value):
        texts = [one] if isinstance(one, str) else list(one) if isinstance(one, dict) else []
        for text in texts:
            if "\0" in text:
                raise Unfit(pointer, f"expected no NUL character (got {shown(text)})")
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise Unfit(pointer, f"expected no half of a surrogate pair (got {shown(text)})")


def _walked(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    yield pointer, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walked(inner, f"{pointer}/{escaped(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walked(inner, f"{pointer}/{index}")
