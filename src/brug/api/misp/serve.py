# SPDX-License-Identifier: EUPL-1.2
"""A request to MISP's interface, from its bytes to the answer's bytes.

The order is the security: the key, then whether it may be used from here and for this,
then the body, then the handler, all in one transaction that the answer's success commits.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog

from brug.api.misp import refusals
from brug.api.misp.dispatch import Answer, Call, Endpoint, Route, route
from brug.api.misp.refusals import MispError
from brug.directory import keys, moved_secrets, rate_limits
from brug.edge.decoding import unzip
from brug.edge.exports import Export, Exports
from brug.edge.strangers import Strangers
from brug.formats.json_text import decode, encode
from brug.model.errors import (
    BrugError,
    Invalid,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from brug.store import audit
from brug.store.principal import Principal
from brug.store.session import Database, Session, UnknownKey

log = structlog.get_logger("brug.api.misp")

JSON = "application/json; charset=UTF-8"
BAD_JSON = (
    "Invalid JSON input. Make sure that the JSON input is a correctly formatted JSON string."
    " This request has been blocked to avoid an unfiltered request."
)
FORM_DEPTH = 20
Wire = tuple[int, dict[str, str], bytes | Export]


class Incoming(msgspec.Struct):
    """What the web server hands over of a request."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str
    base_url: str
    body_limit: int
    exports: Exports = msgspec.field(default_factory=Exports)
    strangers: Strangers = msgspec.field(default_factory=Strangers)


def answer(database: Database, incoming: Incoming) -> Wire:
    """Answers; every error of ours becomes MISP's shape, everything else is the border's."""
    url = incoming.path + (f"?{incoming.query}" if incoming.query else "")
    try:
        return _answered(database, incoming)
    except BrugError as error:
        return refused(error, url)
    except RecursionError:
        # Decoded with a little stack to spare, and too deep for whatever looked at it then.
        return refused(Invalid("body", "fewer levels within one another"), url)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which no field of its own has refused.
        return refused(Invalid("body", "valid Unicode (half of a surrogate pair found)"), url)


def refused(error: BrugError, url: str) -> Wire:
    """An error of ours in MISP's shape."""
    log.info("refused", code=error.code, path=url.partition("?")[0][:500], reason=str(error)[:2000])
    headers = {"Content-Type": JSON, **getattr(error, "headers", {})}
    if isinstance(error, Unavailable | TooManyRequests):
        headers["Retry-After"] = "5"
    return error.status, headers, refusals.body_of(error, url)


def known(database: Database, key: str) -> None:
    """Raises where a key is nobody's; a large body is not even read then."""
    if not key:
        raise MispError(403, refusals.NO_KEY)
    try:
        with database.as_key(key):
            pass
    except Unauthenticated as error:
        if not _came_along(error, database, key):
            raise MispError(403, refusals.NO_KEY) from error


def _came_along(error: Unauthenticated, database: Database, key: str) -> bool:
    """Whether it is a key's first use since it came here from another MISP."""
    return isinstance(error, UnknownKey) and moved_secrets.recognise(database, key)


def _answered(database: Database, incoming: Incoming) -> Wire:
    found = route(incoming.method, incoming.path)
    if not found.known_controller:
        raise MispError(404, "Not Found")
    key = incoming.headers.get("authorization", "").strip()
    if not key:
        return _anonymous(database, found, incoming)
    incoming.strangers.check(incoming.address, key)
    try:
        with database.as_key(key) as session:
            incoming.strangers.known(key)
            _admit(session.principal, incoming.address)
            endpoint = _allowed(found, session.principal, incoming.method)
            if session.principal.key_stale:
                session.after_commit.append(partial(_note_use, database, session, incoming))
            if endpoint.changes:
                audit.coming_from(session, incoming.address)
            if session.principal.monitored:
                title = f"{incoming.method} {incoming.path}"
                audit.record(session, "request", "User", session.principal.user_id, title)
            return _performed(session, found, endpoint, incoming)
    except Unauthenticated as error:
        if _came_along(error, database, key):
            return _answered(database, incoming)
        incoming.strangers.failed(incoming.address)
        raise MispError(403, refusals.NO_KEY) from error


def within(session: Session, incoming: Incoming) -> Wire:
    """Answers in a session that is open: what somebody tries on a page. Never raises ours."""
    url = incoming.path + (f"?{incoming.query}" if incoming.query else "")
    try:
        found = route(incoming.method, incoming.path)
        if not found.known_controller:
            raise MispError(404, "Not Found")
        endpoint = _allowed(found, session.principal, incoming.method)
        # What fails halfway is taken back; the page goes on in the same transaction.
        with session.connection.transaction():
            return _performed(session, found, endpoint, incoming)
    except BrugError as error:
        return refused(error, url)


def _performed(session: Session, found: Route, endpoint: Endpoint, incoming: Incoming) -> Wire:
    counted = _within_rate(session, endpoint)
    result = endpoint.handler(_call(session, found, incoming))
    headers = _headers(result) | counted
    return result.status, headers, _encoded(result, incoming.method)


def _anonymous(database: Database, found: Route, incoming: Incoming) -> Wire:
    """The few endpoints for people without an account; each says what little it does."""
    endpoint = found.endpoint
    if endpoint is None or not endpoint.anonymous or incoming.method not in endpoint.methods:
        raise MispError(403, refusals.NO_KEY)
    with database.system() as session:
        audit.coming_from(session, incoming.address)
        result = endpoint.handler(_call(session, found, incoming))
        return result.status, _headers(result), _encoded(result, incoming.method)


# What the limit of a role counts, in MISP as well.
_RATED = {("events", "restsearch"), ("attributes", "restsearch")}


def _within_rate(session: Session, endpoint: Endpoint) -> dict[str, str]:
    """Headers that say what is left, where the role has a limit."""
    called = (endpoint.controller, endpoint.action.lower())
    if not session.principal.rate_limit or called not in _RATED:
        return {}
    use = rate_limits.count(session)
    headers = {
        "X-Rate-Limit-Limit": str(use.limit),
        "X-Rate-Limit-Remaining": str(use.remaining),
        "X-Rate-Limit-Reset": str(use.reset),
    }
    if not use.allowed:
        raise MispError(429, "Rate limit exceeded.", headers)
    return headers


def _note_use(database: Database, session: Session, incoming: Incoming) -> None:
    key_id = session.principal.key_id
    if key_id is not None:
        with database.system() as after:
            keys.touch(after, key_id, incoming.address)


def _admit(principal: Principal, address: str) -> None:
    expired = principal.key_expiration and principal.key_expiration < time.time()
    if principal.disabled or principal.expired or expired or "auth" not in principal.rights:
        raise MispError(403, refusals.NO_KEY)
    if principal.allowed_ips and not _address_in(address, principal.allowed_ips):
        raise MispError(403, "It is not possible to use this Auth key from your IP address")


def _address_in(address: str, allowed: tuple[str, ...]) -> bool:
    with suppress(ValueError):
        return any(ip_address(address) in ip_network(net, strict=False) for net in allowed)
    return False


def _allowed(found: Route, principal: Principal, method: str) -> Endpoint:
    endpoint = found.endpoint
    if endpoint is None:
        if principal.is_site_admin:
            raise MispError(404, "Not Found")
        raise MispError(403, refusals.NO_RIGHT)
    if endpoint.right is not None and endpoint.right not in principal.rights:
        raise MispError(403, refusals.NO_RIGHT)
    if endpoint.changes and principal.read_only:
        raise MispError(403, refusals.NO_RIGHT)
    reads = method == "HEAD" and "GET" in endpoint.methods and not endpoint.changes
    if method not in endpoint.methods and not reads:
        raise MispError(405, f"This action answers to {', '.join(endpoint.methods)} only.")
    return endpoint


def _call(session: Session, found: Route, incoming: Incoming) -> Call:
    raw = _raw(incoming)
    return Call(
        session=session,
        method=incoming.method,
        path=incoming.path,
        args=found.args,
        named=found.named,
        query=dict(parse_qsl(incoming.query, keep_blank_values=True)),
        body=None if found.endpoint and found.endpoint.takes_bytes else _body(incoming, raw),
        accept=incoming.headers.get("accept", ""),
        base_url=incoming.base_url,
        exports=incoming.exports,
        headers=incoming.headers,
        raw=raw,
    )


def _raw(incoming: Incoming) -> bytes:
    """The body's bytes, decompressed; none for methods that have no body."""
    raw = incoming.body
    if incoming.method in {"GET", "HEAD"}:
        return b""
    if len(raw) > incoming.body_limit:
        raise TooLarge("The body", incoming.body_limit, "limits.body_bytes")
    if raw and incoming.headers.get("content-encoding", "").lower() == "gzip":
        return unzip(raw, incoming.body_limit)
    return raw


def _body(incoming: Incoming, raw: bytes) -> Any:
    if not raw:
        return None
    kind = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            return decode(raw)
        except Invalid as error:
            raise MispError(405, f"{BAD_JSON} {error.public}") from error
    if kind == "application/x-www-form-urlencoded":
        return _form(raw)
    return None


def _form(raw: bytes) -> dict[str, Any]:
    """CakePHP's form names: `data[Event][info]=x` is `{"Event": {"info": "x"}}`."""
    form: dict[str, Any] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        parts = name.replace("]", "").split("[")
        if parts[0] == "data":
            parts = parts[1:]
        if len(parts) > FORM_DEPTH:
            raise Invalid("body", f"at most {FORM_DEPTH} levels within one another")
        place = form
        for part in parts[:-1]:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        if parts:
            place[parts[-1]] = value
    return form


def _headers(result: Answer) -> dict[str, str]:
    return {"Content-Type": result.media_type, **result.headers}


def _encoded(result: Answer, method: str) -> bytes | Export:
    if method == "HEAD":
        if isinstance(result.payload, Export):
            result.payload.close()
        return b""
    if isinstance(result.payload, bytes | Export):
        return result.payload
    return encode(result.payload)
