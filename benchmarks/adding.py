# SPDX-License-Identifier: EUPL-1.2
"""POST /events/add with 1,000 attributes, beside COPY of the same rows into the same table."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg

from benchmarks.data import event
from benchmarks.figures import Figure
from benchmarks.node import ServedNode

SIZE = 1000


def run(node: ServedNode, clients: int, events: int, seed: int, aim: float) -> Iterator[Figure]:
    """Rates with some clients, each on a connection of its own."""
    bodies = [[event(seed + c * 10_000 + i, SIZE) for i in range(events)] for c in range(clients)]
    cpu = node.cpu_seconds()
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        times = [t for one in pool.map(lambda b: _send(node, b), bodies) for t in one]
    wall = time.perf_counter() - begun
    cpu = node.cpu_seconds() - cpu
    rate = clients * events * SIZE / wall
    bare = copy_rate(node, clients * events)
    yield Figure(
        f"add events, {clients} client{'s' if clients > 1 else ''}",
        f"{rate:,.0f} attributes/s ({cpu / (clients * events) * 1000:.0f} ms cpu/event,"
        f" longest {max(times) * 1000:.0f} ms)",
        f"COPY {bare:,.0f} rows/s",
        rate / bare,
        f">= {aim}",
        rate / bare >= aim,
    )


def _send(node: ServedNode, bodies: list[bytes]) -> list[float]:
    client = node.client()
    times = []
    for body in bodies:
        begun = time.perf_counter()
        client.send("POST", "/events/add", body)
        times.append(time.perf_counter() - begun)
    return times


COLUMNS = (
    "uuid, event_id, org_id, object_id, audience, key1, key2, parts, timestamp, distribution,"
    " to_ids, deleted, disable_correlation, type, category, value1, value2, comment, ip"
)


def copy_rate(node: ServedNode, batches: int) -> float:
    """Rows a second of COPY into the same indexed table, one batch of 1,000 a transaction.

    The rows are the newest that the node stored, with new UUIDs; they are removed again.
    """
    batches = min(batches, 50)
    with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT gen_random_uuid()::text, -1 - (id %% 7), "
            + COLUMNS.partition("event_id, ")[2]
            + " FROM attribute ORDER BY id DESC LIMIT %s",
            (batches * SIZE,),
        ).fetchall()
        begun = time.perf_counter()
        for start in range(0, len(rows), SIZE):
            with connection.cursor().copy(f"COPY attribute ({COLUMNS}) FROM STDIN") as copy:
                for row in rows[start : start + SIZE]:
                    copy.write_row(row)
        seconds = time.perf_counter() - begun
        connection.execute("DELETE FROM attribute WHERE event_id < 0")
        connection.execute("VACUUM attribute")
    return len(rows) / seconds


def indexed(node: ServedNode) -> None:
    """Waits for what storing left to the background: it is no part of what is measured next."""
    with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM value_batch LIMIT 1").fetchone():
            time.sleep(0.2)


def fill(node: ServedNode, wanted: int) -> None:
    """Adds events over HTTP until the node holds `wanted` attributes."""
    with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM attribute").fetchone()
        held = int(row[0]) if row else 0
    client = node.client()
    for seed in range(held // SIZE, wanted // SIZE):
        client.send("POST", "/events/add", event(1_000_000 + seed, SIZE))
    indexed(node)
    with psycopg.connect(node.server.dsn("brug_owner"), autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) attribute")
        connection.execute("ANALYZE event")
