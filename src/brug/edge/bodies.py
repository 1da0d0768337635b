# SPDX-License-Identifier: EUPL-1.2
"""The body of a request, read within its limits: bytes, time, and whose it is.

Nothing is kept of a body that is over the limit; a client that goes away in the middle is
not answered from what it had sent by then; one that sends by the byte is not waited for.
"""

import asyncio
from collections.abc import Awaitable, Callable

from litestar.types import Receive

from brug.model.errors import BrugError, TooLarge

# What anybody may send: above it, `admit` is asked first.
FREE_BYTES = 2**20
# A minute, and a second more for each of these that have come.
PATIENCE = 60.0
SLOWEST = 1024


class TooLate(BrugError):
    """The body came too slowly."""

    code = "too_late"
    public = "The body of the request did not come in time."
    status = 408


class ClientGone(BrugError):
    """The connection ended within the body."""

    code = "client_gone"
    public = "The request ended before its body did."
    status = 400


Admit = Callable[[], Awaitable[None]]


async def read(receive: Receive, declared: str | None, limit: int, admit: Admit) -> bytes:
    """The whole body. Raises TooLarge, TooLate, ClientGone, and what `admit` raises."""
    announced = int(declared) if declared and declared.isascii() and declared.isdecimal() else 0
    if announced > limit:
        raise _too_large(limit)
    admitted = False
    parts: list[bytes] = []
    size = 0
    begun = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(PATIENCE) as patience:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise ClientGone("the client went away within its body")
                part = message["body"]
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                if max(size, announced) > FREE_BYTES and not admitted:
                    await admit()
                    admitted = True
                parts.append(part)
                if not message["more_body"]:
                    return b"".join(parts) if len(parts) > 1 else part
                patience.reschedule(begun + PATIENCE + size / SLOWEST)
    except TimeoutError as error:
        raise TooLate(f"{size} bytes of a body came in time") from error


def _too_large(limit: int) -> TooLarge:
    return TooLarge("The body", limit, "limits.body_bytes")
