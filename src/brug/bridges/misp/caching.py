# SPDX-License-Identifier: EUPL-1.2
"""A server's values as hashes, to see what it has of ours without taking its events in.

MISP's cache format: lines `md5 of the value,UUID of the event`, page by page until one is
empty. A stock 2.5.1 answers 500 to that question, and says of itself that all went well; here
the run says what came. What is kept is replaced as a whole, once all pages are there.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from brug.bridges.misp.asking import Failed, Link
from brug.bridges.misp.report import Report
from brug.model.naming import is_uuid
from brug.store.session import Database, Session

PATH = "/attributes/restSearch.json"
PAGE = 50_000
MOST_PAGES = 400  # 20 million values
_HASH = 32


def cache(database: Database, link: Link, report: Report, going_on: Callable[[], None]) -> None:
    """Raises Failed, NotReached; what was kept before stays then."""
    server_id = link.server.id
    found: set[tuple[bytes, str]] = set()
    for page in range(1, MOST_PAGES + 1):
        going_on()
        question = {"returnFormat": "cache", "includeEventUuid": 1, "page": page, "limit": PAGE}
        told = link.post(PATH, question)
        if not told.is_fine:
            raise Failed(f"restSearch, returnFormat cache: {told.said}", told.status)
        lines = told.raw.split(b"\n")
        before = len(found)
        found.update(_read(lines, report))
        if len(found) == before or not told.raw.strip():
            break
    with database.system() as session:
        _replace(session, server_id, found)
    report.count("values", len(found))


def _read(lines: Sequence[bytes], report: Report) -> Iterator[tuple[bytes, str]]:
    for line in lines:
        text = line.strip().decode("ascii", "replace")
        if not text:
            continue
        digest, _, uuid = text.partition(",")
        try:
            raw = bytes.fromhex(digest) if len(digest) == _HASH else b""
        except ValueError:
            raw = b""
        if raw and is_uuid(uuid):
            yield raw, uuid.lower()
        else:
            report.lose("lines of values", "no hash and UUID", text[:60])


def _replace(session: Session, server_id: int, found: set[tuple[bytes, str]]) -> None:
    session.execute("DELETE FROM server_value WHERE server_id = %s", (server_id,))
    rows = list(found)
    for start in range(0, len(rows), PAGE):
        some = rows[start : start + PAGE]
        session.execute(
            "INSERT INTO server_value (server_id, hash, event_uuid)"
            " SELECT %s, * FROM unnest(%s::bytea[], %s::uuid[])",
            (server_id, [one[0] for one in some], [one[1] for one in some]),
        )
    session.execute("UPDATE server_work SET cached_at = now() WHERE server_id = %s", (server_id,))


class Overlap(msgspec.Struct, frozen=True):
    """How much of one server's values another has, and how many of them we hold."""

    server_id: int
    values: int
    ours: int
    others: dict[int, int]


def overlaps(session: Session) -> list[Overlap]:
    """Of all servers whose values are kept. For site admins."""
    counts = session.all(
        "SELECT server_id, count(DISTINCT hash)::int FROM server_value GROUP BY 1 ORDER BY 1"
    )
    pairs = session.all(
        "SELECT a.server_id, b.server_id, count(DISTINCT a.hash)::int FROM server_value a"
        " JOIN server_value b ON b.hash = a.hash AND b.server_id <> a.server_id GROUP BY 1, 2"
    )
    held = _held(session)
    return [
        Overlap(
            server_id, count, held.get(server_id, 0),
            {other: number for mine, other, number in pairs if mine == server_id},
        )
        for server_id, count in counts
    ]  # fmt: skip


def _held(session: Session) -> dict[int, int]:
    """How many of each server's values an event here has, too."""
    rows = session.all(
        "SELECT v.server_id, count(DISTINCT v.hash)::int FROM ("
        "   SELECT decode(md5(value1), 'hex') AS hash FROM attribute WHERE NOT deleted"
        "   UNION SELECT decode(md5(value2), 'hex') FROM attribute"
        "   WHERE value2 <> '' AND NOT deleted"
        "   UNION SELECT decode(md5(value1 || '|' || value2), 'hex') FROM attribute"
        "   WHERE value2 <> '' AND NOT deleted) AS o"
        " JOIN server_value v ON v.hash = o.hash GROUP BY 1"
    )
    return {int(row[0]): int(row[1]) for row in rows}
