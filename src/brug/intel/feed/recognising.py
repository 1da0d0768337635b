# SPDX-License-Identifier: EUPL-1.2
"""What a line of a feed says: the attribute that it would be, or why it is none.

Most lines are one address, name, link or hash, which is told at a glance; the rest goes the
way of a pasted text (`brug.intel.intake`). A million lines cost seconds, not hours.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address, ip_network

import msgspec

from brug.formats.feed_lines import Piece
from brug.intel.intake.extraction import fanged, type_of
from brug.intel.intake.freetext import Recognised, recognise
from brug.model.attribute_types import Checked, Refused, check
from brug.model.errors import BrugError

UNKNOWN = "The type of this value cannot be told."
TOO_MANY = "Not looked at: too many lines before it held nothing that is known."
# After so many lines that hold nothing it is no list of values, and each would cost a search.
MOST_UNKNOWN = 20_000
_TOGETHER = 4_000
_LONGEST = 1_000

_HASHES = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_is_hash = re.compile(r"[0-9a-fA-F]{32,128}").fullmatch
_is_name = re.compile(r"(?=.{4,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+"
                      r"([A-Za-z][A-Za-z0-9-]{1,62})\.?").fullmatch  # fmt: skip
_is_link = re.compile(r"(?:https?|ftps?)://[^\s]+", re.IGNORECASE).fullmatch
_is_address = re.compile(r"[0-9a-fA-F:.]{2,45}(?:/\d{1,3})?").fullmatch
_is_system = re.compile(r"AS\d{1,10}", re.IGNORECASE).fullmatch
_is_ported = re.compile(r"((?:\d{1,3}\.){3}\d{1,3}):(\d{1,5})").fullmatch


class Line(msgspec.Struct, frozen=True, gc=False):
    """A value of a feed, or what of it was not understood."""

    number: int
    text: str
    found: Recognised | None
    reason: str = ""


@lru_cache(maxsize=4096)
def _is_ending(label: str) -> bool:
    """Whether names end in this label."""
    found = type_of(f"feed-line.{label}")
    return found is not None and found.type == "domain"


def told(text: str) -> Checked | None:
    """The attribute that a text is and nothing else, at a glance; None where it takes a look."""
    kind, value = _kind(text)
    if not kind:
        return None
    with suppress(Refused):
        return check(kind, value)
    return None


def _kind(text: str) -> tuple[str, str]:
    if _is_hash(text):
        return _HASHES.get(len(text), ""), text
    if _is_link(text):
        return "url", text
    if _is_system(text):
        return "AS", text
    if ported := _is_ported(text):
        return "ip-dst|port", f"{ported[1]}|{ported[2]}"
    if _is_address(text) and _address(text):
        return "ip-dst", text
    name = _is_name(text)
    if name and _is_ending(name[1].lower()):
        return ("hostname" if text.rstrip(".").count(".") > 1 else "domain"), text
    return "", text


def _address(text: str) -> bool:
    try:
        ip_network(text, strict=False) if "/" in text else ip_address(text)
    except ValueError:
        return False
    return True


def one_value(text: str) -> Recognised | None:
    """What a cell is, if it is one value."""
    if len(text) > _LONGEST and not _is_link(text):
        return None
    plain = (
        fanged(text)
        if "[" in text or "(" in text or "{" in text or text[:2] in {"hx", "hX", "HX"}
        else text
    )
    found = told(plain) or type_of(text)
    if found is None:
        return None
    if found.type == "domain" and found.value1.count(".") > 1:
        found = check("hostname", found.value1)
    return Recognised(found, text)


def cells(pieces: Iterator[Piece]) -> Iterator[Line]:
    """Cells of CSV, each one value. The first line may be a heading, which says nothing."""
    unknown, heading = 0, 0
    for piece in pieces:
        heading = heading or piece.line
        if piece.reason:
            yield Line(piece.line, piece.text, None, piece.reason)
            continue
        found = told(piece.text)
        if found is not None:
            yield Line(piece.line, piece.text, Recognised(found, piece.text))
            continue
        looked = one_value(piece.text) if unknown < MOST_UNKNOWN else None
        if looked is None:
            unknown += 1
            if piece.line == heading:
                continue
        why = "" if looked else UNKNOWN if unknown <= MOST_UNKNOWN else TOO_MANY
        yield Line(piece.line, piece.text, looked, why)


def texts(pieces: Iterator[Piece]) -> Iterator[Line]:
    """Values in lines of a text; a line without one is no mistake."""
    waiting: list[Piece] = []
    size = 0
    for piece in pieces:
        if piece.reason:
            yield Line(piece.line, piece.text, None, piece.reason)
            continue
        found = told(piece.text)
        if found is not None:
            yield Line(piece.line, piece.text, Recognised(found, piece.text))
            continue
        waiting.append(piece)
        size += len(piece.text)
        if size >= _TOGETHER:
            yield from _searched(waiting)
            waiting, size = [], 0
    yield from _searched(waiting)


def _searched(waiting: list[Piece]) -> Iterator[Line]:
    """Lines in which values are looked for, some together: a search has its price."""
    if not waiting:
        return
    text = "\n".join(piece.text for piece in waiting)
    try:
        found = recognise(text, max(len(text), 1))
    except BrugError as error:
        yield from (Line(p.line, p.text, None, error.public) for p in waiting)
        return
    ends = []
    end = 0
    for piece in waiting:
        end += len(piece.text) + 1
        ends.append(end)
    for one in found:
        at = text.find(one.original)
        place = next((i for i, stop in enumerate(ends) if at < stop), 0)
        yield Line(waiting[place].line, one.original, one)
