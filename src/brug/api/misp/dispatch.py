# SPDX-License-Identifier: EUPL-1.2
"""One table of endpoints for MISP's interface: (controller, action) -> what answers.

MISP routes as CakePHP does: `/controller/action/arg/arg/name:value`, controllers in snake
or camel case, `admin/` before the controller, `.json` behind the last segment, the method
mostly indifferent, ids or UUIDs alike. Doing that once, here, is what makes the interface
one table: who is not listed is denied, tests walk it, and OpenAPI is drawn from it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import unquote

import msgspec

from brug.directory.roles import MISP_RIGHTS
from brug.edge.exports import Exports
from brug.edge.node import nothing
from brug.store.principal import Principal
from brug.store.session import Session


class Call(msgspec.Struct):
    """One request to an endpoint, taken apart; `raw` is the body's bytes, decompressed."""

    session: Session
    method: str
    path: str
    args: list[str]
    named: dict[str, Any]
    query: dict[str, str]
    body: Any
    accept: str = "application/json"
    base_url: str = ""
    headers: Mapping[str, str] = {}
    raw: bytes = b""
    exports: Exports = msgspec.field(default_factory=Exports)
    # To be told that somebody looks at an event, by its id.
    opened: Callable[[int, Principal], None] = nothing

    @property
    def principal(self) -> Principal:
        return self.session.principal

    def arg(self, index: int, default: str = "") -> str:
        return self.args[index] if index < len(self.args) else default

    def data(self, *wrappers: str) -> dict[str, Any]:
        """The body's fields, out of `request` and any of the wrappers; {} if it has none."""
        found = self.body
        for name in ("request", *wrappers):
            if isinstance(found, dict) and isinstance(found.get(name), dict):
                found = found[name]
        return found if isinstance(found, dict) else {}


class Answer(msgspec.Struct):
    """What goes back: a value to encode, or bytes that are encoded already, long ones prepared."""

    payload: Any
    status: int = 200
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    media_type: str = "application/json; charset=UTF-8"


Handler = Callable[[Call], Answer]

# What a route's answer may carry, for the test that compares every route with the sharing
# rule: the kinds of item that its answer can name, or "nothing" for what shows none.
Shows = Literal[
    "event", "attribute", "object", "tag", "sighting", "report", "proposal", "directory",
    "vocabulary", "own", "nothing",
]  # fmt: skip


class Endpoint(msgspec.Struct, frozen=True):
    """One row of the table.

    `right` is the permission flag without which MISP says "You do not have permission to
    use this functionality."; None: every signed-in user. `changes` says that it writes (a
    read-only key is refused). `shows` and `probe` register it with the oracle of the
    sharing rule: `probe` is how to ask it for everything it would tell, as
    (method, path, body); "{event}" etc. stand for an item's id. `takes_bytes`: its body is
    any bytes, whatever the content type says.
    """

    controller: str
    action: str
    handler: Handler
    methods: tuple[str, ...]
    right: str | None
    changes: bool
    shows: tuple[Shows, ...]
    probes: tuple[tuple[str, str, Any], ...]
    summary: str
    body: dict[str, Any] | None
    takes_bytes: bool = False
    anonymous: bool = False


ENDPOINTS: dict[tuple[str, str], Endpoint] = {}
_CONTROLLERS: set[str] = set()
KNOWN_RIGHTS = MISP_RIGHTS  # what an endpoint may ask for
# What most routes answer to; where GET reads, HEAD is answered too.
READ = ("GET", "POST")
WRITE = ("POST", "PUT")
DELETABLE = ("POST", "PUT", "DELETE")


def plain(name: str) -> str:
    """A controller's or action's name without case and underscores."""
    return name.replace("_", "").lower()


def endpoint(
    controller: str,
    *actions: str,
    methods: tuple[str, ...] = READ,
    right: str | None = None,
    changes: bool = False,
    shows: tuple[Shows, ...] = ("nothing",),
    probes: tuple[tuple[str, str, Any], ...] = (),
    summary: str,
    body: dict[str, Any] | None = None,
    takes_bytes: bool = False,
    anonymous: bool = False,
) -> Callable[[Handler], Handler]:
    """Puts a handler into the table under one or more actions.

    `anonymous`: it also answers who brings no key, in a session of the system.
    """
    if right is not None and right not in KNOWN_RIGHTS:
        raise ValueError(f"unknown right {right!r} on {controller}/{actions}")

    def register(handler: Handler) -> Handler:
        for action in actions:
            key = (plain(controller), plain(action))
            if key in ENDPOINTS:
                raise ValueError(f"endpoint {key} is listed twice")
            _CONTROLLERS.add(key[0])
            ENDPOINTS[key] = Endpoint(
                controller,
                action,
                handler,
                methods,
                right,
                changes,
                shows,
                probes,
                summary,
                body,
                takes_bytes,
                anonymous,
            )
        return handler

    return register


class Route(msgspec.Struct, frozen=True):
    """A path taken apart; `endpoint` is None where the action is unknown.

    `named` holds texts, and lists of texts for names with brackets (`deleted[]:0/deleted[]:1`).
    """

    endpoint: Endpoint | None
    known_controller: bool
    args: list[str]
    named: dict[str, Any]


_ID = re.compile(r"\d+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NAME = re.compile(r"\w+(\[\])?")
_BY_METHOD = {"GET": "view", "HEAD": "view", "POST": "edit", "PUT": "edit", "DELETE": "delete"}


def _put(named: dict[str, Any], name: str, value: str) -> None:
    if not name.endswith("[]"):
        named[name] = value
        return
    several = named.setdefault(name[:-2], [])
    if isinstance(several, list):
        several.append(value)


def route(method: str, path: str) -> Route:
    """Finds the endpoint of a path. Never raises: what is unknown is said so."""
    segments = [unquote(part) for part in path.split("/") if part]
    if segments:
        segments[-1] = re.sub(r"\.(json|xml|csv)$", "", segments[-1])
    admin = bool(segments) and segments[0] == "admin"
    if admin:
        segments = segments[1:]
    named: dict[str, Any] = {}
    plain_segments: list[str] = []
    for index, segment in enumerate(segments):
        name, colon, value = segment.partition(":")
        if colon and index > 0 and _NAME.fullmatch(name):
            _put(named, name, value)
        else:
            plain_segments.append(segment)
    if not plain_segments:
        return Route(None, False, [], named)
    controller = plain(plain_segments[0])
    action, args = "index", plain_segments[1:]
    if args:
        if _ID.fullmatch(args[0]):
            action = _BY_METHOD.get(method, "view")
        else:
            action, args = args[0], args[1:]
    found = ENDPOINTS.get((controller, ("admin" if admin else "") + plain(action)))
    return Route(found, controller in _CONTROLLERS, args, named)
