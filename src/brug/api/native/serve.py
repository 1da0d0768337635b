# SPDX-License-Identifier: EUPL-1.2
"""A request of another node, from its bytes to the bytes of the answer.

Who is not known gets plain JSON. As soon as the signature of a message is found good, every
answer to it is signed, refusals included.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges import connecting
from brug.bridges.native import bodies, handling, own, receiving, signing, versions
from brug.bridges.native.receiving import Authentic
from brug.bridges.native.signing import Answer, Request
from brug.edge.border import guarded
from brug.formats import json_text
from brug.formats.canonical import canonical
from brug.model.errors import BrugError, Invalid, NotFound, TooLarge
from brug.store import audit, settings
from brug.store.session import Database

ROOT = "/native/"
_VERSION = re.compile("v[0-9]{1,4}")
Wire = tuple[int, dict[str, str], bytes]
PLAIN = {"Content-Type": "application/json", "Cache-Control": "no-store"}

own.register()


class NoSuchAddress(NotFound):
    """Nothing is at this path."""

    code = "no_such_address"
    public = "path: expected POST to messages, invitations or acceptances under /native/v1/"


class WrongType(BrugError):
    """A body of another type, or packed in another way."""

    code = "wrong_type"
    status = 415

    def __init__(self, field: str, expected: str, got: str) -> None:
        super().__init__(f"{field}: {got[:100]!r}")
        self.public = f"{field}: expected {expected} (got {got[:60]!r})"


class Incoming(msgspec.Struct):
    """What the web server hands over; `base_url` is this node's public address."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    address: str = ""


def answer(database: Database, incoming: Incoming) -> Wire:
    """The answer to one request. Raises nothing."""
    return guarded(incoming.path, lambda: _routed(database, incoming), refused)


def refused(error: BrugError) -> Wire:
    """An error as whoever is not known may read it."""
    return error.status, dict(PLAIN), json_text.encode(handling.said(error))


def _routed(database: Database, incoming: Incoming) -> Wire:
    version, _, what = incoming.path.removeprefix(ROOT).partition("/")
    number = int(version[1:]) if _VERSION.fullmatch(version) else 0
    route = _ROUTES.get((incoming.method, what))
    if number == 0 or route is None:
        raise NoSuchAddress(f"{incoming.method} {incoming.path[:200]}")
    if number not in versions.SPOKEN:
        raise versions.NoCommonVersion(versions.SPOKEN, [number])
    return route(database, incoming, number)


def _messages(database: Database, incoming: Incoming, version: int) -> Wire:
    """One message or a batch, each to the handler of its kind."""

    def done(known: Authentic) -> Any:
        kind = incoming.headers.get("content-type", "")
        if kind.partition(";")[0].strip().lower() != bodies.MEDIA_TYPE:
            raise WrongType("Content-Type", bodies.MEDIA_TYPE, kind)
        packed = incoming.headers.get("content-encoding", "")
        if packed.lower() != bodies.ENCODING:
            raise WrongType("Content-Encoding", bodies.ENCODING, packed)
        with database.system() as session:
            limit = settings.get(session, bodies.SETTING)
        return handling.handle(database, known.bridge, bodies.unpack(incoming.body, limit))

    return _authenticated(database, incoming, version, done)


def _authenticated(
    database: Database, incoming: Incoming, version: int, do: Callable[[Authentic], Any]
) -> Wire:
    query = f"?{incoming.query}" if incoming.query else ""
    url = incoming.base_url.rstrip("/") + incoming.path + query
    request = Request(incoming.method, url, dict(incoming.headers))
    with database.system() as session:
        audit.coming_from(session, incoming.address)
        known = receiving.authenticate(session, request, incoming.body, version)

    def refuse(error: BrugError) -> Wire:
        return _signed(known, request, error.status, json_text.encode(handling.said(error)))

    def done() -> Wire:
        return _signed(known, request, 200, json_text.encode(do(known)))

    return guarded(incoming.path, done, refuse)


def _signed(known: Authentic, request: Request, status: int, content: bytes) -> Wire:
    headers = {
        "Content-Type": bodies.MEDIA_TYPE,
        "Content-Encoding": bodies.ENCODING,
        "Cache-Control": "no-store",
        signing.BRIDGE: str(known.bridge.uuid),
    }
    packed = bodies.pack(content)
    message = Answer(status, headers, request)
    by = known.signer
    signing.sign_answer(message, packed, by.key_id, by.sign, datetime.now(UTC))
    return status, message.headers, packed


def _invitations(database: Database, incoming: Incoming, _: int) -> Wire:
    """An invitation, for whoever brings its token."""
    said = json_text.decode(_small(incoming))
    token = said.get("token") if isinstance(said, dict) else None
    if not isinstance(token, str) or not 20 <= len(token) <= 100 or not token.isascii():
        raise Invalid("token", "the token of an invitation")
    with database.system() as session:
        return 200, dict(PLAIN), connecting.shown_to(session, token)


def _acceptances(database: Database, incoming: Incoming, _: int) -> Wire:
    """The other side of an invitation."""
    raw = canonical(json_text.decode(_small(incoming)))
    with database.system() as session:
        audit.coming_from(session, incoming.address)
        return 200, dict(PLAIN), connecting.accepted(session, raw)


def _small(incoming: Incoming) -> bytes:
    if len(incoming.body) > connecting.LARGEST:
        raise TooLarge("The body", connecting.LARGEST, "fixed by the protocol")
    return incoming.body


_Route = Callable[[Database, Incoming, int], Wire]
_ROUTES: Mapping[tuple[str, str], _Route] = {
    ("POST", "messages"): _messages,
    ("POST", "invitations"): _invitations,
    ("POST", "acceptances"): _acceptances,
}
