# SPDX-License-Identifier: EUPL-1.2
"""Requests that ask for much: answered in bounded memory while others keep being served."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import psutil

from benchmarks.adding import fill
from benchmarks.data import attributes
from benchmarks.figures import Figure, percentile
from benchmarks.load import timed
from benchmarks.node import JSON, ServedNode, served

MEGABYTE = 2**20
EXPORTS = 32
MOST_MORE = 400  # megabytes that two workers and their database may take on top


def measure(_: ServedNode, rows: int) -> Iterator[Figure]:
    """On a node of its own, with two workers and many attributes."""
    with served(workers=2) as node:
        fill(node, rows)
        client = node.client()
        values = [str(a["value"]) for a in attributes(1_000_000, 1000)]
        body = {"value": values}
        client.send("POST", "/attributes/restSearch", body)
        took = [
            timed(lambda: client.send("POST", "/attributes/restSearch", body)) for _ in range(9)
        ]
        found = json.loads(client.send("POST", "/attributes/restSearch", body))
        yield Figure(
            "search of 1,000 values",
            f"{percentile(took, 0.5) * 1000:.0f} ms, {len(found['response']['Attribute'])} found",
            "",
            None,
            "",
            None,
        )
        yield _watched(node, f"all {rows:,} attributes as JSON, 1 client", 1)
        yield _watched(node, f"all {rows:,} attributes as CSV, {EXPORTS} clients", EXPORTS)


def _watched(node: ServedNode, name: str, clients: int) -> Figure:
    """Exports, with a small request beside them and the memory of all processes."""
    before = sum(node.pss_bytes().values())
    done = threading.Event()
    peak, small = [before], []

    def watch() -> None:
        client = node.client()
        while not done.is_set():
            small.append(timed(lambda: client.send("GET", "/servers/getVersion")))
            try:
                peak.append(sum(node.pss_bytes().values()))
            except psutil.NoSuchProcess:
                continue
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun = time.perf_counter()
    form = "json" if clients == 1 else "csv"
    with ThreadPoolExecutor(clients) as pool:
        sizes = list(pool.map(lambda _: _export(node, form), range(clients)))
    wall = time.perf_counter() - begun
    done.set()
    watcher.join()
    more = (max(peak) - before) / MEGABYTE
    whole = len(set(sizes)) == 1
    return Figure(
        name,
        f"{wall:.1f} s, {sum(sizes) / wall / MEGABYTE:,.0f} MB/s, {more:.0f} MB more memory,"
        f" version meanwhile p99 {percentile(small, 0.99) * 1000:.0f} ms",
        "",
        None,
        f"whole, < {MOST_MORE} MB more",
        whole and more < MOST_MORE,
    )


def _export(node: ServedNode, form: str) -> int:
    """Reads an export to its end, coming back when told to; its size."""
    while True:
        connection = HTTPConnection("127.0.0.1", node.port, timeout=600)
        connection.request(
            "POST",
            "/attributes/restSearch",
            json.dumps({"returnFormat": form}),
            {**JSON, "Authorization": node.key},
        )
        answer = connection.getresponse()
        if answer.status == 503:
            answer.read()
            time.sleep(float(answer.headers["Retry-After"]))
            continue
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.read()[:300]!r}")
        size = 0
        while piece := answer.read(2**18):
            size += len(piece)
        return size
