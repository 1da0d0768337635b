# SPDX-License-Identifier: EUPL-1.2
"""The calls that clients of MISP's interface make most, at 1, 8 and 32 clients."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import median

from pymisp import MISPAttribute, PyMISP

from benchmarks.adding import fill
from benchmarks.data import attributes, event
from benchmarks.figures import Figure
from benchmarks.load import Load, Request, drive, timed
from benchmarks.node import Client, ServedNode, free_port, served, wait_for

CLIENTS = (1, 8, 32)
HELD = 100_000
ASKED = 192  # requests of one call at one number of clients
# Requests for each processor-second of server and database together.
AIMS = {"version": 1000, "search a value": 500, "add an attribute": 250}
SMALLEST, BARE_SHARE = "version", 0.6
TURNS = 5

Made = Callable[[int], Request]


class World:
    """Events and attributes of its own, so that each request has something to work on."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.values = [str(a["value"]) for s in range(4) for a in attributes(1_000_000 + s, 1000)]
        self._fresh = 0
        self.event = self._event(1)[0]

    def _event(self, size: int) -> tuple[str, list[str]]:
        made = json.loads(self._client.send("POST", "/events/add", event(self._seed(), size)))
        found = made["Event"]
        return found["id"], [a["id"] for a in found["Attribute"]]

    def attributes(self, count: int) -> list[str]:
        return self._event(count)[1]

    def events(self, count: int) -> list[str]:
        return [self._event(1)[0] for _ in range(count)]

    def value(self, number: int) -> str:
        return self.values[number * 7 % len(self.values)]

    def _seed(self) -> int:
        return time.time_ns()

    def three(self) -> object:
        """An event of three attributes that nothing else has."""
        return json.loads(event(self._seed(), 3))

    def fresh(self) -> str:
        self._fresh += 1
        return f"n{self._fresh}.{time.time_ns()}.example.net"


def requests(world: World, count: int) -> dict[str, list[Request]]:
    """Each call's requests."""

    def times(make: Made) -> list[Request]:
        return [make(number) for number in range(count)]

    held, edited, tagged = (world.attributes(count) for _ in range(3))
    going, dropped = world.attributes(count), world.events(count)
    changed, published = world.events(count), world.events(count)
    search = "/attributes/restSearch"
    added = f"/attributes/add/{world.event}"
    return {
        "version": times(lambda _: ("GET", "/servers/getVersion", None)),
        "who am I": times(lambda _: ("GET", "/users/view/me", None)),
        "search a value": times(lambda n: ("POST", search, {"value": world.value(n)})),
        "search ten values": times(
            lambda n: ("POST", search, {"value": [world.value(n + i) for i in range(10)]})
        ),
        "search a type, a page": times(
            lambda n: ("POST", search, {"type": "domain", "limit": 20, "page": 1 + n % 9})
        ),
        "search events by value": times(
            lambda n: ("POST", "/events/restSearch", {"value": world.value(n), "metadata": True})
        ),
        "search events of a day": times(
            lambda _: ("POST", "/events/restSearch", {"last": "1d", "limit": 5, "metadata": 1})
        ),
        "index of events": times(
            lambda n: ("POST", "/events/index", {"limit": 20, "page": 1 + n % 5})
        ),
        "view an event": times(lambda n: ("GET", f"/events/view/{dropped[n]}", None)),
        "view an attribute": times(lambda n: ("GET", f"/attributes/view/{held[n]}", None)),
        "add an event of three": times(lambda _: ("POST", "/events/add", world.three())),
        "edit an event": times(
            lambda n: ("POST", f"/events/edit/{changed[n]}", {"info": f"Changed {n}"})
        ),
        "publish an event": times(lambda n: ("POST", f"/events/publish/{published[n]}", None)),
        "delete an event": times(lambda n: ("POST", f"/events/delete/{dropped[n]}", None)),
        "add an attribute": times(
            lambda _: ("POST", added, {"type": "domain", "value": world.fresh()})
        ),
        "edit an attribute": times(
            lambda n: ("POST", f"/attributes/edit/{edited[n]}", {"comment": f"Changed {n}"})
        ),
        "delete an attribute": times(lambda n: ("POST", f"/attributes/delete/{going[n]}", None)),
        "tag an attribute": times(
            lambda n: ("POST", f"/attributes/addTag/{tagged[n]}", {"tag": "tlp:green"})
        ),
        "report a sighting": times(lambda n: ("POST", "/sightings/add", {"id": held[n]})),
        "list tags": times(lambda _: ("GET", "/tags/index/limit:20", None)),
        "search tags": times(lambda _: ("GET", "/tags/search/tlp", None)),
        "list organisations": times(lambda _: ("GET", "/organisations/index", None)),
    }


def measure(_: ServedNode, __: int) -> Iterator[Figure]:
    """On a node of its own, with two workers."""
    with served(workers=2) as node:
        fill(node, HELD)
        node.client().send("POST", "/tags/add", {"name": "tlp:green", "colour": "#339900"})
        for clients in CLIENTS:
            for name, several in requests(World(node.client()), ASKED).items():
                load = drive(node, clients, several)
                yield _figure(name, clients, load)
        yield from _through_pymisp(node)
        yield _beside_bare(node)


def _figure(name: str, clients: int, load: Load) -> Figure:
    aim = AIMS.get(name)
    rate = load.per_cpu_second
    return Figure(
        f"{name}, {clients} client{'s' if clients > 1 else ''}",
        str(load),
        "",
        None,
        f">= {aim} per cpu second" if aim else "",
        rate >= aim if aim else None,
    )


def _through_pymisp(node: ServedNode) -> Iterator[Figure]:
    """What the client itself takes is in its times; the processor time is the node's."""
    misp = PyMISP(f"http://127.0.0.1:{node.port}", node.key, ssl=False)
    world = World(node.client())
    held = world.attributes(ASKED)

    def added(_: int) -> object:
        new = MISPAttribute()
        new.type, new.value = "domain", world.fresh()
        return misp.add_attribute(int(world.event), new, pythonify=True)

    def searched(number: int) -> object:
        return misp.search("attributes", value=world.value(number))

    def sighted(number: int) -> object:
        return misp.add_sighting({"id": held[number]})

    def viewed(_: int) -> object:
        return misp.get_event(int(world.event), pythonify=True)

    calls: dict[str, Callable[[int], object]] = {
        "search a value": searched,
        "add_attribute": added,
        "get_event": viewed,
        "add_sighting": sighted,
        "get_user": lambda _: misp.get_user("me"),
    }
    for name, call in calls.items():
        cpu, begun = node.cpu_seconds(), time.perf_counter()
        times = [timed(partial(call, number)) for number in range(ASKED)]
        load = Load(ASKED, time.perf_counter() - begun, node.cpu_seconds() - cpu, times)
        yield Figure(f"PyMISP: {name}", str(load), "", None, "", None)


def _beside_bare(node: ServedNode) -> Figure:
    """The smallest call with one client, beside the same server and driver alone, in turns."""
    with _bare_stack(node) as port:
        ask_ours = _plain(node.port, f"/servers/getVersion HTTP/1.1\r\nAuthorization: {node.key}")
        ask_bare = _plain(port, "/ HTTP/1.1")
        rounds = [(_rate(ask_ours), _rate(ask_bare)) for _ in range(TURNS + 1)][1:]
    ours, bare = (median(rates) for rates in zip(*rounds, strict=True))
    share = ours / bare
    return Figure(
        f"{SMALLEST}, one client, beside a bare stack",
        f"{ours:,.0f}/s",
        f"{bare:,.0f}/s",
        share,
        f">= {BARE_SHARE}",
        share >= BARE_SHARE,
    )


def _plain(port: int, rest: str) -> Callable[[], None]:
    """A client that takes no time of its own: a library's would spend it on each header."""
    connection = socket.create_connection(("127.0.0.1", port))
    request = f"GET {rest}\r\nHost: node\r\nAccept: application/json\r\n\r\n".encode()

    def ask() -> None:
        connection.sendall(request)
        head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if not head.startswith(b"HTTP/1.1 200") or not length or int(length[1]) != len(body):
            raise RuntimeError(f"{rest}: {head!r}")

    return ask


def _rate(ask: Callable[[], None]) -> float:
    begun = time.perf_counter()
    for _ in range(ASKED):
        ask()
    return ASKED / (time.perf_counter() - begun)


@contextmanager
def _bare_stack(node: ServedNode) -> Iterator[int]:
    port = free_port()
    command: Sequence[str] = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-ws",
        "--port", str(port), "--workers", "2", "benchmarks.bare:create",
    ]  # fmt: skip
    environment = {**os.environ, "BARE_DSN": node.server.dsn("brug_owner")}
    log = node.folder.parent / "bare.log"
    with (
        log.open("wb") as said,
        subprocess.Popen(command, env=environment, stdout=said, stderr=said) as process,
    ):
        try:
            wait_for(port, process, log)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
