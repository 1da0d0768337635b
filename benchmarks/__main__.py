# SPDX-License-Identifier: EUPL-1.2
"""Runs the benchmarks: `python -m benchmarks [--rows N] [NAME...]`."""

import argparse
import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    adding,
    advisories,
    asleep,
    bridging,
    calls,
    cases,
    catalogue,
    gate,
    heavy,
    ledger,
    memory,
    reading,
    soak,
    text,
)
from benchmarks.figures import Figure, show
from benchmarks.node import ServedNode, served

Measure = Callable[[ServedNode, int], Iterator[Figure]]


def _add(node: ServedNode, rows: int) -> Iterator[Figure]:
    """Rates on a small and on a full node, for seconds each; the latter at least 0.8 of the former.

    Indexes grow for COPY too: what becomes of its rate stands beside.
    """
    rates = []
    for held, seed in ((10_000, 1), (rows, 500_000)):
        adding.fill(node, held)
        (figure,) = adding.run(node, 1, 100, seed, 0.25)
        yield figure
        rates.append((_rate(figure.measured), _rate(figure.bare.removeprefix("COPY "))))
    slower, bare = (full / small for small, full in zip(*rates, strict=True))
    yield Figure(
        f"the same at {rows:,} as at 10,000", f"{slower:.2f}", f"COPY {bare:.2f}", slower / bare,
        ">= 0.8", slower >= 0.8,
    )  # fmt: skip


def _rate(shown: str) -> float:
    return float(shown.partition(" ")[0].replace(",", ""))


MEASURES: dict[str, Measure] = {
    "add": _add,
    "search": reading.searching,
    "view": reading.viewing,
    "export": reading.exporting,
    "text": text.measure,
    "gate": gate.measure,
    "advisories": advisories.measure,
    "calls": calls.measure,
    "cases": cases.measure,
    "catalogue": catalogue.measure,
    "heavy": heavy.measure,
    "ledger": ledger.measure,
    "memory": memory.measure,
    "bridging": bridging.measure,
    "asleep": asleep.measure,
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
