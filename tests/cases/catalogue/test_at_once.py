# SPDX-License-Identifier: EUPL-1.2
"""Two who bring one advisory at the same moment: each sees what the other brought."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from tests.cases.catalogue import made
from tests.cases.catalogue.conftest import World

from brug.cases.catalogue import finding, taking
from brug.cases.catalogue.finding import Wanted
from brug.cases.catalogue.taking import Came, Origin
from brug.store.session import Session

OWN, COMMUNITY = 0, 1


def bring(session: Session, world: World, org: str, level: int, *raws: bytes) -> list[str]:
    several = [Came(f"{number}.json", raw) for number, raw in enumerate(raws)]
    told = taking.take(session, several, Origin(world.orgs[org], level))
    return [one.outcome for one in told]


def seen(world: World, user: int) -> list[str]:
    with world.database.as_user(user) as session:
        rows, total = finding.listed(session, Wanted())
    assert total == len(rows)
    return sorted(f"{one.tracking_id} {one.version}" for one in rows)


def several(world: World) -> list[bool]:
    with world.database.system() as session:
        rows = session.all("SELECT several FROM catalogue_advisory ORDER BY id")
    return [row[0] for row in rows]


def waits(world: World, pid: int) -> bool:
    """Whether a connection waits for a lock that another one has."""
    with world.database.system() as session:
        return bool(session.value("SELECT cardinality(pg_blocking_pids(%s)) > 0", (pid,)))


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise TimeoutError


@pytest.mark.parametrize("by_hand", [False, True])
def test_whoever_comes_second_waits_and_both_know_that_there_are_two(
    world: World, *, by_hand: bool
) -> None:
    pid: list[int] = []

    def second() -> list[str]:
        with world.database.system() as session:
            pid.append(int(session.value("SELECT pg_backend_pid()")))
            if by_hand:  # past `take`, which waits itself
                session.execute(
                    "INSERT INTO catalogue_advisory (namespace, tracking_id, version, org_id,"
                    " distribution, title, publisher, category, status, first_released, released,"
                    " cves, products, purls, cpes, folded, raw, size, sha256) VALUES (%s, 'ADV-1',"
                    " '1', %s, 1, 't', 'p', 'c', 'final', '2026-01-01', '2026-01-01', '{}', '{}',"
                    " '{}', '{}', 'adv-1', '', 0, '')",
                    (made.NAMESPACE, world.orgs["host"]),
                )
                return ["added"]
            return bring(session, world, "host", COMMUNITY, made.raw(version="1"))

    with ThreadPoolExecutor(1) as pool:
        with world.database.system() as session:
            assert bring(session, world, "water", OWN, made.raw(version="2")) == ["added"]
            running = pool.submit(second)
            until(lambda: bool(pid) and waits(world, pid[0]))
            assert not running.done()
        assert running.result(30) == ["added"]
    assert several(world) == [True, True]
    # Who may see both sees the newest alone.
    assert seen(world, world.water) == ["ADV-1 2"]
    assert seen(world, world.energy) == ["ADV-1 1"]


def test_many_at_once_end_as_one_after_another(world: World) -> None:
    """Each order of advisories; nobody waits for who waits for them."""
    ids = [f"ADV-{number}" for number in range(1, 6)]
    start = threading.Barrier(4)

    def some(turn: int) -> None:
        order = ids if turn % 2 else ids[::-1]
        version = str(turn // 2 + 1)
        with suppress(threading.BrokenBarrierError):
            start.wait(10)
        with world.database.system() as session:
            org, level = (("water", OWN), ("host", COMMUNITY))[turn % 2]
            bring(session, world, org, level, *(made.raw(one, version) for one in order))

    with ThreadPoolExecutor(4) as pool:
        for running in [pool.submit(some, turn) for turn in range(4)]:
            running.result(60)
    newest = [f"{one} 2" for one in ids]
    assert seen(world, world.water) == newest
    assert seen(world, world.energy) == newest
