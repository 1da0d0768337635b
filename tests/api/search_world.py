# SPDX-License-Identifier: EUPL-1.2
"""Three events to search in: one of every sort of value, one that repeats some, one draft."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from tests.api.conftest import World
from tests.conftest import copied

from brug.api.misp.serve import Incoming, answer
from brug.store.server import EmbeddedServer
from brug.store.session import Database

ALPHA: dict[str, Any] = {
    "info": "search alpha", "distribution": 1, "threat_level_id": 1, "analysis": 2,
    "date": "2024-03-01",
    "Tag": [{"name": "tlp:red"}, {"name": "case:one"}],
    "Attribute": [
        {"type": "ip-dst", "value": "198.51.100.1", "to_ids": True, "comment": "first",
         "Tag": [{"name": "item:one"}, {"name": "tlp:green"}]},
        {"type": "domain", "value": "search.example", "to_ids": True},
        {"type": "url", "value": "http://search.example/p?q=1", "to_ids": True},
        {"type": "md5", "value": "d41d8cd98f00b204e9800998ecf8427e", "to_ids": True},
        {"type": "filename|md5", "value": "a.exe|D41D8CD98F00B204E9800998ECF8427E"},
        {"type": "domain|ip", "value": "two.example|198.51.100.2"},
        {"type": "text", "value": 'Some, "quoted" text\nsecond line'},
        {"type": "text", "value": "=1+1", "comment": "@sum"},
        {"type": "regkey", "value": "HKLM\\Software\\noordland"},
        {"type": "ip-dst", "value": "198.51.100.0/24", "to_ids": True},
        {"type": "attachment", "value": "note.txt", "data": "aGVsbG8="},
        {"type": "ip-dst", "value": "203.0.113.8", "to_ids": True,
         "first_seen": "2024-02-01T00:00:00Z", "last_seen": "2024-02-02T00:00:00Z"},
        {"type": "text", "value": "gone", "deleted": True},
    ],
    "Object": [{
        "name": "file", "meta-category": "file", "description": "f", "distribution": "5",
        "template_uuid": "688c46fb-5edb-40a3-8273-1af7923e2215", "template_version": "24",
        "Attribute": [
            {"type": "md5", "object_relation": "md5", "value": "b" * 32, "to_ids": True},
            {"type": "filename", "object_relation": "filename", "value": "object.exe"},
        ],
    }],
}  # fmt: skip
BETA: dict[str, Any] = {
    "info": "search beta", "distribution": 1, "threat_level_id": 3, "analysis": 0,
    "date": "2023-01-01", "Tag": [{"name": "tlp:green"}], "published": True,
    "publish_timestamp": int(time.time()) - 60,
    "Attribute": [
        {"type": "ip-dst", "value": "198.51.100.1", "to_ids": False},
        {"type": "domain", "value": "other.example", "to_ids": True},
    ],
}  # fmt: skip
HIDDEN: dict[str, Any] = {
    "info": "for ourselves", "distribution": 0, "date": "2024-03-02",
    "Tag": [{"name": "secret:tag"}],
    "Attribute": [{"type": "ip-dst", "value": "198.51.100.1", "to_ids": True},
                  {"type": "domain", "value": "hidden.search.example"}],
}  # fmt: skip


class Bytes(msgspec.Struct):
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.content)


class Searching:
    """The node with its events, and ways to search as `user` (their own) or `other`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.events: dict[str, dict[str, Any]] = {}
        for name, event in (("alpha", ALPHA), ("beta", BETA), ("hidden", HIDDEN)):
            added = world.ask("orgadmin", "POST", "/events/add", event)
            assert added.status == 200, added.body
            self.events[name] = added.body["Event"]

    def ask(self, path: str, body: Any = None, *, who: str = "orgadmin",
            method: str = "") -> Bytes:  # fmt: skip
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        path, _, query = path.partition("?")
        status, headers, content = answer(
            self.world.database,
            Incoming(
                method=method or ("GET" if body is None else "POST"), path=path, query=query,
                headers={
                    "authorization": self.world.keys[who], "accept": "application/json",
                    "content-type": "application/json",
                },
                body=b"" if body is None else raw, address="192.0.2.7",
                base_url="http://node.example", body_limit=10**6,
            ),
        )  # fmt: skip
        return Bytes(status, headers, whole(content))

    def attributes(self, *, who: str = "orgadmin", **filters: Any) -> list[dict[str, Any]]:
        """The attributes that filters find."""
        reply = self.ask("/attributes/restSearch", filters, who=who)
        assert reply.status == 200, reply.content
        found: list[dict[str, Any]] = reply.json["response"]["Attribute"]
        return found

    def values(self, *, who: str = "orgadmin", **filters: Any) -> list[str]:
        return [a["value"] for a in self.attributes(who=who, **filters)]


def whole(content: Any) -> bytes:
    """The bytes of an answer that may come in pieces."""
    if isinstance(content, bytes):
        return content
    with content:
        return b"".join(content)


@contextmanager
def searching(embedded: EmbeddedServer, settled: World) -> Iterator[Searching]:
    """A copy of the settled node with the events in it."""
    settled.database.close()
    with copied(embedded, settled.name) as url, Database(url, size=4) as database:
        yield Searching(settled.on(database, url))
