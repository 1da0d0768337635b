# SPDX-License-Identifier: EUPL-1.2
"""The ledger: entries given their places while others write, and proofs in a long log.

Bare: the same rows written by plain INSERT, without pending mark, tree or signature; and one
SELECT of as many rows by their key as a proof needs.
"""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.figures import Figure, percentile
from benchmarks.node import ServedNode
from brug.bridges import ledger
from brug.bridges.ledger import checkpoints, logs, proving, sequencer, sequencing
from brug.directory.node import create_node
from brug.store.bootstrap import bootstrap
from brug.store.home import Home
from brug.store.migrations import migrate
from brug.store.server import SUPERUSER, EmbeddedServer
from brug.store.session import Database

WRITERS = 4
SECONDS = 6.0
BACKLOG = 50_000
ENTRIES_AIM = 5_000
PROOF_AIM = 0.005
# The slowest of a hundred says how busy the machine is: it is held against a SELECT's slowest.
SLOWEST_AIM = 5.0
PROOFS = 500
# With the sequencer at work the writers keep at least this share of their rate: they share
# two processors with it, and wait for nothing of it.
KEPT_SHARE = 0.6
PAYLOAD = {
    "kind": "event", "event": "b2c6a0d8-4f0e-4d5a-8f3a-0c9f9d8f5c11", "version": 1_700_000_000,
    "digest": "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    "outcome": "redact", "agreement": 3, "rules": ["marking", "personal data"], "passed": 980,
}  # fmt: skip


def measure(_node: ServedNode, rows: int) -> Iterator[Figure]:
    """On a database of its own: the served node's sequencer would do the work."""
    with _database() as (database, folder, owner):
        yield from _sequencing(database, folder, owner)
        yield from _proving(database, folder, rows)


@contextmanager
def _database() -> Iterator[tuple[Database, Path, str]]:
    place = Path(tempfile.mkdtemp(prefix="brug-bench-ledger-", dir="/var/tmp"))
    place.chmod(0o755)
    home = Home(place / "node")
    home.create()
    server = EmbeddedServer(home)
    server.initialise()
    try:
        with server:
            bootstrap(server.dsn(SUPERUSER, "postgres"))
            migrate(server.dsn("brug_owner"))
            with Database(server.dsn("brug_app"), WRITERS + 3, "bench", home.keys) as database:
                with database.system() as session:
                    create_node(session, "Bench", "bench@node.example", "http://node.example")
                yield database, home.path / checkpoints.FOLDER, server.dsn("brug_owner")
    finally:
        shutil.rmtree(place)


def _sequencing(database: Database, folder: Path, owner: str) -> Iterator[Figure]:
    sequencer.catch_up(database, folder)
    # 1. A backlog, to see what the sequencer does when it has enough to do.
    bare = _plain(owner)
    _fill(database, BACKLOG)
    begun = time.monotonic()
    done = sequencer.catch_up(database, folder)
    rate = done / (time.monotonic() - begun)
    yield Figure(
        "ledger: entries sequenced/s", f"{rate:,.0f}", f"INSERT {bare:,.0f}", rate / bare,
        f">= {ENTRIES_AIM:,}", rate >= ENTRIES_AIM,
    )  # fmt: skip
    # 2. Writers alone, and the same with the sequencer beside them.
    alone = _written(database)
    sequencer.catch_up(database, folder)
    stop = threading.Event()
    worker = threading.Thread(target=_sequence, args=(database, folder, stop))
    worker.start()
    together = _written(database)
    stop.set()
    worker.join()
    share = together / alone
    yield Figure(
        f"ledger: {WRITERS} writers, transactions/s while sequencing", f"{together:,.0f}",
        f"not sequencing {alone:,.0f}", share, f">= {KEPT_SHARE}", share >= KEPT_SHARE,
    )  # fmt: skip


def _sequence(database: Database, folder: Path, stop: threading.Event) -> None:
    while not stop.is_set():
        if sequencer.turn(database, folder) < sequencing.MOST:
            stop.wait(sequencer.WAKE_SECONDS)


def _written(database: Database) -> float:
    """Transactions of one entry each, by some writers at once, per second."""
    counts, end = [0] * WRITERS, time.monotonic() + SECONDS

    def write(place: int) -> None:
        while time.monotonic() < end:
            with database.system() as session:
                ledger.record(session, "bench", PAYLOAD)
            counts[place] += 1

    threads = [threading.Thread(target=write, args=(place,)) for place in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _fill(database: Database, count: int) -> None:
    with database.system() as session:
        session.execute(
            "INSERT INTO ledger_entry (kind, payload)"
            " SELECT 'bench', %s::jsonb || jsonb_build_object('n', n)"
            " FROM generate_series(1, %s) n",
            (json.dumps(PAYLOAD), count),
        )


def _plain(owner: str) -> float:
    """Rows of the same content into a table with the same key and nothing else, per second."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE brug.plain (number bigint PRIMARY KEY, id uuid, kind text,"
            " at timestamptz, payload jsonb, salt bytea)"
        )
        begun = time.monotonic()
        connection.execute(
            "INSERT INTO brug.plain SELECT n, gen_random_uuid(), 'bench', now(), %s::jsonb"
            " || jsonb_build_object('n', n), uuid_send(gen_random_uuid())"
            " FROM generate_series(1, %s) n",
            (json.dumps(PAYLOAD), BACKLOG),
        )
        spent = time.monotonic() - begun
        connection.execute("DROP TABLE brug.plain")
    return BACKLOG / spent


def _proving(database: Database, folder: Path, rows: int) -> Iterator[Figure]:
    """A proof, as the page makes it, of entries all over the log: the usual one, and p99."""
    with database.system() as session:
        held = logs.size(session, logs.of(session))
    while held < rows:
        _fill(database, min(BACKLOG, rows - held))
        sequencer.catch_up(database, folder)
        held += BACKLOG
    times, bare = [], []
    with database.system() as session:
        log = logs.of(session)
        size = logs.size(session, log)
        session.execute("ANALYZE ledger_node, ledger_position, ledger_entry")
        for n in range(PROOFS):
            place = n * (size // PROOFS)
            entry = session.value(
                "SELECT id FROM ledger_position JOIN ledger_entry USING (number)"
                " WHERE log_id = %s AND position = %s",
                (log.id, place),
            )
            begun = time.monotonic()
            proving.proof(session, entry)
            times.append(time.monotonic() - begun)
            begun = time.monotonic()
            session.all(
                "SELECT hash FROM ledger_node WHERE log_id = %s AND level = 1"
                " AND index BETWEEN %s AND %s",
                (log.id, place // 2, place // 2 + 20),
            )
            bare.append(time.monotonic() - begun)
    for name, share in (("median", 0.5), ("p99", 0.99)):
        proof, plain = percentile(times, share), percentile(bare, share)
        ratio = proof / plain
        aim = (f"< {PROOF_AIM * 1000:.0f} ms", proof < PROOF_AIM)
        if name == "p99":
            aim = (f"ratio <= {SLOWEST_AIM:.0f}", ratio <= SLOWEST_AIM)
        yield Figure(
            f"ledger: inclusion proof in {size:,} entries, {name}", f"{proof * 1000:.2f} ms",
            f"SELECT {plain * 1000:.2f} ms", ratio, *aim,
        )  # fmt: skip
