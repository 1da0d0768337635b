# SPDX-License-Identifier: EUPL-1.2
"""One user's tool: MISP's interface over HTTP on loopback, with that user's key."""

import http.client
import urllib.parse
from typing import Any

import msgspec

from brug.model.errors import BrugError


class Refused(BrugError):
    """The node answered with another status than was asked for."""

    code = "demo_refused"


class Client:
    """Keeps one connection open; answers are JSON unless asked for as text."""

    def __init__(self, url: str, key: str) -> None:
        parts = urllib.parse.urlsplit(url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port, timeout=60
        )
        self._headers = {"Authorization": key, "Accept": "application/json"}

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
        self._connection.request(method, path, content, headers)
        response = self._connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")

    def close(self) -> None:
        self._connection.close()
