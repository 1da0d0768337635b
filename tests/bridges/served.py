# SPDX-License-Identifier: EUPL-1.2
"""Nodes behind real web servers, each at an address of its own, and bridges between them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from brug.bridges import connecting, partners
from brug.bridges.partners import BridgeRow
from brug.directory.node import create_node
from brug.store import settings
from brug.store.session import Database

ADMIN = 1


class Served:
    """A node: its database as this process reaches it, and its address."""

    def __init__(self, name: str, database: Database, url: str, key: str) -> None:
        self.name = name
        self.database = database
        self.url = url
        self.key = key

    def bridge(self, partner: str) -> BridgeRow:
        with self.database.system() as session:
            return partners.view(session, partner)

    def string(self, partner: str) -> str:
        """The authentication string that this side shows."""
        with self.database.system() as session:
            found = session.value(
                "SELECT authentication_string FROM channel WHERE bridge_id = %s",
                (partners.view(session, partner).id,),
            )
        return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def node(name: str, dsn: str) -> Iterator[Served]:
    """A new node of an organisation, served until the block ends."""
    url = f"http://127.0.0.1:{free_port()}"
    with Database(dsn, size=6) as database:
        with database.system() as session:
            made = create_node(
                session, name, f"admin@{name.rsplit(maxsplit=1)[-1].lower()}.example", url
            )
            settings.set_value(session, "outgoing.private_networks", ["127.0.0.0/8"])
        with listening(dsn, url):
            yield Served(name, database, url, made.api_key)


@contextmanager
def listening(dsn: str, url: str) -> Iterator[None]:
    """The web server on a database, at that address."""
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--no-ws",
        "--host", "127.0.0.1", "--port", url.rpartition(":")[2], "brug.app:create",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env=os.environ | {"BRUG_DSN": dsn}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(url, process)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(url + "/static/logo.svg", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            continue
    raise AssertionError(f"no answer from {url}")


def connect(one: Served, other: Served) -> tuple[BridgeRow, BridgeRow]:
    """A bridge that is open at both sides: `one` invites, `other` accepts, people compare."""
    with one.database.as_user(ADMIN) as session:
        invited = connecting.invite(session, other.name)
    connecting.accept(other.database, ADMIN, invited.document, one.name)
    for here, there in ((one, other), (other, one)):
        with here.database.as_user(ADMIN) as session:
            bridge = partners.view(session, there.name)
            connecting.confirm(session, bridge, there.string(here.name))
    return one.bridge(other.name), other.bridge(one.name)
