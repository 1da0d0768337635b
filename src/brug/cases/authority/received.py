# SPDX-License-Identifier: EUPL-1.2
"""What an authority was notified of: since when, what is due to the entity, what is missing.

The queue is read from what is kept of each case (`brug.cases.views`), a case from its entries.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import LiteralString

import msgspec

from brug.cases import due, files, notified
from brug.cases.authority import notices, parts
from brug.cases.authority.notices import ROW, Notice, Received
from brug.cases.due import Rules
from brug.cases.files import File
from brug.cases.views import reading, storing
from brug.store.session import Session

__all__ = ["MOST", "ROW", "Queued", "Received", "listed", "of_file"]
MOST = 200
_UNION: LiteralString = " UNION ALL "
_ORDER: LiteralString = " ORDER BY is_due DESC, ends, since, case_id, entity LIMIT %(most)s"
_OVER: tuple[LiteralString, ...] = ("false", "true")
_decoder = msgspec.json.Decoder(Notice)


class Queued(msgspec.Struct, frozen=True):
    """A notification with its case."""

    number: str
    uuid: str
    title: str
    is_over: bool
    notice: Notice


def listed(session: Session, *, over: bool | None = False, most: int = MOST) -> list[Queued]:
    """The first of the principal's, what is due first. Raises UnusableTable."""
    rules, now = due.rules_here(session), datetime.now(UTC)
    folded = reading.to_fold(session, now)
    found = [
        *_kept(session, over, folded, most),
        *(
            Queued(file.number, file.uuid, file.title, file.is_over, notices.notice_of(one))
            for file in incidents(session, folded)
            if over is None or file.is_over is over
            for one in of_file(session, file, rules, now)
        ),
    ]
    latest = datetime.max.replace(tzinfo=UTC)
    found.sort(key=lambda one: (not one.notice.is_due, one.notice.ends or latest, one.notice.since))
    return found[:most]


def _kept(
    session: Session, over: bool | None, without: Sequence[int], most: int
) -> Iterator[Queued]:
    """From each list what comes first in it, and of these what comes first."""
    several = _UNION.join(
        "(SELECT case_id, reader, sealed, is_due, ends, since, entity FROM case_notified"
        " WHERE reader = " + reader + " AND is_over = " + is_over
        + " AND case_id <> ALL (%(without)s)" + _ORDER + ")"
        for reader in reading.READERS
        for is_over in _OVER
        if over is None or is_over == _OVER[over]
    )  # fmt: skip
    rows = session.all(
        "WITH several AS (" + several + "), first AS MATERIALIZED (SELECT * FROM several" + _ORDER
        + ") SELECT f.number, f.uuid::text, f.shown, f.is_over, n.reader, n.sealed"
        " FROM first n JOIN case_file f ON f.id = n.case_id",
        reading.readers(session) | {"without": list(without), "most": most},
    )  # fmt: skip
    for number, uuid, shown, is_over, reader, sealed in rows:
        opened = session.seal.open_bytes(sealed, f"{storing.NOTICE}{uuid} {reader}")
        title = files.title_of(session, uuid, shown)
        yield Queued(number, uuid, title, is_over, _decoder.decode(opened))


def incidents(session: Session, several: Sequence[int]) -> list[File]:
    """Those of some cases in which something can have been notified."""
    found = files.of_ids(session, several) if several else []
    return [one for one in found if one.kind == notified.KIND]


def of_file(session: Session, file: File, by: Rules, now: datetime) -> list[Received]:
    """Of one case, as the session's principal has it."""
    case = files.view(session, file.uuid)[1]
    mine = parts.of_author(session, case)
    if mine is None:
        return []
    return notices.of_case(case, mine, due.clocks_of(case, by, now), by.came)
