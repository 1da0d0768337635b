# SPDX-License-Identifier: EUPL-1.2
"""CSV of other tools, with and without a header."""

import pytest

from brug.formats.csv_reading import read_rows
from brug.model.errors import Invalid


def test_columns_are_taken_by_name_whatever_their_order() -> None:
    text = 'type;Indicator;description\nip-dst;192.0.2.1;"seen; twice"\n\n# no row\nmd5;x;\n'
    rows = list(read_rows(text))
    assert [(r.line, r.fields) for r in rows] == [
        (2, {"type": "ip-dst", "value": "192.0.2.1", "comment": "seen; twice"}),
        (5, {"type": "md5", "value": "x"}),
    ]


def test_without_a_header_the_first_cell_is_the_value() -> None:
    rows = list(read_rows("192.0.2.1,first\n\n192.0.2.2,second\n"))
    assert [(r.line, r.fields["value"]) for r in rows] == [(1, "192.0.2.1"), (3, "192.0.2.2")]


def test_a_row_over_several_lines_is_placed_at_its_first() -> None:
    rows = list(read_rows('value,comment\n192.0.2.1,"two\nlines"\n192.0.2.2,x\n'))
    assert [(r.line, r.fields["value"]) for r in rows] == [(2, "192.0.2.1"), (4, "192.0.2.2")]


def test_a_quote_that_never_ends_is_refused_with_its_line() -> None:
    with pytest.raises(Invalid, match="line 3"):
        list(read_rows('value,comment\n192.0.2.1,x\n192.0.2.2,"never\n'))
