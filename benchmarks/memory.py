# SPDX-License-Identifier: EUPL-1.2
"""Memory of an idle node and its database after 10,000 requests; and the start."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.node import ServedNode, served

MEGABYTE = 2**20


def measure(_: ServedNode, __: int) -> Iterator[Figure]:
    """On a node of its own, with vocabularies loaded and little else."""
    folder = Path(tempfile.mkdtemp(prefix="brug-bench-", dir="/var/tmp"))
    try:
        with served(keep=folder) as node:
            client = node.client()
            for _number in range(10_000):
                client.send("GET", "/users/view/me")
            shares = node.pss_bytes()
        total = sum(shares.values()) / MEGABYTE
        parts = ", ".join(f"{k} {v / MEGABYTE:.0f}" for k, v in shares.items())
        yield Figure(
            "idle memory after 10,000 requests",
            f"{total:.0f} MB ({parts})",
            "",
            None,
            "< 300 MB",
            total < 300,
        )
        begun = time.perf_counter()
        with served(keep=folder):
            seconds = time.perf_counter() - begun
        yield Figure("serve answers", f"{seconds:.1f} s", "", None, "< 3 s", seconds < 3)
    finally:
        shutil.rmtree(folder)
