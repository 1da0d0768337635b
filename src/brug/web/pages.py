# SPDX-License-Identifier: EUPL-1.2
"""The pages of a node as Litestar handlers, and the addresses that are theirs.

A page's first segment is in SEGMENTS; every other path belongs to the machine interfaces.
Handlers run in the node's threads; the event loop moves bytes only.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from typing import Any

from litestar import HttpMethod, Request, Response
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from litestar.router import Router
from litestar.static_files import create_static_files_router
from litestar.types import Receive, Scope, Send

from brug.edge.border import unforeseen
from brug.model.errors import BrugError, TooLarge
from brug.web import (
    account,
    adding,
    administration,
    audiences,
    bridges,
    cases,
    cluster_attaching,
    clusters,
    collections,
    dashboards,
    delegation,
    directory,
    editing,
    event_actions,
    event_changes,
    event_exports,
    event_filling,
    event_grouping,
    event_templates,
    event_values,
    events,
    galaxies,
    interface,
    joining,
    notes,
    notifications,
    now,
    organisation_merging,
    persons,
    proposals,
    reporting,
    searching,
    second_factor,
    signing_in,
    signing_in_elsewhere,
    trying,
    words,
)
from brug.web.answering import answer, problem
from brug.web.fields import LARGEST_FORM, Fields, read_cookies
from brug.web.headers import STRICT_TRANSPORT
from brug.web.page import TABLE, Page, Probe
from brug.web.rendering import STATIC
from brug.web.session import to_set
from brug.web.visit import Reply, Site, Visit

MODULES = (
    account, adding, administration, audiences, bridges, cases, collections, cluster_attaching,
    clusters, dashboards, delegation, directory, editing, event_actions, event_changes,
    event_exports, event_filling, event_grouping, event_templates, event_values, events, galaxies,
    interface, joining, notes, notifications, now, organisation_merging, persons, proposals,
    reporting,
    searching, second_factor, signing_in, signing_in_elsewhere, trying,
)  # fmt: skip
SEGMENTS = frozenset({page.path.split("/")[1] for page in TABLE} | {"static"})
PROBES = tuple(Probe(page.methods[0], page.probe, page.shows) for page in TABLE if page.probe)

Asked = Request[Any, Any, Any]
Handle = Callable[[Asked], Awaitable[Response[Any]]]


def claims(path: str) -> bool:
    """Whether an address is a page's."""
    return path.lstrip("/").partition("/")[0] in SEGMENTS


def handlers(site: Site) -> list[HTTPRouteHandler | Router]:
    """All pages, and the files they use."""
    by_path: dict[str, dict[str, Page]] = {}
    for page in TABLE:
        for method in page.methods:
            by_path.setdefault(page.path, {})[method] = page
    made: list[HTTPRouteHandler | Router] = []
    for path, by_method in by_path.items():
        verbs = [HttpMethod(verb) for verb in by_method]
        if HttpMethod.GET in verbs:
            verbs.append(HttpMethod.HEAD)
        made.append(HTTPRouteHandler(path, http_method=verbs)(_handle(site, by_method)))
    files = create_static_files_router(
        "/static", [STATIC], cache_control=CacheControlHeader(max_age=31_536_000, immutable=True)
    )
    return [*made, files]


def _handle(site: Site, by_method: Mapping[str, Page]) -> Handle:
    async def handle(request: Asked) -> Response[Any]:
        method = "GET" if request.method == "HEAD" else str(request.method)
        body = await _form(request) if method == "POST" else b""
        return await _in_thread(site, request, body, by_method[method])

    return handle


async def _form(request: Asked) -> bytes | None:
    """The body, or None where it is larger than any form."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= LARGEST_FORM:
            parts.append(part)
    return b"".join(parts) if size <= LARGEST_FORM else None


async def _in_thread(site: Site, request: Asked, body: bytes | None, page: Page) -> Response[Any]:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(site.node.threads, _answered, site, request, body, page)


def _answered(site: Site, request: Asked, body: bytes | None, page: Page) -> Response[Any]:
    visit = _visit_of(site, request)
    try:
        if body is None:
            raise TooLarge("The form", LARGEST_FORM, "limits.body_bytes")
        visit.form = _read(request.headers.get("content-type", ""), body)
        reply = answer(page, visit)
    except BrugError as error:
        reply = problem(visit, error.status, visit.sentence(error))
    return _response(reply, visit)


def _read(kind: str, body: bytes) -> Fields:
    if kind.lower().startswith("multipart/form-data"):
        return Fields.read_parts(kind, body)
    return Fields.read(body.decode("utf-8", "replace"))


def _visit_of(site: Site, request: Asked) -> Visit:
    headers = dict(request.headers)
    peer = request.client.host if request.client else ""
    return Visit(
        site,
        method="GET" if request.method == "HEAD" else str(request.method),
        path=request.url.path,
        query=request.scope["query_string"].decode("latin-1"),
        headers=headers,
        cookies=read_cookies(headers.get("cookie", "")),
        args={name: str(value) for name, value in request.path_params.items()},
        address=site.node.address(peer, headers.get("x-forwarded-for")),
        secure=site.node.is_secure(peer, request.scope["scheme"], headers.get("x-forwarded-proto")),
    )


def _response(reply: Reply, visit: Visit) -> Response[Any]:
    headers = {"Cache-Control": "no-store", "Vary": "Cookie, HX-Request", **reply.headers}
    told: dict[str, Any] = {
        "status_code": reply.status, "media_type": reply.media_type, "headers": headers,
    }  # fmt: skip
    if reply.pieces is None:
        response: Response[Any] = Response(reply.body, **told)
    else:
        response = Stream(iter(reply.pieces), **told)
    if visit.secure:
        response.headers[STRICT_TRANSPORT[0].decode()] = STRICT_TRANSPORT[1].decode()
    response.cookies = to_set(reply.cookies, secure=visit.secure)
    return response


def refusal(site: Site) -> Callable[[Asked, Exception], Response[Any]]:
    """What Litestar itself refuses: unknown addresses under ours, other methods."""

    def refuse(request: Asked, error: Exception) -> Response[Any]:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status >= 500:
            visit = _visit_of(site, request)
            number = unforeseen(visit.path, error)
            text = visit.gettext(words.ERRORS["error"])
            return _response(problem(visit, status, text, number), visit)
        text = words.ERRORS[_SAID.get(status, "not_understood")]
        return _Later(lambda: _refused(site, request, status, text), site.node.threads)

    return refuse


def _refused(site: Site, request: Asked, status: int, text: str) -> Response[Any]:
    """A page of whoever reads it, in their language and with their rooms around it."""
    visit = _visit_of(site, request)
    asked, visit.method = visit.method, "GET"  # whatever was sent, nothing is done with it

    def say(visit: Visit) -> Reply:
        visit.method = asked
        return problem(visit, status, visit.gettext(text))

    page = Page(visit.path, ("GET",), say, None, anonymous=True, shows=(), probe=None)
    return _response(answer(page, visit), visit)


class _Later(Response[bytes]):
    """A response that is made in a thread of the node, and not where bytes are moved."""

    def __init__(self, make: Callable[[], Response[Any]], threads: Executor) -> None:
        super().__init__(b"")
        self._make, self._threads = make, threads

    def to_asgi_response(self, *given: Any, **named: Any) -> Any:
        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            loop = asyncio.get_running_loop()
            made = await loop.run_in_executor(self._threads, self._make)
            await made.to_asgi_response(*given, **named)(scope, receive, send)

        return answered


_SAID = {404: "not_found", 405: "no_method"}
