# SPDX-License-Identifier: EUPL-1.2
"""A list of values as feeds are: CSV or a text, line by line and never whole in memory.

As MISP reads them: a line that starts with `#` says nothing; of CSV the columns named by
number are values, told to be all of the first where none is named; quotes hold a delimiter.
What a line says beyond that is left.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

import msgspec

from brug.model.errors import Invalid

LONGEST_LINE = 65_536
DELIMITERS = {"": ",", "\\t": "\t", "tab": "\t"}
MOST_COLUMNS = 20


class Piece(msgspec.Struct, frozen=True, gc=False):
    """What is looked at: a cell or a line, and where it stands; `reason` if it is unreadable."""

    line: int
    text: str
    reason: str = ""


class Columns(msgspec.Struct, frozen=True):
    """Which columns of CSV hold values, from 0, and what stands between them."""

    numbers: Sequence[int] = (0,)
    delimiter: str = ","


def columns_of(value: object, delimiter: object) -> Columns:
    """Of a feed's settings: `1,3` and a delimiter. Raises Invalid."""
    text = str(value or "").strip()
    numbers = []
    for part in text.split(",") if text else ["1"]:
        word = part.strip()
        if not (word.isascii() and word.isdecimal() and len(word) < 4 and int(word) >= 1):
            raise Invalid("settings.csv.value", "numbers of columns, such as 1 or 1,3", text)
        numbers.append(int(word) - 1)
    if len(numbers) > MOST_COLUMNS:
        raise Invalid("settings.csv.value", f"at most {MOST_COLUMNS} columns")
    given = str(delimiter or "")
    sign = DELIMITERS.get(given, given)
    if len(sign) != 1 or sign in '"\r\n\0':
        raise Invalid("settings.csv.delimiter", "one character", given)
    return Columns(numbers, sign)


def lines_of(raw: bytes) -> Iterator[Piece]:
    """The lines that say something, decoded one by one."""
    for number, line in enumerate(io.BytesIO(raw.removeprefix(b"\xef\xbb\xbf")), 1):
        bare = line.strip()
        if not bare or bare.startswith(b"#"):
            continue
        if len(bare) > LONGEST_LINE:
            start = bare[:200].decode("utf-8", "replace")
            yield Piece(number, start, f"longer than {LONGEST_LINE} bytes")
            continue
        try:
            yield Piece(number, bare.decode("utf-8"))
        except UnicodeDecodeError:
            yield Piece(number, bare.decode("latin-1"))


def cells_of(raw: bytes, columns: Columns) -> Iterator[Piece]:
    """The cells of CSV that hold values."""
    for piece in lines_of(raw):
        if piece.reason:
            yield piece
            continue
        try:
            cells = next(csv.reader([piece.text], delimiter=columns.delimiter, strict=True), [])
        except csv.Error as error:
            yield Piece(piece.line, piece.text, f"not CSV: {error}")
            continue
        for number in columns.numbers:
            if number < len(cells) and (cell := cells[number].strip()):
                yield Piece(piece.line, cell)


def without(pieces: Iterator[Piece], is_excluded: Callable[[str], bool] | None) -> Iterator[Piece]:
    """Those that an expression does not hit."""
    return pieces if is_excluded is None else (p for p in pieces if not is_excluded(p.text))
