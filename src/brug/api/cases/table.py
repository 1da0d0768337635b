# SPDX-License-Identifier: EUPL-1.2
"""The table of routes: a method and a path -> what answers, what it takes, what it gives.

Who is not listed is denied: a path that is not here is not there. The tests walk the table, and
the OpenAPI document is drawn from it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import msgspec

from brug.edge.exports import Exports
from brug.model.errors import BrugError, NotFound
from brug.model.languages import DEFAULT
from brug.store.session import Session

ROOT = "/brug/"
VERSION = "/brug/v1"
JSON = "application/json"


class NoSuchAddress(NotFound):
    """Nothing is at this path."""

    code = "no_such_address"
    public = "Nothing is at this address; /brug/v1/openapi.json lists what there is."


class NoSuchMethod(BrugError):
    """Something is at this path, and it does not answer to this method."""

    code = "no_such_method"
    status = 405

    def __init__(self, methods: str) -> None:
        self.public = f"method: expected one of {methods}"
        self.headers = {"Allow": methods}
        super().__init__(self.public)


class Call(msgspec.Struct):
    """One request to a route, taken apart; `query` and `body` as the route says they are.

    `language` is what whoever asks prefers (Accept-Language), for titles of deadlines.
    """

    session: Session
    args: dict[str, str]
    query: Any
    body: Any
    base_url: str
    exports: Exports = msgspec.field(default_factory=Exports)
    language: str = DEFAULT
    headers: dict[str, str] = {}  # of the answer


Handler = Callable[[Call], Any]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `answers` are the types of what `handler` gives.

    `may_be_empty`: nothing sent is a `body` of which nothing is said. `changes`: it writes, and a
    key that only reads is refused. `is_search`: it counts where a
    role may search only so often. `media_type`: of a file, which is no JSON and has no `answers`.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answers: tuple[Any, ...]
    status: int = 200
    query: type[msgspec.Struct] | None = None
    body: Any = None
    may_be_empty: bool = False
    changes: bool = False
    is_search: bool = False
    media_type: str = JSON


ROUTES: list[Route] = []


def in_language(call: Call) -> str:
    """The language of titles in an answer, which then says that it depends on it."""
    call.headers |= {"Content-Language": call.language, "Vary": "Accept-Language"}
    return call.language


def route(method: str, path: str, **said: Any) -> Callable[[Handler], Handler]:
    """Puts a handler into the table; `path` stands behind /brug/v1."""

    def put(handler: Handler) -> Handler:
        ROUTES.append(Route(method=method, path=VERSION + path, handler=handler, **said))
        return handler

    return put


def claims(path: str) -> bool:
    """Whether an address is one of this interface."""
    return path == ROOT.rstrip("/") or path.startswith(ROOT)


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a path as it came, and what stands in its places.

    Raises NoSuchAddress, NoSuchMethod.
    """
    parts = [unquote(part) for part in path.split("/")]
    fitting = [(one, args) for one in ROUTES if (args := _places(one.path, parts)) is not None]
    # Nothing has a name with NUL in it, and no database takes one.
    if not fitting or any("\0" in part for part in parts):
        raise NoSuchAddress(path[:200])
    for one, args in fitting:
        if one.method == method or (method == "HEAD" and one.method == "GET"):
            return one, args
    methods = [one.method for one, _ in fitting]
    raise NoSuchMethod(", ".join([*methods, "HEAD"] if "GET" in methods else methods))


def _places(template: str, parts: list[str]) -> dict[str, str] | None:
    wanted = template.split("/")
    if len(wanted) != len(parts):
        return None
    args: dict[str, str] = {}
    for name, part in zip(wanted, parts, strict=True):
        if name.startswith("{"):
            args[name.strip("{}")] = part
        elif name != part:
            return None
    return args
