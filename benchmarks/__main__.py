# SPDX-License-Identifier: EUPL-1.2
"""Runs the benchmarks: `python -m benchmarks [--rows N] [NAME...]`."""

import argparse
import sys
from collections.abc import Callable, Iterator

from benchmarks import adding, calls, heavy, memory, reading, soak, text
from benchmarks.figures import Figure, show
from benchmarks.node import ServedNode, served

Measure = Callable[[ServedNode, int], Iterator[Figure]]


def _add(node: ServedNode, rows: int) -> Iterator[Figure]:
    """Rates on a small and on a full node; the latter at least 0.8 of the former."""
    adding.fill(node, 10_000)
    small = list(adding.run(node, 1, 30, 1, 0.25))
    yield from small
    adding.fill(node, rows)
    full = list(adding.run(node, 1, 30, 500_000, 0.25))
    yield from full
    slower = _rate(full[0]) / _rate(small[0])
    yield Figure(
        f"the same at {rows:,} as at 10,000", f"{slower:.2f}", "1", slower, ">= 0.8", slower >= 0.8
    )


def _rate(figure: Figure) -> float:
    return float(figure.measured.partition(" ")[0].replace(",", ""))


MEASURES: dict[str, Measure] = {
    "add": _add,
    "search": reading.searching,
    "view": reading.viewing,
    "export": reading.exporting,
    "text": text.measure,
    "calls": calls.measure,
    "heavy": heavy.measure,
    "memory": memory.measure,
    "soak": soak.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], help="which (default: all)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="attributes to fill up to")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    with served() as node:
        for name, measure in MEASURES.items():
            if not chosen.names or name in chosen.names:
                for figure in measure(node, chosen.rows):
                    figures.append(figure)
                    print(show([figure]).splitlines()[1], flush=True)
    if not chosen.names or "add" in chosen.names:
        with served(workers=2) as node:
            adding.fill(node, 10_000)
            figures += adding.run(node, 8, 12, 900_000, 0.35)
    print()
    print(show(figures))
    sys.exit(any(f.met is False for f in figures))


main()
