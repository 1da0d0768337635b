# SPDX-License-Identifier: EUPL-1.2
"""The reference page names every filter, where it acts, and every format."""

import re
from pathlib import Path

from brug.api.misp.search.rest_search_attributes import FORMATS
from brug.intel.search.filters import FILTERS
from brug.intel.search.listing import PARAMETERS

REFERENCE = Path(__file__).resolve().parents[2] / "docs/reference"
PAGE = (REFERENCE / "searching.md").read_text("utf-8")
FORMATS_PAGE = (REFERENCE / "formats.md").read_text("utf-8")
SCOPES = ("attributes", "events", "objects")


def _table() -> dict[str, set[str]]:
    rows: dict[str, set[str]] = {}
    for line in PAGE.partition("## Filters")[2].partition("## What is")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for name in re.findall(r"`(\w+)`", cells[0]) if len(cells) == 5 else ():
            rows[name] = {s for s, cell in zip(SCOPES, cells[1:4], strict=True) if cell == "yes"}
    return rows


def test_every_filter_is_in_the_table_with_its_scopes() -> None:
    assert _table() == {name: set(row.scopes) for name, row in FILTERS.items()}


def test_every_format_and_every_filter_of_the_list_is_named() -> None:
    for name in FORMATS:
        assert f"`{name}`" in FORMATS_PAGE
    for name in PARAMETERS:
        assert f"`{name}`" in PAGE
