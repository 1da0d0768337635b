# SPDX-License-Identifier: EUPL-1.2
"""Cases: lists, counts, search, a case, an act and a round of clocks among many of them.

All are asked as a client does, of a node that is served; readers take part in all, or in few.
"""

import json
import time
from collections.abc import Iterator
from urllib.parse import quote

from benchmarks import large_case
from benchmarks.case_filling import fill
from benchmarks.figures import Figure
from benchmarks.node import ServedNode
from brug.cases import listing, warning
from brug.directory import account_changes, keys, organisations
from brug.store.home import Home
from brug.store.session import Database

ORGANISATIONS = 200
RIGHTS = ["auth", "add", "modify", "case", "case_lead"]
CPU_AIM = 30.0  # milliseconds a request, of server and database together
CLOCKS_AIM = 1.0  # seconds
ASKED = 40
AT_LEAST = 17  # entries of a case that each reader has
RARE, EVERYWHERE = "h77.example", "pumps"


def measure(node: ServedNode, rows: int) -> Iterator[Figure]:
    """A hundredth of `rows` cases of twenty entries; readers who take part in all, and in few."""
    count = rows // 100
    home = Home(node.folder)
    with Database(node.server.dsn("brug_app"), 2, keys=home.keys) as database:
        orgs, people = _people(database)
        begun = time.perf_counter()
        fill(node, database, count, orgs, people["all"][0])
        yield Figure(
            f"{count:,} cases filled", f"{time.perf_counter() - begun:.0f} s", "", None, "", None
        )
        for who in ("all", "few"):
            yield from _requests(node, people[who][1], who, count)
            yield _counts(node, database, people[who][0], f"{who} of {count:,}")
            yield from large_case.usual_pages(node, database, people[who][0], f"{who} of {count:,}")
        yield from large_case.pages(node, database, people["all"][0], count)
        yield from large_case.measure(node, database, people["all"], [one[1] for one in orgs])
        yield _clocks(node, database, count)


def _people(database: Database) -> tuple[list[tuple[int, str]], dict[str, tuple[int, str]]]:
    """Organisations as (id, UUID), and who reads, as (user, key): of the first, and the second."""
    with database.system() as session:
        made = [organisations.add(session, {"name": f"Org {n}"}) for n in range(ORGANISATIONS)]
        people = {}
        for who, org in (("all", made[0]), ("few", made[1])):
            role = session.value(
                "INSERT INTO role (name, rights) VALUES (%s, %s) RETURNING id", (who, RIGHTS)
            )
            new = {"email": f"{who}@bench.example", "org_id": org.id, "role_id": role}
            account = account_changes.add(session, new | {"password": "Correct-horse-1"}).account
            people[who] = (account.id, keys.add(session, account.id).text)
    return [(one.id, str(one.uuid)) for one in made], people


def _requests(node: ServedNode, key: str, who: str, count: int) -> Iterator[Figure]:
    client = node.client(key)
    listed = json.loads(client.send("GET", "/brug/v1/cases?limit=50"))
    numbers = [one["number"] for one in listed["cases"]]
    whole = json.loads(client.send("GET", f"/brug/v1/cases/{numbers[0]}"))
    if whole["ignored"] or len(whole["timeline"]) < AT_LEAST:
        raise RuntimeError(f"{numbers[0]} is not what was to be filled: {whole['ignored']}")
    asked = {
        "list of 50": ["/brug/v1/cases?limit=50"],
        "list of a state": ["/brug/v1/cases?kind=incident&state=containment&over=false"],
        "page 100 of the list": ["/brug/v1/cases?limit=50&offset=4950"],
        "search, a rare word": [f"/brug/v1/cases?text={quote(RARE)}"],
        "search, words of all cases": [f"/brug/v1/cases?text={EVERYWHERE}%20firewall"],
        "a case": [f"/brug/v1/cases/{number}" for number in numbers],
        "its clocks": [f"/brug/v1/cases/{number}/clocks" for number in numbers],
        "cases like it": [f"/brug/v1/cases/{number}/duplicates" for number in numbers],
        "statistics": ["/brug/v1/case-statistics"],
        "notifications received": ["/brug/v1/received"],
        "summary of a quarter": ["/brug/v1/received/summary?period=2026-Q4"],
        "calendar of a month": ["/brug/v1/calendar?since=2026-11-15&until=2026-12-15"],
        "calendar of a day": ["/brug/v1/calendar?since=2026-11-21&until=2026-11-22"],
        "its entries": [f"/brug/v1/cases/{number}/entries" for number in numbers],
    }
    for name, paths in asked.items():
        for path in paths[:3]:
            client.send("GET", path)
        cpu, wall = node.cpu_seconds(), time.perf_counter()
        for n in range(ASKED):
            client.send("GET", paths[n % len(paths)])
        wall = (time.perf_counter() - wall) / ASKED * 1000
        cpu = (node.cpu_seconds() - cpu) / ASKED * 1000
        yield Figure(
            f"{name}, reader of {who} of {count:,}", f"{cpu:.1f} ms cpu, {wall:.1f} ms", "", None,
            f"< {CPU_AIM:.0f} ms cpu", cpu < CPU_AIM,
        )  # fmt: skip


def _spent(node: ServedNode) -> float:
    """Processor time of the node, its database, and this process, which asks it directly."""
    return node.cpu_seconds() + time.process_time()


def _counts(node: ServedNode, database: Database, user: int, who: str) -> Figure:
    """What a board shows above its columns."""
    with database.as_user(user) as session:
        begun = _spent(node)
        for _ in range(ASKED):
            listing.counted(session)
        taken = (_spent(node) - begun) / ASKED * 1000
    return Figure(
        f"counts of a board, reader of {who}", f"{taken:.1f} ms cpu", "", None,
        f"< {CPU_AIM:.0f} ms cpu", taken < CPU_AIM,
    )  # fmt: skip


def _clocks(node: ServedNode, database: Database, count: int) -> Figure:
    """One round that finds a hundred cases whose warning is due."""
    with database.system() as session:
        session.execute(
            "UPDATE case_file SET next_warning = now() - interval '1 minute' WHERE id IN"
            " (SELECT id FROM case_file ORDER BY id DESC LIMIT 100)"
        )
    begun = _spent(node)
    warning.warn(database)
    seconds = _spent(node) - begun
    return Figure(
        f"round of clocks, 100 due of {count:,}", f"{seconds:.2f} s cpu", "", None,
        f"< {CLOCKS_AIM:.0f} s cpu", seconds < CLOCKS_AIM,
    )  # fmt: skip
