# SPDX-License-Identifier: EUPL-1.2
"""What is kept for each reader of the cases that are filled: of the one that was made, copied."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec

from brug.cases.authority.notices import Notice
from brug.cases.authority.summary import Notified
from brug.cases.calendar.endings import Ending
from brug.cases.kinds.incident_fields import SECTORS
from brug.cases.views import storing
from brug.store.sealing import Seal
from brug.store.session import Session

Row = tuple[Any, ...]
COLUMNS = {
    "case_view": "case_id, reader, turns, mark, sealed",
    "case_moment": "case_id, reader, at",
    "case_notified": "case_id, reader, entity, is_over, is_due, ends, since, sealed, marks, said",
}
OWN_SECTOR = "energy"  # becomes another in each case
_AHEAD = timedelta(days=3650)


class View(msgspec.Struct):
    """Of one reader, by the place of its organisation in the template."""

    place: int
    turns: datetime | None
    endings: list[Ending]
    notices: list[tuple[Notice, bool, datetime]]


def made(session: Session, case_id: int, uuid: str, orgs: Sequence[int]) -> list[View]:
    """By the system, of the template."""
    found = []
    for place, reader in enumerate(orgs):
        where = "case_id = %s AND reader = %s"
        (row,) = session.all(
            "SELECT turns, sealed FROM case_view WHERE " + where, (case_id, reader)
        )
        several = session.all(
            "SELECT sealed, is_due, ends FROM case_notified WHERE " + where
            + " AND isfinite(ends)", (case_id, reader),
        )  # fmt: skip
        of = f"{uuid} {reader}"
        endings = session.seal.open_bytes(row[1], storing.VIEW + of)
        found.append(
            View(
                place, row[0], msgspec.json.decode(endings, type=list[Ending]),
                [(msgspec.json.decode(session.seal.open_bytes(sealed, storing.NOTICE + of),
                                      type=Notice), is_due, ends)
                 for sealed, is_due, ends in several],
            )
        )  # fmt: skip
    if not any(one.notices for one in found):
        raise RuntimeError("nobody was notified of what was filled")
    return found


def sector(number: int) -> str:
    return list(SECTORS)[number % len(SECTORS)]


class Copying:
    """Into the rows of a process; values are sealed once and then again."""

    def __init__(self, seal: Seal, views: list[View], rows: dict[str, list[Row]]) -> None:
        self._seal, self._views, self._rows = seal, views, rows
        self._counted: dict[str, dict[str, Any]] = {}

    def copy(self, case_id: int, uuid: str, readers: Sequence[int], number: int) -> None:
        """`number` is the copy's; one in four is over."""
        seal, is_over = self._seal, number % 4 == 0
        for one in self._views:
            reader = readers[one.place]
            of = f"{uuid} {reader}"
            endings = (
                []
                if is_over
                else [
                    msgspec.structs.replace(each, uid=str(uuid5(UUID(uuid), each.uid)))
                    for each in one.endings
                ]
            )
            sealed = seal.close_bytes(msgspec.json.encode(endings), storing.VIEW + of)
            turns = one.turns + _AHEAD if one.turns else None
            self._rows["case_view"].append((case_id, reader, turns, 0, sealed))
            for at in {each.at for each in endings}:
                self._rows["case_moment"].append((case_id, reader, at))
            for notice, is_due, ends in one.notices:
                counted = self._of(sector(number))
                sealed = seal.close_bytes(msgspec.json.encode(notice), storing.NOTICE + of)
                self._rows["case_notified"].append((
                    case_id, reader, UUID(notice.entity), is_over, is_due, ends, notice.since,
                    sealed, counted["marks"], counted["said"],
                ))  # fmt: skip

    def _of(self, name: str) -> dict[str, Any]:
        if name not in self._counted:
            self._counted[name] = storing.counted(self._seal, Notified(sector=name))
        return self._counted[name]


TALLY = (
    "INSERT INTO case_notified_tally SELECT n.reader, quarter_of(n.since), d, m, (array_agg(s))[1],"
    " count(*) FROM case_notified n, unnest(n.marks, n.said) WITH ORDINALITY AS v (m, s, d)"
    " GROUP BY 1, 2, 3, 4"
)
