# SPDX-License-Identifier: EUPL-1.2
"""A list of values as feeds are: CSV or a text, line by line and never whole in memory.

As MISP reads them: a line that starts with `#` says nothing; of CSV the columns named by
number are values, told to be all of the first where none is named; quotes hold a delimiter, and
ends of lines. What a line says beyond that is left. UTF-8, UTF-16 with a mark, or Latin-1.
"""

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import msgspec

from brug.model.errors import Invalid

LONGEST_LINE = 65_536
DELIMITERS = {"": ",", "\\t": "\t", "tab": "\t"}
MOST_COLUMNS = 20
_AROUND = b" \t\v\f\r\n"
LONGEST_ROW = 1_000  # lines: a quote that nobody closes costs no more


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
    return (piece for piece in _every_line(raw) if not _says_nothing(piece))


def _says_nothing(piece: Piece) -> bool:
    text = piece.text.lstrip()
    return not text or text.startswith("#")


def _every_line(raw: bytes, around: bytes = _AROUND) -> Iterator[Piece]:
    """Decoded, without what is around them."""
    for number, line in enumerate(io.BytesIO(_plain(raw)), 1):
        bare = line.strip(around)
        if len(bare) > LONGEST_LINE:
            start = bare[:200].decode("utf-8", "replace")
            yield Piece(number, start, f"longer than {LONGEST_LINE} bytes")
            continue
        try:
            yield Piece(number, bare.decode("utf-8"))
        except UnicodeDecodeError:
            yield Piece(number, bare.decode("latin-1"))


def _plain(raw: bytes) -> bytes:
    """Without a mark, and with a line feed after each line."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    raw = raw.removeprefix(codecs.BOM_UTF8)
    return raw if b"\n" in raw else raw.replace(b"\r", b"\n")


def cells_of(raw: bytes, columns: Columns) -> Iterator[Piece]:
    """The cells of CSV that hold values. Where a quote that began is not closed, only its line
    is unreadable.
    """
    lines = _Lines(raw, columns.delimiter)
    for piece in lines:
        if _says_nothing(piece):
            continue
        if piece.reason:
            yield piece
            continue
        row = csv.reader(lines.from_here(piece), delimiter=columns.delimiter, strict=True)
        try:
            cells = next(row, [])
        except csv.Error as error:
            lines.give_back()
            yield Piece(piece.line, piece.text, f"not CSV: {error}")
            continue
        for number in columns.numbers:
            if number < len(cells) and (cell := cells[number].strip()):
                yield Piece(piece.line, cell)


class _Lines:
    """The lines of a document, of which those that a row took can be given back."""

    def __init__(self, raw: bytes, delimiter: str) -> None:
        # An empty cell may begin or end a line: a delimiter is not around it but in it.
        around = _AROUND.replace(delimiter.encode(), b"")
        self._coming = _every_line(raw, around)
        self._ahead: deque[Piece] = deque()
        self._taken: list[Piece] = []

    def __iter__(self) -> Iterator[Piece]:
        while (piece := self._next()) is not None:
            yield piece

    def _next(self) -> Piece | None:
        return self._ahead.popleft() if self._ahead else next(self._coming, None)

    def from_here(self, first: Piece) -> Iterator[str]:
        """A line and, as far as a row needs them, those after it."""
        self._taken.clear()
        size = len(first.text)
        yield first.text + "\n"
        while len(self._taken) < LONGEST_ROW and (piece := self._next()) is not None:
            self._taken.append(piece)
            size += len(piece.text)
            if piece.reason or size > LONGEST_LINE:
                return
            yield piece.text + "\n"

    def give_back(self) -> None:
        """What the last row took beyond its first line is looked at by itself."""
        self._ahead.extendleft(reversed(self._taken))
        self._taken.clear()


def without(pieces: Iterator[Piece], is_excluded: Callable[[str], bool] | None) -> Iterator[Piece]:
    """Those that an expression does not hit."""
    return pieces if is_excluded is None else (p for p in pieces if not is_excluded(p.text))
