# SPDX-License-Identifier: EUPL-1.2
"""The look keeps its promises: contrast (WCAG 2.2, 1.4.3, 1.4.6, 1.4.11) and a strict CSP."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "src" / "brug" / "web"
BASE = (WEB / "static" / "css" / "base.css").read_text()

PAIRS = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", BASE)
COLOURS = {
    "light": {name: light for name, light, _ in PAIRS},
    "dark": {name: dark for name, _, dark in PAIRS},
}

BEHIND_TEXT = ("paper", "surface", "sunken", "raised", "accent-wash")
CONTRASTS = [
    *((text, behind, 7.0) for text in ("ink",) for behind in BEHIND_TEXT),
    *(("muted", behind, 6.0) for behind in BEHIND_TEXT),
    *(("accent", behind, 4.5) for behind in BEHIND_TEXT),
    *((state, f"{state}-wash", 4.5) for state in ("good", "warn", "bad")),
    *(("ink", f"{state}-wash", 7.0) for state in ("good", "warn", "bad")),
    ("bad", "paper", 4.5),
    ("bad", "surface", 4.5),
    ("on-accent", "accent", 4.5),
    *(("control", behind, 3.0) for behind in ("paper", "surface", "sunken")),
]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "behind", "least"), CONTRASTS)
def test_each_pair_of_colours_can_be_read(
    theme: str, front: str, behind: str, least: float
) -> None:
    colours = COLOURS[theme]
    assert contrast(colours[front], colours[behind]) >= least


def templates_with(what: str) -> dict[str, list[str]]:
    """What is found of a pattern, by template."""
    found = {
        str(page): re.findall(what, page.read_text())
        for page in (WEB / "templates").rglob("*.html")
    }
    assert len(found) > 100
    return {page: several for page, several in found.items() if several}


def test_no_template_needs_inline_script_or_style() -> None:
    assert templates_with(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on") == {}
    assert templates_with(r"<script(?![^>]*\ssrc=)") == {}


@pytest.mark.parametrize("sheet", sorted((WEB / "static").rglob("*.css")), ids=lambda p: p.name)
def test_no_style_sheet_fetches_from_elsewhere(sheet: Path) -> None:
    assert not re.search(r"@import|https?://|url\(", sheet.read_text())


def test_no_cell_of_a_table_is_made_into_something_else() -> None:
    """Chips lie in a row that wraps; a cell that did would no longer be one."""
    assert templates_with(r'<t[dh][^>]*class="[^"]*\bchips\b') == {}
