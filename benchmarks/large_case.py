# SPDX-License-Identifier: EUPL-1.2
"""A case in which much was said, and the pages of cases, as a browser asks for them."""

import http.client
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import cycle
from uuid import uuid4

from benchmarks.figures import Figure
from benchmarks.node import ServedNode
from brug.cases import files, keeping, projecting, writing
from brug.cases.acts import AnyAct, Attached, Decided, Joined, Linked, Planned, Recorded, Said
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.directory import signing_in
from brug.store.session import Database

ENTRIES = 2000
AIM = 30.0  # milliseconds of processor time, of server and database together
ASKED = 40
MONTH = "/cases/calendar?month=2026-11"  # in which deadlines of the cases that are filled end
AT_LEAST = 10  # of what ends in it
TEXT = "The firewall shows traffic to **a host** that nobody knows; see the image of the disk. " * 3


def make(database: Database, user: int, orgs: list[str]) -> str:
    """Its number. One in four messages is for one organisation alone."""
    parts = [str(uuid4()), str(uuid4())]
    with database.as_user(user) as session:
        file = keeping.open_case(session, "incident", "Pumps of all stations stopped")
        for part, org, role in zip(parts, orgs[1:3], ("entity", "csirt"), strict=True):
            joining = Joined(participant=part, org=org, name=role, role=role)
            keeping.act(session, file.number, joining)
        by = keeping.author(session).as_one_of()[0]
        with files.whole(session, file.id):
            entries = files.entries_of(session, file)
            for n in range(ENTRIES):
                to = [parts[n % 2]] if n % 4 == 3 else []
                here = (file.id, file.uuid)
                entries.append(writing.write(session, here, entries, by, *_act(n, to)))
            projecting.project(session, file.id, fold(named(file.kind), entries), entries)
    return file.number


def _act(n: int, to: list[str]) -> tuple[AnyAct, list[str]]:
    """Of twenty entries fourteen are messages, two are tasks."""
    match n % 20:
        case 4 | 10:
            due = "2026-12-01T10:00:00Z"
            return Planned(task=str(uuid4()), title=f"Task {n}", due=due, is_done=n % 3 > 0), []
        case 8:
            return Decided(question=f"Cut line {n}?", outcome="Until the evening"), []
        case 12:
            return Linked(kind="event", uuid=str(uuid4()), title=f"Indicators {n}"), []
        case 14:
            digest = sha256(str(n).encode()).hexdigest()
            doing = Attached(document=str(uuid4()), name=f"image-{n}.raw", size=n, sha256=digest,
                             media_type="application/octet-stream")  # fmt: skip
            return doing, []
        case 16:
            at = f"2026-11-20T{n % 24:02}:00:00Z"
            return Recorded(fact="detected_at", at=at, zone="Europe/Amsterdam"), []
        case _:
            return Said(text=f"{n}: {TEXT}"), to


class Browser:
    """One that has signed in."""

    def __init__(self, node: ServedNode, database: Database, user: int) -> None:
        with database.as_user(user) as session:
            cookie = signing_in.begin(session, "127.0.0.1").cookie
        self._headers = {"Cookie": f"brug={cookie}", "Accept": "text/html"}
        self._connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)

    def get(self, path: str) -> bytes:
        """The page; raises unless it is there."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {content[:300]!r}")
        return content


def pages(node: ServedNode, database: Database, user: int, count: int) -> Iterator[Figure]:
    """Lists and boards of many cases."""
    browser = Browser(node, database, user)
    if browser.get(MONTH).count(b'class="clock"') < AT_LEAST:
        raise RuntimeError(f"{MONTH} has next to nothing that ends")
    for name, path in (("page of the list", "/cases"), ("page of the board", "/cases/board"),
                       ("page of notifications", "/cases/received"),
                       ("page of a month's calendar", MONTH),
                       ("page of what is late", "/cases/calendar?late=1"),
                       ("start page", "/")):  # fmt: skip
        yield timed(node, f"{name}, {count:,} cases", lambda path=path: browser.get(path))  # type: ignore[misc]


def usual_pages(node: ServedNode, database: Database, user: int, who: str) -> Iterator[Figure]:
    """Pages of usual cases, of another one each time."""
    browser = Browser(node, database, user)
    with database.as_user(user) as session:
        found = session.all("SELECT number FROM case_file ORDER BY id DESC LIMIT %s", (ASKED,))
    for name, tab in (("page of a case", ""), ("page of its reports", "/reports"),
                      ("page of one of its reports", "/reports/nis2-early-warning")):  # fmt: skip
        turns = cycle(f"/cases/{number}{tab}" for (number,) in found)
        yield timed(node, f"{name}, reader of {who}", lambda turns=turns: browser.get(next(turns)))  # type: ignore[misc]


def measure(
    node: ServedNode, database: Database, reader: tuple[int, str], orgs: list[str]
) -> Iterator[Figure]:
    """One case of ENTRIES entries; `reader` is a user and a key of it."""
    user, key = reader
    number = make(database, user, orgs)
    browser, client = Browser(node, database, user), node.client(key)
    many = f"of a case with {ENTRIES:,} entries"
    place, api = f"/cases/{number}", f"/brug/v1/cases/{number}"

    def said() -> None:
        client.send("POST", f"{api}/acts", {"what": "said", "text": "More"})

    yield timed(node, f"page {many}", lambda: browser.get(place))
    yield timed(node, f"an older part {many}", lambda: browser.get(f"{place}?page=9"))
    yield timed(
        node, f"JSON {many}, its newest part", lambda: client.send("GET", f"{api}?latest=100")
    )
    yield timed(node, f"all JSON {many}", lambda: client.send("GET", api))
    yield timed(
        node, f"entries {many}, first part", lambda: client.send("GET", f"{api}/entries?limit=200")
    )

    def said_before() -> None:
        """What the node does because of it is over, and the node as warm as for the others."""
        said()
        node.come_to_rest()
        for _ in range(3):
            browser.get("/cases")

    yield timed(
        node, f"page {many}, after one more", lambda: browser.get(place), before=said_before
    )
    yield _all_of_it(node, f"one more entry {many}", said)


def timed(
    node: ServedNode, name: str, ask: Callable[[], bytes], before: Callable[[], None] | None = None
) -> Figure:
    """Processor time of one request, once the node is warm.

    Without what goes before each. Where nothing does, the node's processes are looked at once for
    all: to look at them takes longer than a request, and slows the next one.
    """
    for _ in range(3):
        ask()
    cpu = wall = 0.0
    for _ in range(ASKED if before else 1):
        if before:
            before()
        spent, begun = node.cpu_seconds(), time.perf_counter()
        for _ in range(1 if before else ASKED):
            ask()
        wall += time.perf_counter() - begun
        cpu += node.cpu_seconds() - spent
    cpu, wall = cpu / ASKED * 1000, wall / ASKED * 1000
    return Figure(
        name, f"{cpu:.1f} ms cpu, {wall:.1f} ms", "", None, f"< {AIM:.0f} ms cpu", cpu < AIM
    )


def _all_of_it(node: ServedNode, name: str, ask: Callable[[], None]) -> Figure:
    """Processor time of one request and of all that the node does because of it."""
    cpu = 0.0
    for _ in range(ASKED // 4):
        node.come_to_rest()
        spent = node.cpu_seconds()
        ask()
        node.come_to_rest()
        cpu += node.cpu_seconds() - spent
    return Figure(
        name, f"{cpu / (ASKED // 4) * 1000:.0f} ms cpu, with all that follows", "", None, "", None
    )
