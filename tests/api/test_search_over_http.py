# SPDX-License-Identifier: EUPL-1.2
"""Searches and exports over real HTTP: a stock client, and a reader that does not read."""

import http.client
import json
import socket
import time
import warnings
from contextlib import ExitStack
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from pymisp import PyMISP
from tests.api.conftest import World
from tests.api.search_world import ALPHA, BETA
from tests.listening import NO_TLS

from brug.edge.exports import WAITING
from brug.store.session import Database


def _client(served: World, who: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PyMISP(served.url, served.keys[who])


def test_pymisp_finds_attributes_events_and_objects(served: World) -> None:
    for event in (ALPHA, BETA):
        assert served.ask("orgadmin", "POST", "/events/add", event).status == 200
    client = _client(served, "other")
    found = client.search("attributes", value="198.51.100.1", pythonify=True)
    assert [(a.value, a.Event.info) for a in found] == [
        ("198.51.100.1", "search alpha"), ("198.51.100.1", "search beta"),
    ]  # fmt: skip
    assert [tag.name for tag in found[0].tags] == ["item:one", "tlp:green"]
    either = client.build_complex_query(or_parameters=["tlp:red", "tlp:green"])
    events = client.search("events", tags=either, pythonify=True)
    assert [e.info for e in events] == ["search alpha", "search beta"]
    (file,) = client.search("objects", object_name="file", pythonify=True)
    assert {a.value for a in file.attributes} == {"b" * 32, "object.exe"}
    rows = client.search("attributes", return_format="csv", type_attribute="domain", pythonify=True)
    assert [row["value"] for row in rows] == ["search.example", "other.example"]
    assert client.search("attributes", return_format="text") == "other.example\n"
    index = client.search_index(eventinfo="beta", pythonify=True)
    assert [e.info for e in index] == ["search beta"]
    assert client.attributes_statistics()["domain"] == "2"
    assert client.search("attributes", value="198.51.100.1", limit=1)["Attribute"]


def _fill(served: World) -> int:
    """Attributes enough for an export that no socket buffer holds; its size."""
    long = [{"type": "text", "value": f"{n:06}" + "x" * 4000, "to_ids": True} for n in range(4_000)]
    for start in range(0, len(long), 200):
        event: dict[str, Any] = {"info": "long", "Attribute": long[start : start + 200]}
        assert served.ask("orgadmin", "POST", "/events/add", event).status == 200
    return len(long) * 4007


class Slow:
    """Exports that are asked for and not read, until the block ends."""

    def __init__(self, served: World) -> None:
        self._served = served
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ask(self) -> http.client.HTTPResponse:
        where = urlsplit(self._served.url)
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=30)
        self._open.callback(connection.close)
        connection.connect()
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.request(
            "POST", "/attributes/restSearch", json.dumps({"returnFormat": "values"}),
            {"Authorization": self._served.keys["orgadmin"], "Content-Type": "application/json",
             "Accept": "application/json"},
        )  # fmt: skip
        answer = connection.getresponse()
        self._open.callback(answer.close)
        return answer


def test_a_reader_that_does_not_read_holds_no_connection_of_the_database(served: World) -> None:
    size = _fill(served)
    with Slow(served) as slow:
        stalled = [slow.ask() for _ in range(10)]
        assert {one.status for one in stalled} == {200}
        assert _open_transactions(served) == 0
        headers = {"Authorization": served.keys["orgadmin"], "Accept": "application/json"}
        assert httpx.get(f"{served.url}/roles", headers=headers, verify=NO_TLS).status_code == 200
        assert len(stalled[0].read()) == size


def _open_transactions(served: World) -> int:
    with Database(served.dsn, size=1) as database, database.system() as session:
        return int(
            session.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE '%%transaction%%'"
            )
        )


def test_too_many_waiting_exports_are_asked_to_come_back(served: World) -> None:
    _fill(served)
    with served.database.system() as session:
        session.execute(
            "INSERT INTO setting (name, value) VALUES ('limits.exports_at_once', '1')"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
    with Slow(served) as slow:
        answers = [slow.ask() for _ in range(2 * WAITING + 1)]
        assert [one.status for one in answers[:WAITING]] == [200] * WAITING
        refused = answers[-1]
        assert refused.status == 503
        assert int(refused.getheader("Retry-After") or 0) > 0
    until = time.monotonic() + 30
    with Slow(served) as slow:
        while slow.ask().status == 503:
            assert time.monotonic() < until, "closed readers leave no room"
