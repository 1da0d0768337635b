# SPDX-License-Identifier: EUPL-1.2
"""A plain HTTP load generator: some clients, each on a kept-alive connection of its own."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from benchmarks.figures import percentile
from benchmarks.node import Client, ServedNode

Request = tuple[str, str, object]


@dataclass(frozen=True)
class Load:
    """What came of it; seconds."""

    requests: int
    wall: float
    cpu: float
    times: Sequence[float]

    @property
    def rate(self) -> float:
        return self.requests / self.wall

    @property
    def per_cpu_second(self) -> float:
        """Requests for each second of processor time of server and database together."""
        return self.requests / max(self.cpu, 0.01)

    def __str__(self) -> str:
        return (
            f"{self.rate:,.0f}/s, p50 {percentile(self.times, 0.5) * 1000:.1f} ms,"
            f" p99 {percentile(self.times, 0.99) * 1000:.1f} ms,"
            f" {self.cpu / self.requests * 1000:.2f} ms cpu"
        )


def drive(node: ServedNode, clients: int, requests: Sequence[Request]) -> Load:
    """Sends the requests, dealt out among the clients; any answer but 200 raises."""
    shares = [requests[start::clients] for start in range(clients)]
    connections = [node.client() for _ in shares]
    for connection in connections:
        connection.send("GET", "/servers/getVersion")
    cpu = node.cpu_seconds()
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        times = [t for one in pool.map(_send, connections, shares) for t in one]
    wall = time.perf_counter() - begun
    return Load(len(requests), wall, node.cpu_seconds() - cpu, times)


def _send(client: Client, requests: Sequence[Request]) -> list[float]:
    return [timed(partial(client.send, *request)) for request in requests]


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun
