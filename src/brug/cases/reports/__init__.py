# SPDX-License-Identifier: EUPL-1.2
"""Reports to authorities, filled from what the case says.

    REPORTS                           what there is, by key
    filled(case, participant, report, given)   the form, with what is missing and its clock
    every(case, given)                all that the case has
    sending.send(session, ...)        records that it was sent, and keeps it as it was

A form is computed whenever somebody looks; what was sent is kept as a document of the case.
"""

from brug.cases.reports.declaring import Answer, Item, Question, Report
from brug.cases.reports.filling import (
    Filled,
    Given,
    Line,
    every,
    filled,
    find,
    given_here,
    of_case,
    owing,
)
from brug.cases.reports.forms import REPORTS

__all__ = [
    "REPORTS",
    "Answer",
    "Filled",
    "Given",
    "Item",
    "Line",
    "Question",
    "Report",
    "every",
    "filled",
    "find",
    "given_here",
    "of_case",
    "owing",
]
