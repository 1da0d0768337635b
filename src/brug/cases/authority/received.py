# SPDX-License-Identifier: EUPL-1.2
"""What an authority was notified of: since when, what is due to the entity, what is missing.

A row for each entity that sent a report, also where it takes part no more. First feedback is due
by the clock of the case (`notified`), also where nobody has confirmed the receipt.
"""

from datetime import UTC, datetime

import msgspec

from brug.cases import due, files, notified
from brug.cases.authority import parts
from brug.cases.case import Case, Document, Participant
from brug.cases.clocks import Clock
from brug.cases.due import Rules
from brug.cases.files import File
from brug.cases.reports import filling
from brug.cases.reports.declaring import Report
from brug.store.session import Session

ROW = "nis2-csirt-response"
MOST = 200
_LATE = frozenset({"met_late", "missed"})


class Sent(msgspec.Struct, frozen=True):
    """A report that came, its versions, and what its form lacks as the case is now."""

    report: Report
    documents: list[Document]
    missing: list[str]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """`late` are the entity's rows of the table of deadlines that it met late, or missed.

    `feedback` is the clock of the answer, from `since`; none where the node's table has no row.
    """

    file: File
    case: Case
    mine: Participant
    entity: Participant
    since: datetime
    is_acknowledged: bool
    feedback: Clock | None
    reports: list[Sent]
    late: list[str]

    @property
    def is_gone(self) -> bool:
        """Whether the entity takes part no more; what it notified was still received."""
        return self.entity.left is not None

    @property
    def missing(self) -> list[str]:
        """Of the report that came last."""
        return self.reports[-1].missing if self.reports else []

    @property
    def is_due(self) -> bool:
        return self.feedback is not None and self.feedback.is_open


def listed(
    session: Session, *, over: bool | None = False, most: int = MOST, now: datetime | None = None,
    since: datetime | None = None,
) -> list[Received]:  # fmt: skip
    """Those of the principal's organisation, what is due first. Raises UnusableTable.

    `since`: in cases in which anything was written since then.
    """
    rules_here = due.rules_here(session)
    at = now or datetime.now(UTC)
    rows = session.all(
        "SELECT " + files.COLUMNS + " FROM case_file f WHERE f.kind = 'incident'"
        " AND (%(over)s::boolean IS NULL OR f.is_over = %(over)s)"
        " AND (%(since)s::timestamptz IS NULL OR " + files.CHANGED + " >= %(since)s)"
        " AND EXISTS (SELECT 1"
        "   FROM case_party p WHERE p.case_id = f.id AND p.user_id IS NULL"
        "   AND p.org_id = %(org)s AND p.role = ANY (%(roles)s))"
        " ORDER BY " + files.CHANGED + " DESC, f.id DESC LIMIT %(most)s",
        {
            "over": over,
            "org": session.principal.org_id,
            "roles": list(parts.ROLES),
            "most": most,
            "since": since,
        },
    )
    found = [
        one
        for row in rows
        for one in of_file(session, files.read_row(session, row), rules_here, at)
    ]
    latest = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: (not one.is_due, _end(one) or latest, one.since))


def _end(one: Received) -> datetime | None:
    return one.feedback.strict if one.feedback else None


def of_file(session: Session, file: File, by: Rules, now: datetime) -> list[Received]:
    """Of one case, as the session's principal has it."""
    case = files.view(session, file.uuid)[1]
    mine = parts.of_author(session, case)
    if mine is None:
        return []
    return of_case(file, case, mine, by, now)


def of_case(file: File, case: Case, mine: Participant, by: Rules, now: datetime) -> list[Received]:
    bound = due.clocks_of(case, by, now)
    since = notified.since(case, mine, by.came) or now
    feedback = next(
        (each.clock for each in bound
         if each.participant.id == mine.id and each.clock.row.id == ROW), None,
    )  # fmt: skip
    found = []
    for one in notified.entities(case):
        sent = _sent(case, one)
        confirmed = case.fact(notified.RECEIVED, mine.id)
        if not sent and confirmed is None:
            continue
        mine_rows = {row for report in filling.of_case(case).values() for row in report.rows}
        found.append(
            Received(
                file=file, case=case, mine=mine, entity=one, since=since,
                is_acknowledged=confirmed is not None,
                feedback=feedback, reports=sent,
                late=[
                    each.clock.row.id for each in bound
                    if each.participant.id == one.id and each.clock.row.id in mine_rows
                    and each.clock.status in _LATE
                ],
            )
        )  # fmt: skip
    return found


def _sent(case: Case, one: Participant) -> list[Sent]:
    """In the order in which the newest version of each came."""
    found = []
    for report in filling.of_case(case).values():
        if several := filling.sent_of(case, one, report):
            lines = filling.lines_of(case, one, report)
            found.append(Sent(report, several, [line.item.name for line in lines if line.lacks]))
    return sorted(found, key=lambda each: each.documents[-1].at)
