# SPDX-License-Identifier: EUPL-1.2
"""Lists as others write them: quotes over several lines, other encodings, other ends of lines."""

import time

import pytest

from brug.formats.feed_lines import cells_of, columns_of, lines_of

FIRST = columns_of("1", ",")


def cells(text: str) -> list[tuple[int, str, bool]]:
    found = cells_of(text.encode(), FIRST)
    return [(piece.line, piece.text, bool(piece.reason)) for piece in found]


def test_quotes_hold_ends_of_lines() -> None:
    text = (
        'ip,comment\n"192.0.2.1","first\nsecond, line\n\n# no comment"\r\n192.0.2.2,plain\n'
        '"192.0.2.3","said ""so"""\n'
    )
    assert cells(text) == [
        (1, "ip", False), (2, "192.0.2.1", False), (6, "192.0.2.2", False),
        (7, "192.0.2.3", False),
    ]  # fmt: skip


def test_a_quote_that_nobody_closes_costs_its_line_alone() -> None:
    text = '192.0.2.1,a\n"192.0.2.2,a\n192.0.2.3,b\n192.0.2.4,"c\n192.0.2.5,d\n'
    assert [(line, bad) for line, _, bad in cells(text)] == [
        (1, False), (2, True), (3, False), (4, True), (5, False),
    ]  # fmt: skip


def test_open_quotes_by_the_thousand_take_no_longer() -> None:
    text = '192.0.2.1,"a\n' * 50_000 + "192.0.2.1,b\n" * 50_000
    began = time.monotonic()
    assert len(cells(text)) >= 50_000
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_in_the_encodings_of_lists(encoding: str, end: str) -> None:
    raw = end.join(["# one", "192.0.2.1", "", "bücher.example", ""]).encode(encoding)
    found = [(piece.line, piece.text) for piece in lines_of(raw)]
    assert found == [(2, "192.0.2.1"), (4, "bücher.example")]


def test_utf_16_of_either_order_is_read() -> None:
    for order in ("utf-16-le", "utf-16-be"):
        assert [p.text for p in lines_of("\ufeff192.0.2.1\n".encode(order))] == ["192.0.2.1"]


@pytest.mark.parametrize("delimiter", ["\\t", " ", ";"])
def test_an_empty_cell_at_the_start_of_a_line_moves_no_other(delimiter: str) -> None:
    columns = columns_of("2", delimiter)
    sign = columns.delimiter
    rows = [["x", "192.0.2.1", "a"], ["", "192.0.2.2", "b"], ["", '"192.0.2.3"', ""]]
    raw = "\r\n".join([*(sign.join(row) for row in rows), f" {sign}", "  # no line"]).encode()
    found = [piece.text for piece in cells_of(raw, columns) if not piece.reason]
    assert found == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]


def test_blanks_around_a_line_with_quotes_are_left() -> None:
    assert cells('  "192.0.2.1","a" \t\n') == [(1, "192.0.2.1", False)]
