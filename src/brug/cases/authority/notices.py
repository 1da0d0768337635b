# SPDX-License-Identifier: EUPL-1.2
"""What was notified in one case, as one reader has it, by whom and since when. Pure.

A row for each entity that sent a report, also where it takes part no more. First feedback is due
by the clock of the case (`notified`), also where nobody has confirmed the receipt.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from brug.cases import notified, severity
from brug.cases.authority.summary import Notified
from brug.cases.case import Case, Document, Participant
from brug.cases.clocks import Clock
from brug.cases.due import Bound
from brug.cases.reports import filling
from brug.cases.reports.declaring import Report
from brug.cases.severity import Scheme

ROW = "nis2-csirt-response"
_LATE = frozenset({"met_late", "missed"})
_OPEN = frozenset({"running", "due_soon", "missed"})


class Sent(msgspec.Struct, frozen=True):
    """A report that came, its versions, and what its form lacks as the case is now."""

    report: Report
    documents: list[Document]
    missing: list[str]


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """`late` are the entity's rows of the table of deadlines that it met late, or missed.

    `feedback` is the clock of the answer, from `since`; none where the node's table has no row.
    """

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
    def is_due(self) -> bool:
        return self.feedback is not None and self.feedback.is_open

    @property
    def missing(self) -> list[str]:
        """Of the report that came last."""
        return self.reports[-1].missing if self.reports else []


class Version(msgspec.Struct, frozen=True):
    """Of a report that came: its document."""

    document: str
    sha256: str
    at: str


class Reported(msgspec.Struct, frozen=True):
    """A report by its key, its versions, and what its form lacks."""

    report: str
    versions: list[Version]
    missing: list[str]


class Feedback(msgspec.Struct, frozen=True):
    """The clock of the answer."""

    status: str
    strict: datetime | None
    legal: datetime | None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue shows of a notification."""

    entity: str
    name: str
    is_gone: bool
    since: datetime
    is_acknowledged: bool
    feedback: Feedback | None
    reports: list[Reported]
    late: list[str]

    @property
    def is_due(self) -> bool:
        return self.feedback is not None and self.feedback.status in _OPEN

    @property
    def ends(self) -> datetime | None:
        """When first feedback is, or was, due."""
        return self.feedback.strict if self.feedback else None

    @property
    def missing(self) -> list[str]:
        """Of the report that came last."""
        return self.reports[-1].missing if self.reports else []


def of_case(
    case: Case, mine: Participant, bound: Sequence[Bound], came: notified.Came
) -> list[Received]:
    """`bound` are the clocks of the case; `came` says when entries came to this node."""
    answer = next(
        (each for each in bound
         if each.participant.id == mine.id and each.clock.row.id == ROW), None,
    )  # fmt: skip
    mine_rows = {row for report in filling.of_case(case).values() for row in report.rows}
    found = []
    for one in notified.entities(case):
        since = notified.since(case, mine, one, came)
        if since is None:
            continue
        found.append(
            Received(
                case=case, mine=mine, entity=one, since=since,
                is_acknowledged=notified.said(case, notified.RECEIVED, mine, one) is not None,
                feedback=answer.each.get(one.id, answer.clock) if answer else None,
                reports=_sent(case, one),
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


def notice_of(one: Received) -> Notice:
    clock = one.feedback
    return Notice(
        entity=one.entity.id, name=one.entity.name, is_gone=one.is_gone, since=one.since,
        is_acknowledged=one.is_acknowledged,
        feedback=Feedback(clock.status, clock.strict, clock.legal) if clock else None,
        reports=[
            Reported(
                each.report.key,
                [Version(doc.act.document, doc.act.sha256, doc.at) for doc in each.documents],
                each.missing,
            )
            for each in one.reports
        ],
        late=one.late,
    )  # fmt: skip


def notified_of(case: Case, scheme: Scheme, day: date) -> Notified:
    """What of it counts in summaries."""
    said = case.fields
    return Notified(
        notified_as=str(said.get("notified_as") or ""),
        sector=str(said.get("sector") or ""),
        entity_class=str(said.get("entity_class") or ""),
        class_=_class(str(said.get("classification") or "")),
        severity=severity.level_of(case, scheme, day)[0],
        cause=str(said.get("suspected_malicious") or ""),
        cross_border=str(said.get("cross_border") or ""),
    )


def _class(tag: str) -> str:
    """The class of a tag of the taxonomy, without its type."""
    return tag.removeprefix("rsit:").partition("=")[0]
