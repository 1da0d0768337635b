# SPDX-License-Identifier: EUPL-1.2
"""The catalogue: taking 10,000 advisories in, one more among them, finding, matching, serving.

Documents are of varied sizes: most a few products, some hundreds. Bare is what lies beneath on the
same machine: decoding the same JSON, and copying the same rows into the same indexed tables.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import psycopg

from benchmarks.advisories import advisory
from benchmarks.figures import Figure
from benchmarks.node import ServedNode
from brug.cases.advisories import provider
from brug.cases.advisories.shelf import Shelved
from brug.cases.catalogue import finding, inventory, settling, taking
from brug.cases.catalogue.finding import Wanted
from brug.cases.catalogue.taking import MOST_AT_ONCE, Came, Origin
from brug.directory import organisations
from brug.store.session import Database

ADVISORIES, PRODUCTS, REGISTERS = 10_000, 5_000, 5
SIZES = ((0.6, 3, 2), (0.3, 12, 5), (0.09, 40, 8), (0.01, 300, 12))
PAGE_MS, ONE_MORE = 30.0, 3.0


def documents(count: int) -> Iterator[bytes]:
    """Made up, each with an id and products of its own."""
    chance = random.Random(42)  # noqa: S311 — the same ones each time
    kinds = [msgspec.json.decode(advisory(products, holes)) for _, products, holes in SIZES]
    for number in range(count):
        (value,) = chance.choices(kinds, [share for share, *_ in SIZES])
        tracking = value["document"]["tracking"]
        tracking["id"] = f"NL-2026-{number:06}"
        value["document"]["title"] = f"Sluice Controller {number}"
        products = value["product_tree"]["branches"][0]["branches"][0]
        products["name"] = f"Sluice {number % 3000}"
        for place, branch in enumerate(products["branches"]):
            name = (number * 7 + place) % 20_000
            branch["product"]["product_identification_helper"] = {
                "cpe": f"cpe:2.3:a:dijk:sluice_{name}:*:*:*:*:*:*:*:*",
                "purl": f"pkg:generic/dijk/sluice-{name}",
            }
        yield msgspec.json.encode(value)


def measure(node: ServedNode, rows: int) -> Iterator[Figure]:
    """A hundredth of `rows` advisories, at most 10,000."""
    count = min(ADVISORIES, max(rows // 100, 100))
    raws = list(documents(count + 2))
    with Database(node.server.dsn("brug_app"), 2) as database:
        with database.system() as session:
            orgs = [
                organisations.add(session, {"name": f"Register {n}"}).id for n in range(REGISTERS)
            ]
        origin = Origin(orgs[0])
        first = _timed(lambda: _take(database, raws[count:-1], origin))
        taken = _timed(lambda: _take(database, raws[:count], origin))
        decoding = _timed(lambda: [msgspec.json.decode(raw) for raw in raws[:count]])
        copying = _copied(node.server.dsn("brug_owner"))
        bare = decoding + copying
        size = sum(map(len, raws)) / 2**20
        yield Figure(
            f"{count:,} advisories taken in, {size:.0f} MiB", f"{taken:.1f} s",
            f"JSON read and copied {bare:.1f} s", taken / bare, "", None,
        )  # fmt: skip
        more = _timed(lambda: _take(database, raws[-1:], origin))
        yield Figure(
            f"one more among {count:,}", f"{more * 1000:.1f} ms",
            f"the first one {first * 1000:.1f} ms", more / first, f"< {ONE_MORE:.0f} x",
            more / first < ONE_MORE,
        )  # fmt: skip
        yield from _matching(database, orgs)
        yield from _finding(database, count)
    yield from _serving(count)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _take(database: Database, raws: list[bytes], origin: Origin) -> None:
    for start in range(0, len(raws), MOST_AT_ONCE):
        some = [
            Came(f"{start + place}.json", raw)
            for place, raw in enumerate(raws[start : start + MOST_AT_ONCE])
        ]
        with database.system() as session:
            told = taking.take(session, some, origin)
        assert all(one.outcome == "added" for one in told)
    settling.settle(database)


def _copied(dsn: str) -> float:
    """The same rows into tables with the same indexes, as their owner, under no policy."""
    with psycopg.connect(dsn, options="-c search_path=brug") as owner:
        begun = time.perf_counter()
        for name in ("catalogue_advisory", "catalogue_key"):
            owner.execute(f"CREATE TEMP TABLE bare_{name} (LIKE {name} INCLUDING ALL)")
            owner.execute(f"INSERT INTO bare_{name} SELECT * FROM {name}")
        taken = time.perf_counter() - begun
        owner.rollback()
    return taken


def _matching(database: Database, orgs: list[int]) -> Iterator[Figure]:
    """Registers of thousands, held against all; and one product more."""
    components = [
        {"name": f"sluice-{n * 4}", "version": "1.0", "purl": f"pkg:generic/dijk/sluice-{n * 4}@1"}
        for n in range(PRODUCTS)
    ]
    raw = msgspec.json.encode({"bomFormat": "CycloneDX", "components": components})
    with database.system() as session:
        for org in orgs:
            inventory.add_bill(session, raw, "All", org)
    taken = _timed(lambda: settling.settle(database, 10**6))
    with database.system() as session:
        found = session.value("SELECT count(*) FROM catalogue_match")
        inventory.add(session, inventory.Given(purl="pkg:generic/dijk/sluice-44@1"), orgs[0])
    one = _timed(lambda: settling.settle(database))
    number = PRODUCTS * len(orgs)
    yield Figure(
        f"{number:,} products matched, {found:,} matches", f"{taken:.1f} s",
        f"{taken / max(found, 1) * 1e6:.0f} us a match", None, "", None,
    )  # fmt: skip
    yield Figure(
        f"one product more among {number:,}", f"{one * 1000:.1f} ms", "", None,
        f"< {PAGE_MS:.0f} ms", one * 1000 < PAGE_MS,
    )  # fmt: skip


def _finding(database: Database, count: int) -> Iterator[Figure]:
    with database.system() as session:
        for what, wanted in (
            ("list", Wanted()), ("search, rare", Wanted(text=f"controller {count // 2}")),
            ("search, everywhere", Wanted(text="sluice")),
        ):  # fmt: skip
            finding.listed(session, wanted)
            taken = min(_timed(lambda wanted=wanted: finding.listed(session, wanted))  # type: ignore[misc]
                        for _ in range(5))  # fmt: skip
            yield Figure(
                f"catalogue of {count:,}: {what}", f"{taken * 1000:.1f} ms", "", None,
                f"< {PAGE_MS:.0f} ms", taken * 1000 < PAGE_MS,
            )  # fmt: skip


def _serving(count: int) -> Iterator[Figure]:
    """The provider's own feed, built whole, and after one more release."""
    base, at = "https://csirt.example", datetime(2026, 1, 1, tzinfo=UTC)
    shelved = [
        Shelved(f"ADV-2026-{n:05}", f"2026/adv-2026-{n:05}.json", f"Sluice {n}", "First", at,
                at + timedelta(minutes=n))
        for n in range(count + 1)
    ][::-1]  # fmt: skip
    pieces = provider.Pieces(base, "WHITE", "CSIRT Noordland")
    whole = _timed(lambda: pieces.feed(shelved[1:], at))
    more = _timed(lambda: pieces.feed(shelved, at))
    yield Figure(
        f"feed of {count:,}: one more released", f"{more * 1000:.1f} ms",
        f"built whole {whole * 1000:.1f} ms", more / whole, "< 0.5", more / whole < 0.5,
    )  # fmt: skip
