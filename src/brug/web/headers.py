# SPDX-License-Identifier: EUPL-1.2
"""What browsers are told about every answer of the node, pages and interfaces alike."""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

ALWAYS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
# Two years, the least that lists of such hosts take.
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000")


def protected(app: ASGIApp) -> ASGIApp:
    """The application with these headers on each answer that does not set them itself."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                present = {name.lower() for name, _ in headers}
                headers += [pair for pair in ALWAYS.items() if pair[0] not in present]
                if scope["scheme"] == "https" and STRICT_TRANSPORT[0] not in present:
                    headers.append(STRICT_TRANSPORT)
                message["headers"] = headers
            await send(message)

        await app(scope, receive, sending)

    return wrapped
