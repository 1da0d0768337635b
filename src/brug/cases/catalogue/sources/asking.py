# SPDX-License-Identifier: EUPL-1.2
"""How a source is asked, and what is remembered of its answers to ask for changes alone.

What is said to a source's own host, credentials above all, is said to no other.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import msgspec

from brug.cases.catalogue.sources import records
from brug.cases.catalogue.sources.records import Source
from brug.directory import routes
from brug.directory.routes import Route
from brug.edge import outgoing
from brug.edge.outgoing import Fetched, Limits, NotReached
from brug.model.errors import BrugError
from brug.store import settings
from brug.store.session import Session

Entered = Callable[[], AbstractContextManager[Session]]
_JSON = "application/json"


class Copy(msgspec.Struct, frozen=True):
    """What the other side said of a list that is known; of a document nothing is kept."""

    etag: str = ""
    modified: str = ""
    digest: bytes = b""


class Asking(msgspec.Struct, frozen=True):
    """How requests of a source are made; needs no database any more."""

    limits: Limits
    headers: dict[str, str]
    origin: tuple[str, str]
    entered: Entered

    def get(self, url: str, known: Copy | None = None, most: int = 0) -> Fetched:
        """Whatever its status; of at most so many bytes. Raises NotReached."""
        sent = {"Accept": f"{_JSON}, text/plain, */*;q=0.5"}
        if _origin(url) == self.origin:
            sent |= self.headers
        if known is not None and known.etag:
            sent["If-None-Match"] = known.etag
        if known is not None and known.modified:
            sent["If-Modified-Since"] = known.modified
        limits = self.limits
        if most:
            limits = msgspec.structs.replace(limits, body_bytes=min(limits.body_bytes, most))
        return outgoing.fetch("GET", url, headers=sent, limits=limits, route=self._route(url))

    def _route(self, url: str) -> Route:
        with self.entered() as session:
            return routes.of_node(session, url)

    def found(self, url: str, most: int = 0) -> bytes | None:
        """What is there; None where nothing is, it is longer, or nobody answers."""
        try:
            answer = self.get(url, most=most)
        except NotReached:
            return None
        return answer.body if answer.status == 200 else None


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def why(url: str, error: BrugError) -> str:
    """What went wrong at an address, for whoever names the address before it."""
    return str(error).removeprefix(url[:200]).lstrip(": ")[:1000]


def asking(session: Session, source: Source, entered: Entered) -> Asking:
    """How to ask a source."""
    limits = Limits(
        float(settings.get(session, "feeds.seconds")),
        int(settings.get(session, "feeds.document_bytes")),
        settings.get(session, "outgoing.private_networks"),
    )
    url = source.url if "://" in source.url else f"https://{source.url}/"
    return Asking(limits, records.headers_of(session, source), _origin(url), entered)


def copy_of(answer: Fetched) -> Copy:
    return Copy(
        answer.headers.get("etag", "")[:500],
        answer.headers.get("last-modified", "")[:100],
        hashlib.sha256(answer.body).digest(),
    )


def known_copy(session: Session, source_id: int, url: str) -> Copy | None:
    row = session.one(
        "SELECT etag, modified, digest FROM catalogue_copy"
        " WHERE source_id = %s AND url = %s AND said = ''",
        (source_id, url),
    )
    return Copy(row[0], row[1], bytes(row[2])) if row else None


def keep_copy(session: Session, source_id: int, url: str, said: str, copy: Copy) -> None:
    session.execute(
        "INSERT INTO catalogue_copy (source_id, url, said, etag, modified, digest)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (source_id, url) DO UPDATE SET"
        " said = excluded.said, etag = excluded.etag, modified = excluded.modified,"
        " digest = excluded.digest",
        (source_id, url, said, copy.etag, copy.modified, copy.digest),
    )


def note_gone(session: Session, source_id: int, place: str, listed: list[str]) -> None:
    """What this list named and does not any more, and what it names again."""
    session.execute(
        "UPDATE catalogue_copy SET list = %s WHERE source_id = %s AND url = ANY (%s)",
        (place, source_id, listed),
    )
    session.execute(
        "UPDATE catalogue_advisory a SET gone = CASE WHEN a.url = ANY (%(listed)s) THEN NULL"
        " ELSE coalesce(a.gone, now()) END FROM catalogue_copy c WHERE a.source_id = %(source)s"
        " AND c.source_id = a.source_id AND c.url = a.url AND c.list = %(list)s"
        " AND (a.gone IS NULL) <> (a.url = ANY (%(listed)s))",
        {"listed": listed, "source": source_id, "list": place},
    )
