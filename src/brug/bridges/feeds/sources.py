# SPDX-License-Identifier: EUPL-1.2
"""Where a feed's documents come from: the network, or a folder that the node's settings allow.

What was fetched before is asked for with its ETag and Last-Modified; a file tells itself by
its content. No name of a document comes from outside but a UUID that was checked.
"""

import hashlib
import os
from pathlib import Path
from urllib.parse import urljoin

import msgspec

from brug.directory import routes
from brug.directory.routes import Route
from brug.edge import outgoing
from brug.edge.decoding import only_file, unzip
from brug.edge.outgoing import Fetched, Limits, NotAllowed, NotReached
from brug.formats.web_page import is_page, title_of
from brug.intel.feed import feeds
from brug.intel.feed.feeds import Feed
from brug.model.errors import TooLarge
from brug.store import settings
from brug.store.session import Session

ACCEPT = "application/json, text/plain, text/*"
_LONGEST_HEADER = 4000
_READ = frozenset({"", "identity", "gzip", "x-gzip"})
_LIMIT = "feeds.document_bytes"
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the latter of one with nothing in it


class WebPage(NotReached):
    """What came is a page for people: to sign in, a captcha, an error that is told as none."""

    code = "feed_web_page"
    public = "A web page came instead of the feed; nothing was changed."

    def __init__(self, address: str, content: bytes) -> None:
        title = title_of(content)
        called = f" ({title!r})" if title else ""
        super().__init__(
            f"{address[:200]} answered with a web page{called} and not with a feed: to sign in,"
            " against robots, or of an error; nothing was changed"
        )


class Copy(msgspec.Struct, frozen=True):
    """What the other side said of a document that is known."""

    etag: str
    modified: str
    digest: bytes


class Document(msgspec.Struct, frozen=True):
    """A document as it came."""

    content: bytes
    copy: Copy


class Source(msgspec.Struct, frozen=True):
    """How the documents of one feed are got; needs no database any more."""

    url: str
    is_local: bool
    folders: tuple[str, ...]
    headers: dict[str, str]
    limits: Limits
    route: Route

    def fetch(self, name: str = "", known: Copy | None = None) -> Document | None:
        """A document of the feed, or the feed itself without a name; None where it is as known.

        Raises NotReached, of which WebPage, NotAllowed, TooLarge, Invalid.
        """
        if self.is_local:
            return self._read(name, known)
        headers = dict(self.headers)
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        answer = outgoing.fetch(
            "GET", self.address(name), headers=headers, limits=self.limits, route=self.route
        )
        if answer.status == 304 and known is not None:
            return None
        if answer.status != 200:
            raise NotReached(f"{self.address(name)[:200]} answered with status {answer.status}")
        encoding = answer.headers.get("content-encoding", "").lower()
        if encoding not in _READ:
            raise NotReached(f"{self.address(name)[:200]} answered in {encoding[:20]!r}, not gzip")
        made = _document(answer, self.limits.body_bytes)
        if is_page(made.content, answer.headers.get("content-type", "")):
            raise WebPage(self.address(name), made.content)
        return _unless_known(made, known)

    def address(self, name: str) -> str:
        """A feed's address is its folder, or in MISP's way the manifest in it."""
        if not name:
            return self.url
        folder = self.url.removesuffix("manifest.json")
        return urljoin(folder if folder.endswith("/") else f"{folder}/", name)

    def path(self, name: str = "") -> Path:
        """The file, in one of the folders after all links. Raises NotAllowed, NotReached."""
        asked = Path(self.url) / name if name else Path(self.url)
        if name and asked.parent.name == "manifest.json":
            asked = asked.parent.parent / name
        try:
            found = asked.resolve(strict=True)
            allowed = [Path(folder).resolve() for folder in self.folders]
        except (OSError, RuntimeError) as error:
            raise NotReached(f"{str(asked)[:200]}: {type(error).__name__}") from error
        if not any(found.is_relative_to(folder) for folder in allowed) or not found.is_file():
            raise NotAllowed(f"{str(asked)[:200]} is no file in a folder of feeds.local_folders")
        return found

    def _read(self, name: str, known: Copy | None) -> Document | None:
        path = self.path(name)
        try:
            with path.open("rb") as file:
                content = file.read(self.limits.body_bytes + 1)
        except OSError as error:
            raise NotReached(f"{str(path)[:200]}: {error.strerror}") from error
        if len(content) > self.limits.body_bytes:
            raise TooLarge("The document", self.limits.body_bytes, _LIMIT)
        made = Document(_unpacked(content, self.limits.body_bytes), Copy("", "", _sha256(content)))
        if is_page(made.content):
            raise WebPage(str(path), made.content)
        return _unless_known(made, known)

    def remove(self) -> None:
        """Takes the file of a list away, once what it says is stored."""
        os.unlink(self.path())  # noqa: PTH108 — the path is checked already


def of_feed(session: Session, feed: Feed) -> Source:
    """How to get a feed's documents."""
    version = settings.get(session, "node.misp_version")
    limits = Limits(
        float(settings.get(session, "feeds.seconds")),
        int(settings.get(session, "feeds.document_bytes")),
        settings.get(session, "outgoing.private_networks"),
    )
    headers = {
        "Accept": ACCEPT,
        "User-Agent": f"MISP {version}",
        **headers_in(feeds.headers_to_send(session, feed)),
    }
    folders = tuple(settings.get(session, "feeds.local_folders"))
    route = routes.of_node(session, feed.url)
    return Source(feed.url, feed.input_source == "local", folders, headers, limits, route)


def headers_in(text: str) -> dict[str, str]:
    """`Name: value` lines; others are none. What the connection is made of is not theirs."""
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        fine = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
        if (
            colon
            and fine
            and value.isprintable()
            and value.isascii()
            and len(value) < _LONGEST_HEADER
        ):
            found[name] = value
    return {n: v for n, v in found.items() if n.lower() not in _OF_THE_CONNECTION}


_OF_THE_CONNECTION = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "upgrade"}
)


def _unpacked(content: bytes, limit: int) -> bytes:
    """A list that lies there as a packed file is the list."""
    if content.startswith(_ZIP):
        return only_file(content, limit, _LIMIT)
    return unzip(content, limit, _LIMIT) if content.startswith(_GZIP) else content


def _document(answer: Fetched, limit: int) -> Document:
    header = answer.headers
    copy = Copy(
        header.get("etag", "")[:500], header.get("last-modified", "")[:100], _sha256(answer.body)
    )
    return Document(_unpacked(answer.body, limit), copy)


def _unless_known(document: Document, known: Copy | None) -> Document | None:
    """Some servers know no conditions: what is the same says nothing new all the same."""
    return None if known is not None and known.digest == document.copy.digest else document


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def known_copy(session: Session, feed_id: int, action: str) -> Copy | None:
    """What the other side said when the document was last taken in whole."""
    row = session.one(
        "SELECT etag, modified, digest FROM feed_copy WHERE feed_id = %s AND action = %s",
        (feed_id, action),
    )
    return Copy(row[0], row[1], bytes(row[2])) if row else None


def keep_copy(session: Session, feed_id: int, action: str, copy: Copy) -> None:
    """Notes it, once everything in the document is stored."""
    session.execute(
        "INSERT INTO feed_copy (feed_id, action, etag, modified, digest)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (feed_id, action) DO UPDATE SET"
        " etag = excluded.etag, modified = excluded.modified, digest = excluded.digest",
        (feed_id, action, copy.etag, copy.modified, copy.digest),
    )
