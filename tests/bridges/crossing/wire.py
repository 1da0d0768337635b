# SPDX-License-Identifier: EUPL-1.2
"""The way between nodes of one process: real requests and answers, on a network that misbehaves.

What a node would send over HTTP is handed, byte for byte, to what answers requests at the other
node. On the way a request is lost, comes twice, late or cut off, or its answer is lost or cut off.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Protocol, get_args
from urllib.parse import urlsplit

import pytest

from brug.api.native import serve
from brug.edge import outgoing
from brug.edge.outgoing import Fetched, NotReached
from brug.store.session import Database

Weather = Literal["lost", "answer lost", "twice", "late", "cut off", "answer cut off", "well"]
WEATHERS: tuple[Weather, ...] = get_args(Weather)


class Place(Protocol):
    """A node as far as the network goes."""

    @property
    def url(self) -> str: ...
    @property
    def database(self) -> Database: ...


class Request:
    """What is on its way to a node."""

    def __init__(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        self.path, self.headers, self.body = path, headers, body


class Wire:
    """All that lies between some nodes; `sees` is shown each whole request that is sent."""

    def __init__(self, places: list[Any], sees: Callable[[Any, Request], None]) -> None:
        self._places = {place.url: place for place in places}
        self._sees = sees
        self._late: list[tuple[Place, Request]] = []
        self.ahead: dict[str, deque[Weather]] = {place.url: deque() for place in places}
        self.down: set[str] = set()
        self.speaking = ""  # whose turn it is: a node that is down does not speak either

    @contextmanager
    def between(self, speaker: Place) -> Iterator[None]:
        """While the block runs, what this process fetches is what `speaker` says."""
        self.speaking = speaker.url
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outgoing, "fetch", self._fetch)
            yield

    def clears(self) -> None:
        """All nodes are up, the weather is good; what was late is there now, last of all."""
        self.down.clear()
        for ahead in self.ahead.values():
            ahead.clear()
        self._arrive()

    def _fetch(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, **_: Any
    ) -> Fetched:
        assert method == "POST"
        parts = urlsplit(url)
        there = self._places[f"{parts.scheme}://{parts.netloc}"]
        if {there.url, self.speaking} & self.down:
            raise NotReached("nobody there")
        request = Request(parts.path, dict(headers), body)
        self._sees(there, request)
        ahead = self.ahead[there.url]
        weather = ahead.popleft() if ahead else "well"
        if weather == "lost":
            raise NotReached("lost")
        if weather == "late":
            self._late.append((there, request))
            raise NotReached("no answer in time")
        if weather == "cut off":
            request = Request(request.path, request.headers, body[: len(body) // 2])
        status, told, content = _answered(there, request)
        if weather == "twice":
            status, told, content = _answered(there, request)
        if weather == "answer lost":
            raise NotReached("the answer is lost")
        if weather == "answer cut off":
            content = content[: len(content) // 2]
        if weather == "well":
            self._arrive()
        return Fetched(status, {k.lower(): v for k, v in told.items()}, content, url)

    def _arrive(self) -> None:
        """What was late comes after what was sent after it."""
        late, self._late = self._late, []
        for there, request in late:
            if there.url not in self.down:
                _answered(there, request)


def _answered(there: Place, request: Request) -> serve.Wire:
    headers = {name.lower(): value for name, value in request.headers.items()}
    incoming = serve.Incoming(
        "POST", request.path, "", headers, request.body, there.url, "127.0.0.1"
    )
    return serve.answer(there.database, incoming)
