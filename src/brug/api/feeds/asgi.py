# SPDX-License-Identifier: EUPL-1.2
"""`/feeds/TOKEN/FILE` and `/feeds/NAME/FILE`: what this node publishes.

Read only. The token stands in the address or, better, in `Authorization` beside the name: a
name without its token and a name that nobody gave are one answer. MISP's interface has the
rest of `/feeds`; none of its actions has a hyphen or is as long as a token.
"""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from typing import IO, Any

import msgspec
from litestar.types import HTTPScope, Receive, Send

from brug.bridges.feeds import published, publishing, serving
from brug.edge.border import unforeseen
from brug.edge.node import Node
from brug.edge.strangers import Strangers
from brug.formats import json_text
from brug.model.errors import BrugError, NotFound
from brug.model.naming import is_uuid

_TOKEN_LENGTH = 43
_IN_MEMORY = 2**20
_PIECE = 2**18
_JSON = {"content-type": "application/json"}
# A time in whole seconds tells two versions apart once it has passed.
_SETTLED = timedelta(seconds=2)


class Reply(msgspec.Struct):
    """An answer; `content` is a file that is read while it is sent."""

    status: int
    headers: dict[str, str]
    content: bytes | IO[bytes] = b""


class NoSuchFeed(NotFound):
    """No feed, no such document in it, or not for whoever asks."""

    code = "no_such_feed"
    public = "There is no such feed, or this token does not open it."


def claims(path: str) -> bool:
    """Whether an address is one of a published feed."""
    parts = path.split("/")
    if len(parts) != 4 or parts[1] != "feeds" or not parts[3]:
        return False
    segment = parts[2]
    return ("-" in segment and not is_uuid(segment)) or len(segment) == _TOKEN_LENGTH


class PublishedFeeds:
    """Answers the addresses that it claims."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._strangers = Strangers()

    async def __call__(self, scope: HTTPScope, _: Receive, send: Send) -> None:
        """One request."""
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(self._node.threads, partial(self._answer, scope))
        wire = [(k.encode(), v.encode("latin-1")) for k, v in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": wire})
        content = reply.content
        if isinstance(content, bytes):
            await send({"type": "http.response.body", "body": content, "more_body": False})
            return
        with content:
            while True:
                piece = await loop.run_in_executor(self._node.threads, content.read, _PIECE)
                await send({"type": "http.response.body", "body": piece, "more_body": bool(piece)})
                if not piece:
                    return

    def _answer(self, scope: HTTPScope) -> Reply:
        try:
            return self._document(scope)
        except BrugError as error:
            return _refused(error.status, error.code, error.public)
        except Exception as error:  # noqa: BLE001 — the border of a request
            number = unforeseen("/feeds", error)
            return _refused(500, "error", f"{BrugError.public} ({number})")

    def _document(self, scope: HTTPScope) -> Reply:
        if scope["method"] not in {"GET", "HEAD"}:
            reply = _refused(405, "no_method", "method: expected GET")
            reply.headers["allow"] = "GET, HEAD"
            return reply
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        client: Any = scope.get("client") or ("", 0)
        address = self._node.address(client[0], headers.get("x-forwarded-for"))
        _, _, segment, name = scope["path"].split("/")
        token = headers.get("authorization", "").strip()
        self._strangers.check(address, token or segment)
        database = self._node.database
        with database.system() as session:
            feed = published.at_address(session, segment, token)
        if feed is None:
            self._strangers.failed(address)
            raise NoSuchFeed(f"no published feed at {segment[:4]!r}...")
        self._strangers.known(token or segment)
        feed = publishing.refreshed(database, feed)
        with database.system() as session:
            publishing.note_reader(session, feed)
            found = serving.document(session, feed, name)
            if found is None:
                raise NoSuchFeed(f"feed {feed.name} has no document {name[:60]!r}")
            return _sent(feed, found, headers, head=scope["method"] == "HEAD")


def _sent(
    feed: published.Published, found: serving.Document, headers: dict[str, str], *, head: bool
) -> Reply:
    tag = f'"{found.etag}"'
    kept = "public" if feed.for_anyone and not feed.has_token else "private"
    told = {
        "etag": tag, "cache-control": f"{kept}, no-cache", "content-type": found.media_type,
        "x-content-type-options": "nosniff",
    }  # fmt: skip
    if found.changed is not None and datetime.now(UTC) - found.changed > _SETTLED:
        told["last-modified"] = format_datetime(found.changed, usegmt=True)
    if _is_known(tag, found.changed, headers):
        return Reply(304, told)
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 — sent later
    try:
        for piece in found.pieces:
            spool.write(piece)
        told["content-length"] = str(spool.tell())
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    if head:
        spool.close()
        return Reply(200, told)
    return Reply(200, told, spool)


def _is_known(tag: str, changed: datetime | None, headers: dict[str, str]) -> bool:
    """Whether who asks has it already; a time counts where no tag is named (RFC 9110, 13.2.2)."""
    asked = headers.get("if-none-match")
    if asked is not None:
        known = {one.strip().removeprefix("W/") for one in asked.split(",")}
        return tag in known or asked.strip() == "*"
    since = headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        known_at = parsedate_to_datetime(since)
    except ValueError:
        return False
    return changed.replace(microsecond=0) <= (
        known_at if known_at.tzinfo else known_at.replace(tzinfo=UTC)
    )


def _refused(status: int, code: str, text: str) -> Reply:
    content = json_text.encode({"code": code, "message": text})
    return Reply(status, {**_JSON, "content-length": str(len(content))}, content)
