# SPDX-License-Identifier: EUPL-1.2
"""The list of a server's events, which it need not send again while it is the same.

It is kept as it came, packed, with the question and the ETag; a stock MISP answers 304 to
that ETag. What in it is no entry is noted and passed over.
"""

import gzip
from collections.abc import Sequence
from typing import Any

import msgspec

from brug.bridges.misp.asking import Failed, Link, Told
from brug.bridges.misp.report import Report
from brug.bridges.misp.rules import Rules, index_question
from brug.edge.decoding import unzip
from brug.formats.json_text import decode, encode
from brug.formats.misp import coercion as c
from brug.model.errors import Invalid
from brug.store.session import Database, Session

LATEST = 2**31 - 1  # no clock of a partner is beyond what MISP can store
_MOST_KEPT = 64 * 2**20


class Listed(msgspec.Struct, frozen=True):
    """An event as the list has it; `number` is the other side's id."""

    uuid: str
    timestamp: int
    sighting_timestamp: int
    orgc_uuid: str
    number: int


def ask(database: Database, link: Link, report: Report, wanted: Rules) -> list[Listed]:
    """The events that the rules let in. Raises Failed, NotReached."""
    question = index_question(wanted)
    text = encode(question).decode()
    with database.system() as session:
        etag, kept = _kept(session, link.server.id, text)
    told = link.post("/events/index", question, If_None_Match=etag)
    if told.status == 304 and kept is not None:
        return _read(decode(unzip(kept, 2**31)), report)
    if not told.is_fine or not isinstance(told.value, list):
        raise Failed(f"events/index: {told.said}", told.status)
    _keep(database, link.server.id, text, told)
    return _read(told.value, report)


def _kept(session: Session, server_id: int, question: str) -> tuple[str, bytes | None]:
    row = session.one(
        "SELECT index_etag, index_body FROM server_work"
        " WHERE server_id = %s AND index_question = %s AND index_body IS NOT NULL",
        (server_id, question),
    )
    return ('""', None) if row is None else (row[0], bytes(row[1]))


def _keep(database: Database, server_id: int, question: str, told: Told) -> None:
    etag = str(told.headers.get("etag", ""))
    if not etag or not etag.isascii() or len(etag) > 200:
        return
    packed = gzip.compress(told.raw, 3)
    if len(packed) > _MOST_KEPT:
        return
    with database.system() as session:
        session.execute(
            "UPDATE server_work SET index_question = %s, index_etag = %s, index_body = %s"
            " WHERE server_id = %s",
            (question, etag, packed, server_id),
        )


def _read(rows: Any, report: Report) -> list[Listed]:
    found: dict[str, Listed] = {}
    for row in rows:
        one = _entry(row)
        if one is None:
            report.lose("entries of the list of events", "no UUID, or no time that fits")
        else:
            found.setdefault(one.uuid, one)
    return list(found.values())


def _entry(row: Any) -> Listed | None:
    if not isinstance(row, dict):
        return None
    try:
        uuid = c.uuid("uuid", row.get("uuid"))
        timestamp = c.integer("timestamp", row.get("timestamp"), 0, LATEST)
        sighted = c.integer("sighting_timestamp", row.get("sighting_timestamp"), 0, LATEST)
        orgc = c.uuid("orgc_uuid", row.get("orgc_uuid"))
        number = c.integer("id", row.get("id"), 0, 2**62)
    except Invalid:
        return None
    if uuid is None or timestamp is None:
        return None
    return Listed(uuid, timestamp, sighted or 0, orgc or "", number or 0)


def blocked(session: Session, several: Sequence[Listed]) -> set[str]:
    """Which of them the lists of this node keep out."""
    rows = session.all(
        "SELECT w.uuid::text FROM unnest(%s::uuid[], %s::uuid[]) AS w (uuid, orgc)"
        " WHERE is_blocked('event', w.uuid, w.orgc) OR is_blocked('organisation', w.orgc, NULL)",
        ([one.uuid for one in several], [one.orgc_uuid or None for one in several]),
    )
    return {row[0] for row in rows}
