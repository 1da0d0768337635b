# SPDX-License-Identifier: EUPL-1.2
"""A request to MISP's interface, from its bytes to the answer's bytes.

The order is the security: the key, then whether it may be used from here and for this,
then the body, then the handler, all in one transaction that the answer's success commits.
"""

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import parse_qsl

import msgspec
import structlog

from brug.api.misp import admission, bridged, refusals, request_body
from brug.api.misp.dispatch import Answer, Call, Endpoint, Route, route
from brug.api.misp.refusals import MispError
from brug.edge.admission import Knocking, NoKey, admitted
from brug.edge.exports import Export, Exports
from brug.edge.node import nothing
from brug.edge.strangers import Strangers
from brug.formats.json_text import encode
from brug.model.errors import (
    BrugError,
    Invalid,
    TooManyRequests,
    Unavailable,
)
from brug.store import audit
from brug.store.principal import Principal
from brug.store.session import Database, Session

log = structlog.get_logger("brug.api.misp")

JSON = "application/json; charset=UTF-8"
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
    opened: Callable[[int, Principal], None] = nothing


def answer(database: Database, incoming: Incoming) -> Wire:
    """Answers by the key that came along."""
    return _explained(incoming, partial(_answered, database, incoming))


def _explained(incoming: Incoming, do: Callable[[], Wire]) -> Wire:
    """Every error of ours becomes MISP's shape; everything else is the border's."""
    url = incoming.path + (f"?{incoming.query}" if incoming.query else "")
    try:
        return do()
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


def _answered(database: Database, incoming: Incoming) -> Wire:
    found = _known_route(incoming)
    key = incoming.headers.get("authorization", "").strip()
    if not key:
        return _anonymous(database, found, incoming)
    who = Knocking(key, incoming.address, incoming.method, incoming.path)
    with admitted(database, incoming.strangers, who) as session:
        endpoint = admission.allowed(found, session.principal, incoming.method)
        return _performed(session, found, endpoint, incoming)


def within(session: Session, incoming: Incoming) -> Wire:
    """Answers in a session that is open: what somebody tries on a page."""
    return _explained(incoming, partial(_tried, session, incoming))


def _tried(session: Session, incoming: Incoming) -> Wire:
    found = _known_route(incoming)
    endpoint = admission.allowed(found, session.principal, incoming.method)
    # What fails halfway is taken back; the page goes on in the same transaction.
    with session.connection.transaction():
        return _performed(session, found, endpoint, incoming)


def _known_route(incoming: Incoming) -> Route:
    found = route(incoming.method, incoming.path)
    if not found.known_controller:
        raise MispError(404, "Not Found")
    return found


def _performed(session: Session, found: Route, endpoint: Endpoint, incoming: Incoming) -> Wire:
    counted = admission.within_rate(session, endpoint)
    result = bridged.answered(_call(session, found, incoming), endpoint)
    headers = _headers(result) | counted
    return result.status, headers, _encoded(result, incoming.method)


def _anonymous(database: Database, found: Route, incoming: Incoming) -> Wire:
    """The few endpoints for people without an account; each says what little it does."""
    endpoint = found.endpoint
    if endpoint is None or not endpoint.anonymous or incoming.method not in endpoint.methods:
        raise NoKey("no key came along")
    with database.system() as session:
        audit.coming_from(session, incoming.address)
        result = endpoint.handler(_call(session, found, incoming))
        return result.status, _headers(result), _encoded(result, incoming.method)


def _call(session: Session, found: Route, incoming: Incoming) -> Call:
    raw = request_body.raw(incoming.method, incoming.headers, incoming.body, incoming.body_limit)
    return Call(
        session=session,
        method=incoming.method,
        path=incoming.path,
        args=found.args,
        named=found.named,
        query=dict(parse_qsl(incoming.query, keep_blank_values=True)),
        body=None
        if found.endpoint and found.endpoint.takes_bytes
        else request_body.decoded(incoming.headers, raw),
        accept=incoming.headers.get("accept", ""),
        base_url=incoming.base_url,
        exports=incoming.exports,
        opened=incoming.opened,
        headers=incoming.headers,
        raw=raw,
    )


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
