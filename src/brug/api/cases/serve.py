# SPDX-License-Identifier: EUPL-1.2
"""A request to the interface for cases, from its bytes to the bytes of the answer.

The order is the security: the key, then whether something is at the path and may be asked so,
then what came along, then the handler, all in one transaction that the answer's success commits.
"""

from functools import partial
from typing import Any

import msgspec

from brug.api.cases import (
    acts,
    advisories,
    authorities,
    authority,
    catalogue,
    clocks,
    crisis,
    cve,
    documents,
    embargoes,
    files,
    glass,
    hooks,
    kinds,
    leaving,
    mail_keys,
    many,
    openapi,
    persons,
    reading,
    reports,
    scores,
    sources,
)
from brug.api.cases.forms import Refusal
from brug.api.cases.table import JSON, Call, Route, find
from brug.edge.admission import Knocking, NoKey, admitted, within_rate
from brug.edge.border import guarded
from brug.edge.exchange import Sent, Wire
from brug.edge.exports import Exports
from brug.edge.strangers import Strangers
from brug.formats.json_text import encode
from brug.model.errors import BrugError, Forbidden, TooManyRequests, Unavailable
from brug.model.languages import accepted
from brug.store.session import Database

PLAIN = {"Content-Type": JSON, "Cache-Control": "no-store"}
# What puts itself into the table.
ROUTED = (
    kinds, files, acts, advisories, cve, authorities, authority, catalogue, crisis, documents,
    embargoes, many,
    mail_keys, persons, reports, leaving, hooks, glass, scores, sources, clocks,
    openapi,
)  # fmt: skip


class Served(msgspec.Struct, frozen=True):
    """What a worker has for all requests; `body_limit` in bytes."""

    database: Database
    strangers: Strangers
    base_url: str
    body_limit: int
    exports: Exports = msgspec.field(default_factory=Exports)


def answer(served: Served, sent: Sent) -> Wire:
    """The answer to one request. Raises nothing."""
    return guarded(sent.path, partial(_answered, served, sent), refused)


def _body(served: Served, sent: Sent, route: Route) -> Any:
    if route.may_be_empty and not sent.body:
        return route.body()
    return reading.body(sent.headers, sent.body, served.body_limit, route.body)


def refused(error: BrugError) -> Wire:
    """An error as whoever asked may read it."""
    headers = PLAIN | getattr(error, "headers", {})
    if isinstance(error, Unavailable | TooManyRequests):
        headers["Retry-After"] = "5"
    said = Refusal(error.code, error.public, _field(error))
    return error.status, headers, encode(said)


def _field(error: BrugError) -> str | None:
    named = ".".join(part for part in (error.place, getattr(error, "field", "")) if part)
    return named or None


def _answered(served: Served, sent: Sent) -> Wire:
    key = sent.headers.get("authorization", "").strip()
    if not key:
        raise NoKey("no key came along")
    who = Knocking(key, sent.address, sent.method, sent.path)
    with admitted(served.database, served.strangers, who) as session:
        route, args = find(sent.method, sent.path)
        if route.changes and session.principal.read_only:
            raise Forbidden("the key reads only")
        counted = within_rate(session) if route.is_search else {}
        call = Call(
            session=session,
            args=args,
            query=reading.query(sent.query, route.query),
            body=_body(served, sent, route),
            base_url=served.base_url,
            exports=served.exports,
            language=accepted(sent.headers.get("accept-language", "")),
        )
        given: Any = route.handler(call)
        headers = PLAIN | {"Content-Type": route.media_type} | counted | call.headers
        is_file = route.media_type != JSON
        return route.status, headers, given if is_file else encode(given)
