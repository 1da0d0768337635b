# SPDX-License-Identifier: EUPL-1.2
"""A form filled from a case: pure, and computed whenever somebody looks.

Correcting a field or a fact corrects every form that is not sent yet. What was sent stays as it
was; sent again it is a further version.
"""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import due, notified
from brug.cases.case import Case, Document, Participant
from brug.cases.clocks import Clock
from brug.cases.countries import By
from brug.cases.due import Bound, Rules
from brug.cases.reports import register
from brug.cases.reports.authorities import Authority, Chosen
from brug.cases.reports.declaring import Answer, Item, Report
from brug.cases.reports.forms import REPORTS
from brug.cases.reports.register import Choosing
from brug.formats import personal_identifiers
from brug.model.errors import Invalid, NotFound
from brug.model.tlp import LABELS, is_above
from brug.store.session import Session

_LABEL = re.compile(r"TLP:\s?(CLEAR|WHITE|GREEN|AMBER\+STRICT|AMBER|RED)\b", re.IGNORECASE)
_CLOSED = frozenset({"amber+strict", "red"})
_IDLE = frozenset({"not_started", "not_applicable"})
_OWES = {"incident": "entity", "disclosure": "vendor"}
# These are to name people, or whom to reach.
_NAMES_PEOPLE = frozenset({"name", "contact", "dpo_contact"})


class Given(msgspec.Struct, frozen=True):
    """What does not stand in the case: the time, the node's tables, its authorities."""

    now: datetime
    rules: Rules
    authorities: Choosing = Choosing()


class Line(msgspec.Struct, frozen=True):
    """One item with its value, in plain form; `lacks` says what is wrong with it, or nothing."""

    item: Item
    value: Any
    lacks: str = ""  # "missing", "unknown"


class Warned(msgspec.Struct, frozen=True):
    """Something to look at before it is sent. `about` are labels, or names of items."""

    code: str  # marked, text_marked, personal, not_owed, content_not_verified, row_not_verified
    about: tuple[str, ...] = ()


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """`version` is the one that would be sent now; `sent` are those that were, oldest first.
    `is_recorded`: the case has the fact that a sending records.
    """

    report: Report
    participant: Participant
    number: str
    version: int
    lines: list[Line]
    answers: dict[str, Answer]
    clock: Clock | None
    warnings: list[Warned]
    chosen: Chosen | None
    country: str  # whose authority it goes to, and whose time and holidays count
    country_by: By
    sent: list[Document]
    is_recorded: bool

    @property
    def would_record(self) -> bool:
        """Whether a sending now is the fact: the first, each, or one after that was taken back."""
        return self.report.again or not self.sent or not self.is_recorded

    @property
    def authority(self) -> Authority | None:
        return self.chosen.authority if self.chosen else None

    @property
    def missing(self) -> list[Line]:
        return [one for one in self.lines if one.lacks]

    @property
    def is_owed(self) -> Answer:
        """No where one answer says so, yes where all do."""
        said = set(self.answers.values())
        return "no" if "no" in said else "unknown" if "unknown" in said else "yes"


def given_here(session: Session) -> Given:
    """That of the node, now. Raises UnusableTable, UnusableAuthorities."""
    return Given(
        datetime.now(UTC),
        due.rules_here(session),
        register.choosing(session),
    )


def of_case(case: Case) -> dict[str, Report]:
    """The reports that there are in cases of its kind."""
    return {key: one for key, one in REPORTS.items() if one.kind == case.kind.key}


def find(key: str, case: Case) -> Report:
    """Raises NotFound."""
    known = of_case(case)
    if key not in known:
        there = ", ".join(known) or "none in a case of this kind"
        raise NotFound(f"no report {key[:60]!r}; there are {there}")
    return known[key]


def owing(case: Case) -> list[Participant]:
    """Those who report: entities that were struck, makers of what is exploited.

    Nobody in kinds that have no reports.
    """
    role = _OWES.get(case.kind.key)
    return [one for one in case.present if one.role == role]


def entity(case: Case, wanted: str = "") -> Participant:
    """The one with that UUID or name, or the only one. Raises Invalid."""
    several = owing(case)
    found = [one for one in several if not wanted or wanted in {one.id, one.name}]
    if len(found) != 1:
        known = ", ".join(one.name for one in several)
        expected = f"one of {known}" if known else "a case in which somebody takes part who reports"
        raise Invalid("of", expected, wanted)
    return found[0]


def filled(case: Case, one: Participant, report: Report, given: Given) -> Filled:
    """The form of one entity, as the case is now."""
    return _filled(case, one, report, given, due.clocks_of(case, given.rules, given.now))


def every(case: Case, given: Given) -> list[Filled]:
    """All forms of all who report, one after the other."""
    bound, known = due.clocks_of(case, given.rules, given.now), of_case(case)
    return [
        _filled(case, one, report, given, bound) for one in owing(case) for report in known.values()
    ]


def _filled(
    case: Case, one: Participant, report: Report, given: Given, bound: list[Bound]
) -> Filled:
    lines = lines_of(case, one, report)
    clock = _clock(report, one, bound)
    answers = {asked.key: asked.answers(case, one) for asked in report.questions}
    sent = sent_of(case, one, report)
    country, country_by = given.rules.countries.found(case, one)
    form = Filled(
        report=report,
        participant=one,
        number=case.number,
        version=len(all_sent(case, one, report)) + 1,
        lines=lines,
        answers=answers,
        clock=clock,
        warnings=[],
        chosen=given.authorities.of(report.key, str(case.fields.get("sector") or ""), country),
        country=country,
        country_by=country_by,
        sent=sent,
        is_recorded=case.fact(report.records, one.id) is not None,
    )
    return msgspec.structs.replace(form, warnings=_warnings(case, form, given))


def lines_of(case: Case, one: Participant, report: Report) -> list[Line]:
    return [_line(case, one, item, report) for item in report.items]


def _clock(report: Report, one: Participant, bound: list[Bound]) -> Clock | None:
    """Of the first row that counts for the entity, else of one that waits, else of any."""
    mine = {b.clock.row.id: b.clock for b in bound if b.participant.id == one.id}
    found = [mine[row] for row in report.rows if row in mine]
    for skipped in (_IDLE, {"not_applicable"}, set[str]()):
        for clock in found:
            if clock.status not in skipped:
                return clock
    return None


def _line(case: Case, one: Participant, item: Item, report: Report) -> Line:
    value = value_of(case, one, item)
    if item.whence == "sent" and value:
        value = [key for key in value if key != report.key] or None
    if item.is_required and value is None:
        return Line(item, None, "missing")
    return Line(item, value, "unknown" if item.settles and value == "unknown" else "")


def value_of(case: Case, one: Participant, item: Item) -> Any:
    """In plain form; None for nothing."""
    match item.whence:
        case "field":
            value = case.fields.get(item.name)
            return None if value in ("", [], ()) else value
        case "fact":
            act = case.fact(item.name, one.id)
            return {"at": act.at, "zone": act.zone} if act and act.at else None
        case "participant":
            return one.name
        case "case":
            return case.number
        case "links":
            links = [link for link in case.links.values() if link.kind == item.name]
            found = [link.uuid for link in links if not link.is_undone]
            return sorted(found) or None
        case "sent":
            return _elsewhere(case, one) or None


def _elsewhere(case: Case, one: Participant) -> list[str]:
    """Keys of the reports whose sending is recorded."""
    return [key for key, other in of_case(case).items() if case.fact(other.records, one.id)]


# -- what was sent ------------------------------------------------------------------------


def file_name(report: Report, one: Participant, version: int) -> str:
    """Of the document that keeps a version; by it, and by who attached it, it is found again."""
    return f"{report.key}_{one.id[:8]}_v{version}.json"


def all_sent(case: Case, one: Participant, report: Report) -> list[Document]:
    """Also those that were taken back: a number is given once."""
    return list(notified.every_report(case, one, re.escape(report.key)))


def sent_of(case: Case, one: Participant, report: Report) -> list[Document]:
    return [doc for doc in all_sent(case, one, report) if not doc.act.is_undone]


# -- what to look at ----------------------------------------------------------------------


def _warnings(case: Case, form: Filled, given: Given) -> list[Warned]:
    found = []
    if case.marking.tlp in _CLOSED:
        found.append(Warned("marked", (case.marking.tlp,)))
    found += [
        Warned("text_marked", (line.item.name, *labels))
        for line in form.lines
        if (labels := _labels_above(line.value, case.marking.tlp))
    ]
    found += [
        Warned("personal", (line.item.name, *people))
        for line in form.lines
        if line.item.name not in _NAMES_PEOPLE and (people := _people_in(line.value))
    ]
    if form.is_owed == "no":
        found.append(Warned("not_owed"))
    if not form.report.says_content:
        found.append(Warned("content_not_verified"))
    rows = [
        given.rules.table.rows[row] for row in form.report.rows if row in given.rules.table.rows
    ]
    if not all(row.is_verified for row in rows):
        found.append(Warned("row_not_verified"))
    return found


def _texts(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _people_in(value: Any) -> list[str]:
    """Which identifiers of people stand in it; their names no program finds."""
    return sorted({kind for text in _texts(value) for kind in personal_identifiers.found_in(text)})


def _labels_above(value: Any, marking: str) -> list[str]:
    """Labels that a text itself carries and the case does not have."""
    said = {
        found.lower().replace("white", "clear")
        for text in _texts(value)
        for found in _LABEL.findall(text)
    }
    ceiling = marking or LABELS[0]
    return sorted((one for one in said if is_above(one, ceiling)), key=LABELS.index)
