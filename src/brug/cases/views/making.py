# SPDX-License-Identifier: EUPL-1.2
"""What the fold of one reader says to calendars, queues and summaries. Pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from brug.cases import due, notified, taking_part
from brug.cases.acts import Acknowledged, Asked, Said
from brug.cases.authority import notices
from brug.cases.authority.notices import Notice
from brug.cases.authority.summary import Notified
from brug.cases.calendar import endings
from brug.cases.calendar.endings import Ending
from brug.cases.case import Case
from brug.cases.due import Bound, Rules
from brug.cases.entries import Entry, Speaker
from brug.cases.folding import fold
from brug.cases.severity import Scheme

_SILENT = (Said, Asked, Acknowledged)
"""Of these nothing that is kept here follows."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """`turns` is when it becomes another by itself, `is_over` as lists have it."""

    endings: list[Ending] = []
    notices: list[tuple[Notice, Notified]] = []
    turns: datetime | None = None
    is_over: bool = False


NOTHING = Seen()


def narrow(entries: Iterable[Entry]) -> list[Entry]:
    """Those for some that make a difference here."""
    return [one for one in entries if one.to and not isinstance(one.act, _SILENT)]


def for_those(case: Case, entries: Sequence[Entry], has: Callable[[str], bool]) -> Case:
    """A case for who has all entries that are for all, and of those for some what `has` says.

    `case` is the fold over all of them; it is the same where nothing is kept from the reader.
    """
    if all(has(one.id) for one in narrow(entries)):
        return case
    return fold(case.kind, [one for one in entries if not one.to or has(one.id)])


def for_all(case: Case, entries: Sequence[Entry]) -> Case:
    """A case as whoever has nothing that is for some."""
    return for_those(case, entries, lambda _: False)


def seen(
    case: Case, by: Speaker, bound: Sequence[Bound], rules: Rules, scheme: Scheme, now: datetime
) -> Seen:
    """`bound` are the clocks of the case as the reader has it; `is_over` is left to the caller."""
    mine = {one.id for one in taking_part.parts_of(case, by)}
    found = Seen(
        endings=list(endings.of_case(case, mine, bound)),
        notices=_notices(case, by, bound, rules, scheme, now),
    )
    if case.is_ended and not found.notices:
        return found
    return msgspec.structs.replace(found, turns=due.turn_of(case, bound, now))


def _notices(
    case: Case, by: Speaker, bound: Sequence[Bound], rules: Rules, scheme: Scheme, now: datetime
) -> list[tuple[Notice, Notified]]:
    mine = notified.answering(case, by)
    if mine is None:
        return []
    counts = notices.notified_of(case, scheme, now.date())
    several = notices.of_case(case, mine, bound, rules.came)
    return [(notices.notice_of(one), counts) for one in several]
