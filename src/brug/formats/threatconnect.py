# SPDX-License-Identifier: EUPL-1.2
"""Indicators that ThreatConnect wrote as CSV -> fields of attributes.

Type and Value have to be there; Confidence, Description and Source are read where they are,
in any order (its interface writes no more than Type, Value, Rating and Confidence). What is
more certain than not (a confidence over 51, MISP 2.5) is for detection; each source is named
once, as a link where it is one.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from brug.formats.csv_reading import LONGEST_FIELD
from brug.model.errors import Invalid

COLUMNS = ("Type", "Value")
CERTAIN = 51
_TYPES = {
    "Address": ("ip-dst", "Network activity"),
    "Host": ("domain", "Network activity"),
    "EmailAddress": ("email-src", "Payload delivery"),
    "URL": ("url", "Network activity"),
}
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256"}
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


class Read(msgspec.Struct):
    """`items`: fields of attributes; `left`: types that were not taken, with how often."""

    items: list[dict[str, Any]]
    left: list[str]


def read_threatconnect(text: str) -> Read:
    """Raises Invalid for what is no such file."""
    csv.field_size_limit(LONGEST_FIELD)
    rows = csv.reader(text.lstrip("\ufeff").splitlines(keepends=True), strict=True)
    items: list[dict[str, Any]] = []
    left: Counter[str] = Counter()
    sources: dict[str, None] = {}
    try:
        header = [cell.strip() for cell in next(rows, [])]
        if not set(COLUMNS) <= set(header):
            raise Invalid("file", f"CSV with the columns {' and '.join(COLUMNS)}")
        for cells in rows:
            told = ("" if cell.strip() == "null" else cell.strip() for cell in cells)
            row = dict(zip(header, told, strict=False))
            found = list(_attributes(row))
            if not found and any(row.values()):
                left[row.get("Type") or "no type"] += 1
            items += found
            if source := row.get("Source"):
                sources[source] = None
    except csv.Error as error:
        raise Invalid("file", f"CSV ({error} at line {rows.line_num})") from error
    items += [_source(one) for one in sources]
    return Read(items, [f"{n} x {kind[:60]}" for kind, n in sorted(left.items())])


def _attributes(row: dict[str, str]) -> Iterator[dict[str, Any]]:
    said = {"to_ids": _certain(row.get("Confidence", "")), "comment": row.get("Description", "")}
    value = row.get("Value", "")
    kind = row.get("Type", "")
    if kind == "File":
        # Several digests of one file stand in one cell.
        for digest in re.findall(r"(?<![0-9a-f])[0-9a-f]+(?![0-9a-f])", value.lower()):
            if name := _BY_LENGTH.get(len(digest)):
                yield {"type": name, "category": "Artifacts dropped", "value": digest} | said
    elif kind in _TYPES and value:
        name, category = _TYPES[kind]
        yield {"type": name, "category": category, "value": value} | said


def _certain(confidence: str) -> bool:
    number = re.fullmatch(r"(\d{1,9})(?:\.\d*)?", confidence, re.ASCII)
    return number is not None and int(number[1]) > CERTAIN


def _source(text: str) -> dict[str, Any]:
    kind = "link" if _LINK.fullmatch(text) else "comment"
    return {"type": kind, "category": "Internal reference", "value": text, "to_ids": False}
