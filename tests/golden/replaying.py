# SPDX-License-Identifier: EUPL-1.2
"""Puts recorded requests to a node of ours and keeps what it answered."""

import json
import re
from contextlib import suppress
from typing import Any

import msgspec
from tests.golden.comparing import Comparison
from tests.golden.numbering import Numbering
from tests.golden.recording import Exchange

from brug.api.misp import all as every_route
from brug.api.misp.dispatch import route
from brug.api.misp.serve import Incoming, answer
from brug.edge.exports import Export
from brug.store.session import Database

PASSWORDS = {
    "<PASSWORD>": "Correct-horse-battery-1", "<PASSWORD2>": "Correct-horse-battery-2",
    "<AUTHKEY>": "k" * 40,
}  # fmt: skip
HOST = "ORGNAME"
NOBODY = "x" * 40
URL = "http://127.0.0.1:8091"
# Bodies that were recorded decoded although they are texts.
JSON_TEXTS = {"warninglists:45"}
# Keys whose users the recordings call otherwise than their comments do.
NAMED = {
    "ro": "user_rokey", "ip": "user_ipkey", "restsearch-setup:3": "searcher", "roles:51": "rate",
}  # fmt: skip


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
        asked = _format(self.exchange) if self.status == 404 else ""
        return "/".join([*names, asked] if asked else names) or self.exchange.path


class Replay:
    """A node, its people's keys, and the numbers it shares with the recorded MISP."""

    def __init__(self, database: Database, numbering: Numbering, keys: dict[str, str]) -> None:
        every_route.load()
        self.database, self.numbering, self.keys = database, numbering, keys

    def run(self, exchanges: list[Exchange]) -> list[Replayed]:
        return [self.put(exchange) for exchange in exchanges]

    def put(self, exchange: Exchange) -> Replayed:
        """One recorded request to our node."""
        self.numbering.before(exchange)
        absent = route(exchange.method, exchange.path).endpoint is None
        status, _, content = answer(self.database, self._incoming(exchange))
        raw = "" if exchange.method == "HEAD" else _whole(content).decode("utf-8", "replace")
        body = _decoded(raw)
        self.numbering.renumber(exchange.answer, body)
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
            part = bool(re.search(r"limit|page|sort", f"{exchange.path}{exchange.body}"))
            counts = "statistic" in exchange.path.lower()
            known = self.numbering.known
            comparison = Comparison(known, cut=exchange.cut, part=part, counts=counts)
            found = comparison.differences(theirs, body)
        absent = absent or _no_such_format(exchange, status, body)
        return Replayed(exchange, absent and bool(found), status, body, found)

    def _incoming(self, exchange: Exchange) -> Incoming:
        headers = {
            name.lower(): self._with_key(value) if name.lower() == "authorization" else value
            for name, value in exchange.headers.items()
        }
        if exchange.area == "pymisp":  # recorded without it
            headers.setdefault("content-type", "application/json")
        return Incoming(
            method=exchange.method, path=self.numbering.to_ours(exchange.path),
            query=exchange.query.removeprefix("?"), headers=headers, body=self._body(exchange),
            address="127.0.0.1", base_url=URL, body_limit=10**7,
        )  # fmt: skip

    def _body(self, exchange: Exchange) -> bytes:
        if exchange.body is None:
            return b""
        as_sent = isinstance(exchange.body, str) and exchange.name not in JSON_TEXTS
        text = exchange.body if as_sent else json.dumps(exchange.body)
        for name, password in PASSWORDS.items():
            text = text.replace(name, password)
        return self.numbering.to_ours(self.numbering.of_now(text)).encode()

    def _with_key(self, text: str) -> str:
        return re.sub(r"<AUTHKEY:([^>]*)>", lambda m: self.keys.get(m[1], NOBODY), text)

    def _keep_key(self, exchange: Exchange, body: Any) -> None:
        """Remembers a key that was made, under the name that its comment has."""
        key = body.get("AuthKey") if isinstance(body, dict) else None
        if isinstance(key, dict) and "authkey_raw" in key:
            comment = (key.get("comment") or "").removeprefix("tr ")
            name = NAMED.get(exchange.name) or NAMED.get(comment) or comment
            self.keys[name] = self.keys[f"k_{exchange.note}"] = key["authkey_raw"]


def _format(exchange: Exchange) -> str:
    body = exchange.body
    return str(body.get("returnFormat", "")) if isinstance(body, dict) else ""


def _no_such_format(exchange: Exchange, status: int, body: Any) -> bool:
    """A search that the node answers, in a format that it does not write."""
    refused = status == 404 and isinstance(body, dict) and "output format" in body["message"]
    return refused and exchange.status != status and bool(_format(exchange))


def _whole(content: bytes | Export) -> bytes:
    if isinstance(content, bytes):
        return content
    with content:
        return b"".join(content)


def _decoded(text: str) -> Any:
    with suppress(msgspec.DecodeError, UnicodeError):
        return msgspec.json.decode(text)
    with suppress(ValueError):
        return json.loads(text)
    return None
