# SPDX-License-Identifier: EUPL-1.2
"""The deadlines of a case as its page shows them: what starts each, when it ends, by which rule.

Computed whenever somebody looks (`brug.cases.due`).
"""

from datetime import UTC, datetime

import msgspec

from brug.cases import due
from brug.cases.clocks import Clock, UnusableTable, titles
from brug.cases.due import Bound
from brug.web.cases.view import View
from brug.web.languages import N_

STATUSES: dict[str, tuple[str, str | None]] = {
    "not_started": (N_("Not started"), None),
    "running": (N_("Running"), None),
    "due_soon": (N_("Due soon"), "warn"),
    "met": (N_("Met"), "good"),
    "met_late": (N_("Met late"), "bad"),
    "missed": (N_("Missed"), "bad"),
    "waived": (N_("Waived"), None),
    "not_applicable": (N_("Does not apply"), None),
}


class Deadline(msgspec.Struct, frozen=True):
    """One clock, with the words for it."""

    clock: Clock
    title: str
    lang: str  # of the title, where it is not that of the page
    whose: str
    of: str
    source: str
    source_lang: str
    soft: str  # how the rule says when, where it sets no period
    soft_lang: str
    started_by: str
    awaits: str  # the title of what would start it
    fact: str
    status: tuple[str, str | None]
    ends_with: str  # the title of what meets it
    meets: str  # the fact
    remarks: list[str]


class Deadlines(msgspec.Struct, frozen=True):
    """Those that run or ended, those that wait for a time, and whether they can be computed."""

    shown: list[Deadline] = []
    waiting: list[Deadline] = []
    is_broken: bool = False


def of(view: View) -> Deadlines:
    try:
        rules = due.knowing(due.rules_here(view.visit.session), view.came)
        bound = due.clocks_of(view.case, rules, datetime.now(UTC))
    except UnusableTable:
        return Deadlines(is_broken=bool(view.case.kind.clocks))
    found = [_deadline(view, one) for one in bound if one.clock.status != "not_applicable"]
    return Deadlines(
        [one for one in found if one.clock.status != "not_started"],
        [one for one in found if one.clock.status == "not_started"],
    )


def _deadline(view: View, one: Bound) -> Deadline:
    clock, row = one.clock, one.clock.row
    return Deadline(
        clock,
        title := titles.title_of(row, view.visit.language),
        "en" if title == row.title else view.visit.language,
        one.participant.name,
        one.participant.id,
        titles.source_of(row, view.visit.language),
        titles.source_lang(row, view.visit.language),
        titles.soft_of(row, view.visit.language),
        titles.soft_lang(row, view.visit.language),
        view.title(clock.started_by) if clock.started_by else "",
        view.title(row.trigger),
        row.trigger,
        STATUSES[clock.status],
        view.title(row.met_by) if row.met_by else "",
        row.met_by,
        [remark.said(view.visit.gettext, view.title) for remark in clock.remarks],
    )
