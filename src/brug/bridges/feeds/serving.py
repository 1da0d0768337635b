# SPDX-License-Identifier: EUPL-1.2
"""The documents of a published feed, out of what was kept of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges.feeds import forms
from brug.bridges.feeds.published import Published
from brug.formats.json_text import encode
from brug.formats.misp_feed import HASHES, MANIFEST, write_hashes
from brug.model.naming import is_uuid
from brug.store.session import Session

# Which document is the feed, and what it is.
FILES = {"csv": "values.csv", "values": "values.txt", "rpz": "zone.rpz"}
_TYPES = {"json": "application/json; charset=UTF-8", "csv": "text/csv; charset=UTF-8"}
_TEXT = "text/plain; charset=UTF-8"
_AT_ONCE = 500


class Document(msgspec.Struct, frozen=True):
    """One document: what it is told by, when it changed, and its content."""

    name: str
    etag: str
    changed: datetime | None
    pieces: Iterator[bytes]

    @property
    def media_type(self) -> str:
        return _TYPES.get(self.name.rpartition(".")[2], _TEXT)


def names(session: Session, feed: Published) -> list[str]:
    """All documents of the feed, the manifest last."""
    if feed.format != "misp":
        return [FILES[feed.format]]
    rows = session.all(
        "SELECT event_uuid::text FROM published_part WHERE feed_id = %s AND passes ORDER BY 1",
        (feed.id,),
    )
    return [*(f"{row[0]}.json" for row in rows), HASHES, MANIFEST]


def document(session: Session, feed: Published, name: str) -> Document | None:
    """A document by its name; None where the feed has none of it."""
    if feed.format == "misp":
        if name == MANIFEST:
            return Document(name, f"m{feed.version[:32]}", feed.changed, _manifest(session, feed))
        if name == HASHES:
            return Document(name, f"h{feed.version[:32]}", feed.changed, _hashes(session, feed))
        return _event(session, feed, name)
    if name != FILES[feed.format]:
        return None
    return Document(name, f"l{feed.version[:32]}", feed.changed, _list(session, feed))


def _event(session: Session, feed: Published, name: str) -> Document | None:
    uuid = name.removesuffix(".json")
    if not name.endswith(".json") or not is_uuid(uuid):
        return None
    row = session.one(
        "SELECT body, digest FROM published_part WHERE feed_id = %s AND event_uuid = %s AND passes",
        (feed.id, uuid),
    )
    if row is None:
        return None
    return Document(name, f"e{row[1][:32]}", feed.changed, iter((bytes(row[0]),)))


def _manifest(session: Session, feed: Published) -> Iterator[bytes]:
    begun = False
    for uuid, head in _parts(session, feed, "head"):
        yield (b"," if begun else b"{") + b'"' + uuid.encode() + b'":' + encode(head)
        begun = True
    yield b"}" if begun else b"{}"


def _hashes(session: Session, feed: Published) -> Iterator[bytes]:
    rows = ((bytes(hashes), uuid) for uuid, hashes in _parts(session, feed, "hashes"))
    yield from write_hashes(rows)


def _list(session: Session, feed: Published) -> Iterator[bytes]:
    bodies = (bytes(body) for _, body in _parts(session, feed, "body"))
    if feed.format == "rpz":
        changed = feed.changed or datetime.now(UTC)
        yield from forms.zone_of(list(bodies), int(changed.timestamp()))
        return
    if feed.format == "csv":
        yield forms.csv_head()
        yield from bodies
        return
    known: set[bytes] = set()
    for body in bodies:
        for line in body.splitlines(keepends=True):
            if line not in known:
                known.add(line)
                yield line


_COLUMNS = {
    "head": "SELECT event_uuid::text, head FROM published_part WHERE feed_id = %s AND passes"
    " AND event_uuid > %s ORDER BY event_uuid LIMIT %s",
    "hashes": "SELECT event_uuid::text, hashes FROM published_part WHERE feed_id = %s AND passes"
    " AND event_uuid > %s ORDER BY event_uuid LIMIT %s",
    "body": "SELECT event_uuid::text, body FROM published_part WHERE feed_id = %s AND passes"
    " AND event_uuid > %s ORDER BY event_uuid LIMIT %s",
}  # fmt: skip


def _parts(session: Session, feed: Published, what: str) -> Iterator[tuple[str, Any]]:
    """A column of all parts, some at a time."""
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        rows = session.all(_COLUMNS[what], (feed.id, last, _AT_ONCE))
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1][0]
