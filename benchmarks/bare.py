# SPDX-License-Identifier: EUPL-1.2
"""A bare stack: the same web server and driver, one statement a request, nothing else."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

THREADS = 8
STATEMENT = "SELECT id, email, org_id, role_id FROM brug.account LIMIT 1"


class BareStack:
    """Answers each request with one row as text."""

    def __init__(self) -> None:
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            os.environ["BARE_DSN"], min_size=THREADS, max_size=THREADS, open=False
        )
        self._threads = ThreadPoolExecutor(THREADS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        loop = asyncio.get_running_loop()
        body = await loop.run_in_executor(self._threads, self._row)
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _row(self) -> bytes:
        with self._pool.connection() as connection:
            return repr(connection.execute(STATEMENT).fetchone()).encode()

    async def _live(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._pool.open(wait=True)
                await send({"type": "lifespan.startup.complete"})
            else:
                self._pool.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def create() -> BareStack:
    """What granian calls in its worker."""
    return BareStack()
