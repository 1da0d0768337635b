# SPDX-License-Identifier: EUPL-1.2
"""Clocks: which recorded fact starts them, how long, who is warned when, what ends them.

    table(home.config)                    the deadlines, with the node's own corrections
    facts_of([(name, at, zone), ...])     what a case recorded, in its order
    calendar_of("NL")                     the authority's zone and working days
    of(facts, roles, now, calendar=..., table=...)   the clocks of one participant
    between(clocks, since, until)         the warnings of that time, each with its key

Pure but for `own_table`, which reads the files. The rules are in docs/spec/clocks.md.
"""

from brug.cases.clocks.calendars import Calendar, weekends_only
from brug.cases.clocks.computing import Clock, ClockNotStarted, Given, Settled, clock, of
from brug.cases.clocks.facts import Facts, Moment, facts_of, moment
from brug.cases.clocks.own_table import UnusableTable, table
from brug.cases.clocks.public_holidays import calendar_of
from brug.cases.clocks.rows import Row
from brug.cases.clocks.tables import Table, UnknownDeadline
from brug.cases.clocks.warning import DueWarning, between, owed

__all__ = [
    "Calendar",
    "Clock",
    "ClockNotStarted",
    "DueWarning",
    "Facts",
    "Given",
    "Moment",
    "Row",
    "Settled",
    "Table",
    "UnknownDeadline",
    "UnusableTable",
    "between",
    "calendar_of",
    "clock",
    "facts_of",
    "moment",
    "of",
    "owed",
    "table",
    "weekends_only",
]
