# SPDX-License-Identifier: EUPL-1.2
"""Addresses of MISP's pages -> ours, for browsers that follow old links.

Only what a browser asks for itself: a GET that wants HTML and brings no key.
"""

import re

from litestar.types import ASGIApp, HTTPScope, Receive, Send

_ITEM = r"(?P<item>\d{1,18}|[0-9a-fA-F-]{36})"
_PAGES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), page)
    for pattern, page in (
        (rf"/events/(?:view/)?{_ITEM}", "/intelligence/events/{item}"),
        (r"/events(?:/index)?", "/intelligence/events"),
        (r"/events/add", "/intelligence/new"),
        (rf"/attributes/(?:view/)?{_ITEM}", "/intelligence/attributes/{item}"),
        (rf"/organisations/(?:view/)?{_ITEM}", "/directory/organisations/{item}"),
        (r"/organisations(?:/index)?", "/directory/organisations"),
        (r"/users/login", "/sign-in"),
        (r"/users/view/me|/auth_keys/index", "/account"),
        (r"/admin/users(?:/index)?", "/administration/users"),
        (r"/sharing_groups(?:/index)?", "/administration/sharing-groups"),
        (r"/servers/serverSettings", "/administration/settings"),
        (r"/servers/openapi|/servers/rest", "/interface"),
    )
)


def is_from_browser(scope: HTTPScope) -> bool:
    if scope["method"] not in {"GET", "HEAD"}:
        return False
    headers = dict(scope["headers"])
    return b"text/html" in headers.get(b"accept", b"") and b"authorization" not in headers


def page_of(path: str) -> str | None:
    """The page that shows what MISP shows there."""
    for pattern, page in _PAGES:
        found = pattern.fullmatch(path.rstrip("/"))
        if found:
            return page.format(**found.groupdict())
    return None


async def lead(scope: HTTPScope, receive: Receive, send: Send, otherwise: ASGIApp) -> None:
    """Leads to the page, or lets the pages say that there is none."""
    page = page_of(scope["path"])
    if page is None:
        await otherwise(scope, receive, send)
        return
    headers = [(b"location", page.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
