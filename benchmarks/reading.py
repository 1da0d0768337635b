# SPDX-License-Identifier: EUPL-1.2
"""Searching, viewing and exporting, each beside the statement beneath it."""

import json
import time
from collections.abc import Callable, Iterator

import psycopg

from benchmarks.adding import fill
from benchmarks.data import attributes
from benchmarks.figures import Figure, percentile
from benchmarks.node import Client, ServedNode
from brug.model.value_key import fold, key

ASKED = 500


def _values(count: int) -> list[str]:
    """Values that `fill` stored, of all kinds but composites."""
    found = []
    for seed in range(1_000_000, 1_000_010):
        found += [str(a["value"]) for a in attributes(seed, 1000) if a["type"] != "filename|md5"]
    return found[:: max(1, len(found) // count)][:count]


def _timed(ask: Callable[[str], object], values: list[str]) -> list[float]:
    times = []
    for value in values:
        begun = time.perf_counter()
        ask(value)
        times.append(time.perf_counter() - begun)
    return times


def searching(node: ServedNode, rows: int) -> Iterator[Figure]:
    """Exact values over HTTP at three sizes, beside one indexed SELECT through psycopg."""
    p99 = {}
    for size in (10_000, 100_000, rows):
        fill(node, size)
        client, values = node.client(), _values(ASKED)
        ask = _exact(client)
        _timed(ask, values[:50])
        cpu = node.cpu_seconds()
        times = _timed(ask, values)
        cpu = (node.cpu_seconds() - cpu) / len(values)
        with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
            bare = _timed(_select(connection), values)
        p99[size] = percentile(times, 0.99)
        yield Figure(
            f"exact search at {size:,}",
            f"p50 {percentile(times, 0.5) * 1000:.2f} ms, p99 {p99[size] * 1000:.2f} ms,"
            f" {cpu * 1000:.2f} ms cpu",
            f"p50 {percentile(bare, 0.5) * 1000:.2f} ms,"
            f" p99 {percentile(bare, 0.99) * 1000:.2f} ms",
            percentile(times, 0.5) / percentile(bare, 0.5),
            "<= 2 ms cpu",
            cpu <= 0.002,
        )
    flat = p99[rows] / p99[10_000]
    yield Figure("p99 of exact search, flat", f"{flat:.2f}", "1", flat, "<= 2", flat <= 2)


def _exact(client: Client) -> Callable[[str], object]:
    def ask(value: str) -> object:
        answer = json.loads(client.send("POST", "/attributes/restSearch", {"value": value}))
        if not answer["response"]["Attribute"]:
            raise RuntimeError(f"{value} was not found")
        return answer

    return ask


def _select(connection: psycopg.Connection) -> Callable[[str], object]:
    def ask(value: str) -> object:
        return connection.execute(
            "SELECT * FROM attribute WHERE key1 = %s", (key(fold(value)),)
        ).fetchall()

    return ask


def viewing(node: ServedNode, rows: int) -> Iterator[Figure]:
    """An event of 1,000 attributes with correlations; a list of 100 events."""
    fill(node, max(rows, 200_000))
    client = node.client()
    # The second of two events of the same values: each attribute correlates.
    for info in ("one", "two"):
        body = {
            "Event": {
                "info": info,
                "distribution": 1,
                "Attribute": list(attributes(77, 1000)),
            }
        }
        made = json.loads(client.send("POST", "/events/add", body))["Event"]["id"]
    for name, method, path, sent, aim in (
        ("view of 1,000 attributes, all correlating", "GET", f"/events/view/{made}", None, 30),
        ("list of 100 events", "POST", "/events/index", {"limit": 100, "page": 1}, 15),
    ):
        for _ in range(5):
            client.send(method, path, sent)
        cpu = node.cpu_seconds()
        begun = time.perf_counter()
        for _ in range(50):
            client.send(method, path, sent)
        wall = (time.perf_counter() - begun) / 50
        cpu = (node.cpu_seconds() - cpu) / 50 * 1000
        yield Figure(
            name, f"{cpu:.1f} ms cpu, {wall * 1000:.1f} ms", "", None, f"< {aim} ms cpu", cpu < aim
        )


def exporting(node: ServedNode, rows: int) -> Iterator[Figure]:
    """All indicators as CSV and as values, beside COPY TO of the same columns."""
    fill(node, rows)
    client = node.client()
    for form, columns in (
        ("csv", "uuid, event_id, category, type, value1, value2, comment, to_ids, timestamp"),
        ("values", "value1, value2"),
    ):
        begun = time.perf_counter()
        size = len(client.send("POST", "/attributes/restSearch", {"returnFormat": form}))
        seconds = time.perf_counter() - begun
        bare = _copy_out(node, columns)
        yield Figure(
            f"export as {form}",
            f"{seconds:.2f} s for {size / 1e6:.0f} MB",
            f"COPY {bare:.2f} s",
            bare / seconds,
            ">= 0.4",
            bare / seconds >= 0.4,
        )


def _copy_out(node: ServedNode, columns: str) -> float:
    with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
        begun = time.perf_counter()
        with connection.cursor().copy(f"COPY (SELECT {columns} FROM attribute) TO STDOUT") as copy:
            for _ in copy:
                pass
        return time.perf_counter() - begun
