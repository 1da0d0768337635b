# SPDX-License-Identifier: EUPL-1.2
"""One user's tool: MISP's interface over HTTP on loopback, with that user's key."""

import http.client
import time
import urllib.parse
from typing import Any, Final

import msgspec

from brug.model.errors import BrugError

IDLE_SECONDS: Final = 10
"""A server closes a connection after 30 quiet seconds; well before that we open another."""


class Refused(BrugError):
    """The node answered with another status than was asked for."""

    code = "demo_refused"


class Client:
    """Keeps one connection open while it is used; answers are JSON unless asked for as text."""

    def __init__(self, url: str, key: str) -> None:
        parts = urllib.parse.urlsplit(url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port, timeout=60
        )
        self._headers = {"Authorization": key, "Accept": "application/json"}
        self._used = 0.0

    def get(self, path: str) -> Any:
        return msgspec.json.decode(self.text("GET", path))

    def post(self, path: str, body: Any = None) -> Any:
        return msgspec.json.decode(self.text("POST", path, body))

    def text(self, method: str, path: str, body: Any = None) -> str:
        """The body of a 200; raises Refused otherwise."""
        status, content = self.answer(method, path, body)
        if status != http.client.OK:
            raise Refused(f"{method} {path} was answered with {status}: {content[:300]}")
        return content

    def answer(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and body, whatever they are."""
        content = None if body is None else msgspec.json.encode(body)
        headers = self._headers | ({"Content-Type": "application/json"} if content else {})
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        body_text = response.read().decode("utf-8", "replace")
        self._used = time.monotonic()
        return response.status, body_text

    def close(self) -> None:
        self._connection.close()
