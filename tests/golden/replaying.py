# SPDX-License-Identifier: EUPL-1.2
"""Puts recorded requests to a node of ours and keeps what it answered."""

import json
import re
from typing import Any

import msgspec
from tests.golden.comparing import differences
from tests.golden.numbering import Numbering
from tests.golden.recording import Exchange

from brug.api.misp import all as every_route
from brug.api.misp.dispatch import route
from brug.api.misp.serve import Incoming, answer
from brug.edge.exports import Export
from brug.store.session import Database

PASSWORDS = {"<PASSWORD>": "Correct-horse-battery-1", "<PASSWORD2>": "Correct-horse-battery-2"}
HOST = "ORGNAME"
NOBODY = "x" * 40


class Replayed(msgspec.Struct):
    """An exchange beside our answer."""

    exchange: Exchange
    absent: bool
    status: int
    body: Any
    differences: list[str]

    @property
    def endpoint(self) -> str:
        parts = [part for part in self.exchange.path.split("/") if part]
        names = [part for part in parts[:3] if not re.search(r"[\d:%]", part)]
        return "/".join(names)


class Replay:
    """A node, its people's keys, and the numbers it shares with the recorded MISP."""

    def __init__(self, database: Database, numbering: Numbering, keys: dict[str, str]) -> None:
        every_route.check()
        self.database, self.numbering, self.keys = database, numbering, keys

    def run(self, exchanges: list[Exchange]) -> list[Replayed]:
        return [self.put(exchange) for exchange in exchanges]

    def put(self, exchange: Exchange) -> Replayed:
        """One recorded request to our node."""
        self.numbering.before(exchange)
        absent = route(exchange.method, exchange.path).endpoint is None
        status, headers, content = answer(self.database, self._incoming(exchange))
        raw = _whole(content).decode()
        body = _decoded(raw)
        self.numbering.after(exchange, body)
        self._keep_key(exchange, body)
        theirs = _decoded(self.numbering.to_ours(json.dumps(exchange.answer)))
        found = []
        if status != exchange.status:
            found = [f"status {exchange.status}, ours {status}"]
        elif exchange.answer is None and exchange.text.strip():
            if body is not None:
                found = [f"answer is no JSON: {exchange.text[:40]!r}, ours {raw[:40]!r}"]
        else:
            found = differences(theirs, body, cut=exchange.cut)
        return Replayed(exchange, absent and bool(found), status, body, found)

    def _incoming(self, exchange: Exchange) -> Incoming:
        headers = {
            name.lower(): self._with_key(value) if name.lower() == "authorization" else value
            for name, value in exchange.headers.items()
        }
        return Incoming(
            method=exchange.method, path=self.numbering.to_ours(exchange.path),
            query=exchange.query.removeprefix("?"), headers=headers, body=self._body(exchange),
            address="192.0.2.7", base_url="http://node.example", body_limit=10**7,
        )  # fmt: skip

    def _body(self, exchange: Exchange) -> bytes:
        if exchange.body is None:
            return b""
        text = exchange.body if isinstance(exchange.body, str) else json.dumps(exchange.body)
        for name, password in PASSWORDS.items():
            text = text.replace(name, password)
        return self.numbering.to_ours(text).encode()

    def _with_key(self, text: str) -> str:
        return re.sub(r"<AUTHKEY:([^>]*)>", lambda m: self.keys.get(m[1], NOBODY), text)

    def _keep_key(self, exchange: Exchange, body: Any) -> None:
        """Remembers a key that was made, under the name that its comment has."""
        key = body.get("AuthKey") if isinstance(body, dict) else None
        if isinstance(key, dict) and "authkey_raw" in key:
            comment = (key.get("comment") or "").removeprefix("tr ")
            names = {"ro": "user_rokey", "ip": "user_ipkey", "search": "searcher"}
            self.keys[names.get(comment, comment)] = key["authkey_raw"]
            self.keys[f"k_{exchange.note}"] = key["authkey_raw"]


def _whole(content: bytes | Export) -> bytes:
    if isinstance(content, bytes):
        return content
    with content:
        return b"".join(content)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
