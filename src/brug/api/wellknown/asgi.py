# SPDX-License-Identifier: EUPL-1.2
"""What stands at addresses that everyone knows: the node's description, its key for mail, and
security.txt.

The description is signed by the node's own key, to be kept for an hour.
It changes only when the node does, so that whoever has it asks by its ETag. Where the
setting `bridges.published` is off, nothing is there.
"""

import asyncio
from functools import partial
from hashlib import sha256

from litestar.types import HTTPScope, Receive, Send

from brug.api.wellknown import key_directory, security_txt
from brug.bridges import description
from brug.edge.border import guarded
from brug.edge.node import Node
from brug.formats import json_text
from brug.model.errors import BrugError, NotFound

PATH = "/.well-known/brug"
PATHS = frozenset({PATH, security_txt.PATH})
_CACHE = "public, max-age=3600"
Wire = tuple[int, dict[str, str], bytes]


class NotPublished(NotFound):
    """The node does not tell who it is."""

    code = "not_published"
    public = "This node does not publish who it is."


def claims(path: str) -> bool:
    """Whether an address is one of these."""
    return path in PATHS or path.startswith(key_directory.FOLDER)


def _refused(error: BrugError) -> Wire:
    said = {"code": error.code, "message": error.public}
    return error.status, {"content-type": "application/json"}, json_text.encode(said)


class WellKnown:
    """Answers those paths."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def __call__(self, scope: HTTPScope, _: Receive, send: Send) -> None:
        """One request."""
        asked = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
        loop = asyncio.get_running_loop()
        query = scope["query_string"].decode("latin-1")
        run = partial(self._answer, scope["path"], scope["method"], asked, query)
        status, headers, content = await loop.run_in_executor(self._node.threads, run)
        wire = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
        body = b"" if scope["method"] == "HEAD" else content
        wire.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": wire})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _answer(self, path: str, method: str, asked: str, query: str = "") -> Wire:
        return guarded(path, partial(self._found, path, method, asked, query), _refused)

    def _found(self, path: str, method: str, asked: str, query: str) -> Wire:
        if method not in {"GET", "HEAD"}:
            said = {"code": "no_method", "message": "method: expected GET"}
            headers = {"content-type": "application/json", "allow": "GET, HEAD"}
            return 405, headers, json_text.encode(said)
        if path.startswith(key_directory.FOLDER):
            return self._key(path, query)
        return self._security_txt() if path == security_txt.PATH else self._described(asked)

    def _key(self, path: str, query: str) -> Wire:
        with self._node.database.system() as session:
            kind, content = key_directory.served(session, path, query)
        headers = {
            "content-type": kind, "cache-control": _CACHE, "access-control-allow-origin": "*",
        }  # fmt: skip
        return 200, headers, content

    def _security_txt(self) -> Wire:
        with self._node.database.system() as session:
            content = security_txt.document(session)
        headers = {"content-type": "text/plain; charset=utf-8", "cache-control": _CACHE}
        return 200, headers, content

    def _described(self, asked: str) -> Wire:
        if not self._node.setting("bridges.published"):
            raise NotPublished("bridges.published is off")
        with self._node.database.system() as session:
            content = description.published(session)
        tag = f'"{sha256(content).hexdigest()[:32]}"'
        headers = {
            "content-type": "application/json", "cache-control": _CACHE, "etag": tag,
            "access-control-allow-origin": "*",
        }  # fmt: skip
        names = {one.strip().removeprefix("W/") for one in asked.split(",")}
        if tag in names or asked.strip() == "*":
            return 304, headers, b""
        return 200, headers, content
