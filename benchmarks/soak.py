# SPDX-License-Identifier: EUPL-1.2
"""Whether memory stays flat while all the usual calls go on for ten minutes."""

import time
from collections.abc import Iterator

from benchmarks.adding import fill
from benchmarks.calls import World, requests
from benchmarks.figures import Figure
from benchmarks.load import drive
from benchmarks.memory import MEGABYTE
from benchmarks.node import ServedNode, served

SECONDS = 600
SETTLING = 120  # caches and connections fill
CLIENTS = 8
HELD = 20_000
EACH = 16  # requests of one call in one round
GROWTH = 16  # MB of the workers together, over the time that is measured


def measure(_: ServedNode, __: int) -> Iterator[Figure]:
    """On a node of its own, with two workers."""
    with served(workers=2) as node:
        fill(node, HELD)
        node.client().send("POST", "/tags/add", {"name": "tlp:green", "colour": "#339900"})
        world = World(node.client())
        begun, sent, settled = time.monotonic(), 0, 0.0
        while (passed := time.monotonic() - begun) < SECONDS:
            for one in requests(world, EACH).values():
                sent += drive(node, CLIENTS, one).requests
            if passed < SETTLING:
                settled = _workers(node)
        grown = _workers(node) - settled
    yield Figure(
        f"growth of the workers in {(SECONDS - SETTLING) // 60} minutes, {sent:,} requests",
        f"{grown:+.0f} MB on {settled:.0f} MB",
        "",
        None,
        f"<= {GROWTH} MB",
        grown <= GROWTH,
    )


def _workers(node: ServedNode) -> float:
    return node.pss_bytes()["node"] / MEGABYTE
