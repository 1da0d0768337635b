# SPDX-License-Identifier: EUPL-1.2
"""How results are written down: one line a path, with its bare operation and its aim."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`ratio` is measured against bare where the aim is one; `met` is None without an aim."""

    path: str
    measured: str
    bare: str
    ratio: float | None
    aim: str
    met: bool | None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of them lies; values need not be sorted."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def show(figures: Sequence[Figure]) -> str:
    """A table in plain text."""
    rows = [("path", "measured", "bare", "ratio", "aim", "")]
    for f in figures:
        verdict = "" if f.met is None else ("met" if f.met else "MISSED")
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        rows.append((f.path, f.measured, f.bare, ratio, f.aim, verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
