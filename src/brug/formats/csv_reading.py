# SPDX-License-Identifier: EUPL-1.2
"""CSV with values, as other tools write it -> fields of attributes, row by row.

With a header, columns are taken by name (MISP's own, and the names that others give them);
without one, each row's first cell is a value. Comments (`#`) and empty rows are skipped.
The delimiter is the one of `, ; tab |` that the header or first row holds most of.
"""

import csv
from collections.abc import Iterator
from typing import Any

import msgspec

from brug.model.errors import Invalid

# What others call the fields of an attribute.
COLUMNS = {
    "value": "value", "indicator": "value", "ioc": "value", "observable": "value",
    "type": "type", "indicator_type": "type", "ioc_type": "type",
    "category": "category", "comment": "comment", "description": "comment", "to_ids": "to_ids",
    "uuid": "uuid", "first_seen": "first_seen", "last_seen": "last_seen",
    "object_relation": "object_relation", "tags": "tags", "attribute_tag": "tags",
}  # fmt: skip
LONGEST_FIELD = 1_000_000


class Row(msgspec.Struct):
    """One row with a value: where it stands, and its fields by MISP's names."""

    line: int
    fields: dict[str, Any]


def read_rows(text: str) -> Iterator[Row]:
    """Rows that have a value. Raises Invalid for text that is no CSV."""
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(keepends=True), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        return
    delimiter = max(",;\t|", key=lines[0][1].count)
    if delimiter not in lines[0][1]:
        delimiter = ","
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader((line for _, line in lines), delimiter=delimiter, strict=True)
    numbers = [number for number, _ in lines]
    try:
        first = next(reader)
        columns = [COLUMNS.get(cell.strip().lower().lstrip("\ufeff")) for cell in first]
        if "value" not in columns:
            columns = ["value"]
            yield from _row(numbers[0], columns, first)
        begins = reader.line_num
        for cells in reader:
            yield from _row(numbers[begins], columns, cells)
            begins = reader.line_num
    except csv.Error as error:
        line = numbers[min(reader.line_num, len(numbers)) - 1]
        raise Invalid("file", f"CSV ({error} at line {line})") from error


def _row(line: int, columns: list[str | None], cells: list[str]) -> Iterator[Row]:
    fields: dict[str, Any] = {
        name: cell.strip()
        for name, cell in zip(columns, cells, strict=False)
        if name and cell.strip()
    }
    if tags := fields.pop("tags", None):
        fields["Tag"] = [{"name": tag.strip()} for tag in tags.split(",") if tag.strip()]
    if fields.get("value"):
        yield Row(line, fields)
