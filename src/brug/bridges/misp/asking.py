# SPDX-License-Identifier: EUPL-1.2
"""One server as a stock MISP asks it: its key, its headers, its time and its size.

A transaction never waits for a partner: whatever is needed of the database is read before
`Link` is made, and `Link` holds no session. To a `User-Agent` that is not `MISP ...` a stock
server sends no signatures of protected events.
"""

import gzip
from collections.abc import Sequence
from typing import Any

import msgspec

from brug.directory import routes, servers
from brug.directory.routes import Holder, Route
from brug.directory.servers import Server
from brug.edge import outgoing
from brug.edge.outgoing import Fetched, Limits, NotReached
from brug.formats.json_text import decode, encode
from brug.model.errors import BrugError, Invalid
from brug.store import settings
from brug.store.session import Session

ZIPPED_ABOVE = 1024  # bytes; a stock client sends shorter bodies as they are


class Failed(BrugError):
    """The server answered, and not with what was asked for."""

    code = "server_failed"
    status = 502
    public = "The server did not answer as one that speaks this interface."

    def __init__(self, text: str, answered: int = 0) -> None:
        super().__init__(text)
        self.answered = answered


class Told(msgspec.Struct):
    """An answer: status, value (None where the body is no JSON), and the bytes of it."""

    status: int
    value: Any
    raw: bytes
    headers: Any
    url: str = ""

    @property
    def is_fine(self) -> bool:
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """What it says of an error, as far as a report has room for it."""
        if isinstance(self.value, dict):
            words = [self.value.get(n) for n in ("errors", "message", "name")]
            text = next((w for w in words if w), "")
            text = text if isinstance(text, str) else str(text)
            return f"status {self.status}: {text[:200]}"
        return f"status {self.status}, and no JSON" if self.raw else f"status {self.status}"


class Link:
    """Asks one server. Every method raises NotReached where no answer comes."""

    def __init__(
        self, server: Server, key: str, version: str, limits: Limits, route: Route
    ) -> None:
        self.server = server
        self._limits, self._route = limits, route
        self._headers = {
            "Authorization": key,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": f"MISP {version}",
        }
        self.zips = False  # it takes bodies in gzip; getVersion says so

    def get(self, path: str) -> Told:
        return self._ask("GET", path)

    def head(self, path: str) -> int:
        """Its status; being led elsewhere is no sign that what was asked for is there."""
        return self._fetch("HEAD", path, b"", {}, follow=False).status

    def post(self, path: str, value: Any, **headers: str) -> Told:
        """`headers` with underscores for hyphens."""
        return self.post_bytes(path, encode(value), headers)

    def post_bytes(self, path: str, body: bytes, headers: dict[str, str]) -> Told:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.zips and len(body) > ZIPPED_ABOVE:
            body = gzip.compress(body, 6)
            sent["Content-Encoding"] = "gzip"
        return self._ask("POST", path, body, sent)

    def _ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Told:
        got = self._fetch(method, path, body, headers or {})
        try:
            value = decode(got.body) if got.body else None
        except (Invalid, RecursionError):
            value = None
        return Told(got.status, value, got.body, got.headers, got.url)

    def _fetch(
        self, method: str, path: str, body: bytes, headers: dict[str, str], *, follow: bool = True
    ) -> Fetched:
        """What is brought to this server goes to no other, whatever it answers."""
        try:
            return outgoing.fetch(
                method,
                f"{self.server.url}{path}",
                headers=self._headers | headers,
                body=body,
                limits=self._limits,
                route=self._route,
                follow=follow,
                stay=method == "POST",
            )
        except NotReached:
            raise
        except BrugError as error:  # a body that is not as its headers say
            raise NotReached(f"{self.server.url}{path}: {error}") from error


def link(session: Session, server: Server, seconds: float | None = None) -> Link:
    """The way to ask a server, with `seconds` for each answer. Raises NoKey, NotSealed."""
    networks: Sequence[str] = settings.get(session, "outgoing.private_networks")
    limits = Limits(
        seconds or float(settings.get(session, "servers.seconds")),
        int(settings.get(session, "servers.answer_bytes")),
        networks,
    )
    key = servers.key_of(session, server)
    route = routes.route(session, Holder("server", server.id), server.url)
    return Link(server, key, settings.get(session, "node.misp_version"), limits, route)


class Remote(msgspec.Struct, frozen=True):
    """What getVersion said of a server, and of what our key may there."""

    version: tuple[int, int, int] | None
    perm_sync: bool
    perm_galaxy_editor: bool
    perm_analyst_data: bool
    zips: bool
    filters_sightings: bool
    text: str

    def reaches(self, third: int) -> bool:
        """Whether a gate of stock clients is open: 2.5, or 2.4 with a number above `third`."""
        if self.version is None or self.version[0] != 2:
            return False
        return self.version[1] == 5 or (self.version[1] == 4 and self.version[2] > third)


# The gates, by the third number of a 2.4 above which they are open.
PROPOSALS, PROTECTED, SIGHTINGS = 110, 155, 164


def remote(asked: Link) -> Remote:
    """Asks for the version; from then on bodies are zipped if it takes them. Raises Failed."""
    told = asked.get("/servers/getVersion")
    if not told.is_fine or not isinstance(told.value, dict):
        raise Failed(f"getVersion: {told.said}", told.status)
    info = told.value
    text = info.get("version")
    if not isinstance(text, str):
        raise Failed("getVersion: the answer has no field 'version'", told.status)
    encodings = info.get("request_encoding")
    asked.zips = isinstance(encodings, list) and "gzip" in encodings
    return Remote(
        _numbers(text),
        info.get("perm_sync") is True,
        info.get("perm_galaxy_editor") is True,
        info.get("perm_analyst_data") is True,
        asked.zips,
        info.get("filter_sightings") is True,
        text[:40],
    )


def _numbers(version: str) -> tuple[int, int, int] | None:
    parts = version.strip().removeprefix("v").split(".")
    if len(parts) != 3 or not all(p.isascii() and p.isdecimal() and len(p) < 8 for p in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])
