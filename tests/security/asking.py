# SPDX-License-Identifier: EUPL-1.2
"""A request to the node and its answer, as they go over the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from brug.api.misp.serve import Incoming, answer
from brug.edge.exports import Export
from brug.store.session import Database


@dataclass
class Wire:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.content) if self.content else None

    @property
    def did(self) -> bool:
        """Whether what was asked was done; MISP refuses some with 200 and `saved: false`."""
        return self.status == 200 and b'"saved":false' not in self.content.replace(b" ", b"")[:200]


@dataclass
class Ask:
    """A request: `body` is encoded, bytes go as they are."""

    method: str
    path: str
    body: Any = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else msgspec.json.encode(self.body)


def send(database: Database, key: str, asked: Ask) -> Wire:
    """Never a 500."""
    path, _, query = asked.path.partition("?")
    status, headers, content = answer(
        database,
        Incoming(
            method=asked.method,
            path=path,
            query=query,
            headers={
                "authorization": key,
                "accept": "application/json",
                "content-type": asked.content_type,
                **asked.headers,
            },
            body=asked.raw,
            address="192.0.2.7",
            base_url="http://node.example",
            body_limit=2**21,
        ),
    )
    if isinstance(content, Export):
        with content:
            content = b"".join(content)
    assert status < 500, (asked, status, content)
    return Wire(status, headers, content)
