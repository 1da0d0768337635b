# SPDX-License-Identifier: EUPL-1.2
"""Documents that did not fit: kept as they came, with the reason, until they do."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
import zstandard

from brug.model.errors import NotFound
from brug.store.session import Session

MOST = 10_000
LARGEST = 15 * 2**20


class Kept(msgspec.Struct, frozen=True):
    """A refusal; `source` is a name, or "" for a file that somebody imported."""

    id: int
    source_id: int | None
    source: str
    place: str
    reason: str
    size: int
    first_seen: datetime
    last_seen: datetime


def keep(
    session: Session, several: Sequence[tuple[str, str, bytes]], source_id: int | None,
    org_id: int, distribution: int, sharing_group_id: int | None,
) -> None:  # fmt: skip
    """Notes place, reason and bytes; the oldest make room where there are too many."""
    if not several:
        return
    packer = zstandard.ZstdCompressor()
    for place, reason, raw in several:
        kept = raw if len(raw) <= LARGEST else b""
        session.execute(
            "INSERT INTO catalogue_refusal (source_id, place, reason, digest, raw, org_id,"
            " distribution, sharing_group_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (source_id, place) DO UPDATE SET reason = excluded.reason,"
            " digest = excluded.digest, raw = excluded.raw, last_seen = now()",
            (
                source_id, place[:2000], reason[:4000], hashlib.sha256(raw).digest(),
                packer.compress(kept), org_id, distribution, sharing_group_id,
            ),
        )  # fmt: skip
    session.execute(
        "DELETE FROM catalogue_refusal WHERE source_id IS NOT DISTINCT FROM %(source)s AND id IN"
        " (SELECT id FROM catalogue_refusal WHERE source_id IS NOT DISTINCT FROM %(source)s"
        "  ORDER BY last_seen DESC, id DESC OFFSET %(most)s)",
        {"source": source_id, "most": MOST},
    )


def settle(session: Session, source_id: int | None, places: Sequence[str]) -> None:
    """What came from there fits now."""
    session.execute(
        "DELETE FROM catalogue_refusal WHERE source_id IS NOT DISTINCT FROM %s"
        " AND place = ANY (%s)",
        (source_id, list(places)),
    )


def listed(session: Session, source_id: int | None = None, limit: int = 200) -> list[Kept]:
    """The latest first: of a source, or of all and of files."""
    rows = session.all(
        "SELECT r.id, r.source_id, coalesce(s.name, ''), r.place, r.reason, length(r.raw),"
        " r.first_seen, r.last_seen FROM catalogue_refusal r"
        " LEFT JOIN catalogue_source s ON s.id = r.source_id"
        " WHERE %(source)s::int IS NULL OR r.source_id = %(source)s"
        " ORDER BY r.last_seen DESC, r.id DESC LIMIT %(limit)s",
        {"source": source_id, "limit": limit},
    )
    return [Kept(*row) for row in rows]


def counts(session: Session) -> dict[int | None, int]:
    return dict(
        session.all("SELECT source_id, count(*)::int FROM catalogue_refusal GROUP BY source_id")
    )


def content(session: Session, number: int) -> bytes:
    """The bytes as they came; none where they were too many. Raises NotFound."""
    raw = session.value("SELECT raw FROM catalogue_refusal WHERE id = %s", (number,))
    if raw is None:
        raise NotFound(f"no refusal {number}")
    return zstandard.ZstdDecompressor().decompress(bytes(raw), max_output_size=LARGEST)


def forget(session: Session, number: int) -> None:
    session.execute("DELETE FROM catalogue_refusal WHERE id = %s", (number,))


def of_files(session: Session) -> Iterator[tuple[Kept, bytes, tuple[int, int, int | None]]]:
    """Those that no source brought, with their bytes, and for whom they were; one after another.

    Thousands of them may be kept, and each may be large.
    """
    rows = session.all(
        "SELECT r.id, r.source_id, '', r.place, r.reason, length(r.raw), r.first_seen,"
        " r.last_seen, r.org_id, r.distribution, r.sharing_group_id"
        " FROM catalogue_refusal r WHERE r.source_id IS NULL ORDER BY r.id"
    )
    for row in rows:
        yield Kept(*row[:8]), content(session, row[0]), row[8:]
