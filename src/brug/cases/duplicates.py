# SPDX-License-Identifier: EUPL-1.2
"""Other cases of the reader that share a value with one: perhaps the same matter twice.

Values are looked up by their marks in the reader's session, so what another case says in entries
that the reader has not, or a case that the reader takes no part in, is neither found nor counted.
Of a linked event its values count too, by the sharing rule of events: both events are the
reader's to see. Once said is enough: a link that was taken away is still found.
"""

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import Any, LiteralString

import msgspec

from brug.cases import files
from brug.cases.case import Case
from brug.cases.files import File
from brug.cases.values import PURPOSE, WEIGHTS, Shared, values_in, values_of
from brug.intel import attributes, loading
from brug.intel.correlating import correlation
from brug.intel.finding import find_several
from brug.store.session import Session

SHOWN = 20
# Of one value so many cases are looked at, the newest first; one that all have tells nothing.
MOST_CASES = 50
MOST_VALUES = 500
MOST_EVENTS = 20
MOST_ATTRIBUTES = 1000  # of all linked events together
# Whoever reads no more cases has these alone looked at, or many of others would be in vain: of a
# value that all cases have, those of others are 95 in 100. For each value all of them are sorted
# (which is quick of what is in order), which of more takes longer than to look at others.
FEW_CASES = 5000
# How many somebody reads is counted anew after this long: both ways find the same.
COUNTED_SECONDS, MOST_COUNTED = 600, 10_000
_counted: dict[tuple[int, int], tuple[float, bool]] = {}


class Alike(msgspec.Struct, frozen=True):
    """Another case, with what it shares; `score` is what that counts for together."""

    file: File
    shared: list[Shared]

    @property
    def score(self) -> int:
        return score(self.shared)


def of_case(
    session: Session,
    file: File,
    case: Case,
    *,
    deep: bool = True,
    least: int = 0,
    most: int = SHOWN,
) -> list[Alike]:
    """Those like a case, what shares most first; with `deep` also by values in linked events.

    Not those whose score is below `least`, and no more than `most`.
    """
    given = {"own": file.id, "values": MOST_VALUES}
    rows = _looked_up(session, _OF_CASE, given, prepare=None)
    found = _named(session, file.id, case, rows) if rows else {}
    if deep:
        _merge(found, _by_events(session, case, file.id))
    return _ranked(session, found, least, most)


def of_new(session: Session, title: str, fields: Mapping[str, Any]) -> list[Alike]:
    """Those like a case that would be opened so."""
    return _ranked(session, _by_values(session, values_in(title, fields), 0))


def _ranked(
    session: Session, found: Mapping[int, Iterable[Shared]], least: int = 0, most: int = SHOWN
) -> list[Alike]:
    shared = {case_id: set(several) for case_id, several in found.items()}
    scores = {case_id: score(several) for case_id, several in shared.items()}
    told = sorted(
        (one for one, counted in scores.items() if counted >= least),
        key=lambda one: (-scores[one], -one),
    )
    files_of = {one.id: one for one in files.of_ids(session, told[:most])}
    return [Alike(files_of[one], sorted(shared[one])) for one in told if one in files_of]


def score(shared: Iterable[Shared]) -> int:
    """What it counts for together."""
    return sum(WEIGHTS[one.kind] for one in shared)


# Marks of what the reader's entries of a case say: most cases share nothing, and need not be read
# again.
_OF_CASE: LiteralString = (
    "SELECT DISTINCT mark FROM (SELECT mark FROM case_value WHERE case_id = %(own)s"
    " ORDER BY entry DESC LIMIT %(values)s) AS own"
)
_GIVEN: LiteralString = "SELECT mark FROM unnest(%(marks)s::bigint[]) AS given (mark)"
_AMONG_FEW: LiteralString = (
    " AND v.case_id = ANY (ARRAY(SELECT r.case_id FROM case_reading r"
    "   WHERE r.reader = ANY (%(readers)s) ORDER BY r.case_id))"
)


def _looked_up(
    session: Session, marks: LiteralString, given: Mapping[str, Any], *, prepare: bool | None
) -> list[tuple[Any, ...]]:
    """Each of some marks with the cases of the reader that have it, but for the `own`."""
    me = session.principal
    readers = {"readers": [me.org_id, -me.user_id]}
    return session.all(
        "SELECT n.mark, v.case_id FROM (" + marks + ") AS n CROSS JOIN LATERAL"
        " (SELECT DISTINCT v.case_id FROM case_value v WHERE v.mark = n.mark"
        "   AND v.case_id <> %(own)s"
        + ("" if _reads_many(session) else _AMONG_FEW)
        + "   ORDER BY v.case_id DESC LIMIT %(most)s) v",
        {**given, **readers, "most": MOST_CASES},
        prepare=prepare,
    )


def _reads_many(session: Session) -> bool:
    me = session.principal
    if not me.user_id:
        return True
    now, until, many = monotonic(), *_counted.get((me.org_id, me.user_id), (0.0, False))
    if now >= until:
        many = bool(
            session.value(
                "SELECT EXISTS (SELECT 1 FROM case_reading WHERE reader = ANY (%s) OFFSET %s)",
                ([me.org_id, -me.user_id], FEW_CASES),
            )
        )
        if len(_counted) >= MOST_COUNTED:
            _counted.clear()
        _counted[me.org_id, me.user_id] = now + COUNTED_SECONDS, many
    return many


_HAVING = (
    "SELECT DISTINCT e.uuid::text FROM case_value v JOIN case_entry e ON e.number = v.entry"
    " WHERE v.case_id = %(own)s AND v.mark = ANY (%(marks)s)"
)


def _named(
    session: Session, own: int, case: Case, rows: Sequence[Sequence[int]]
) -> dict[int, list[Shared]]:
    """What the marks mean, of values in entries that count; no other entry is read again."""
    unnamed = {mark for mark, _ in rows}
    having = {one for (one,) in session.all(_HAVING, {"own": own, "marks": list(unnamed)})}
    by_mark: dict[int, Shared] = {}
    for entry in reversed(case.timeline):
        if unnamed and entry.id in having:
            values = values_of(entry.act)
            marks = session.seal.marks([one.marked for one in values], PURPOSE)
            by_mark |= dict(zip(marks, values, strict=True))
            unnamed -= by_mark.keys()
    found: dict[int, list[Shared]] = {}
    for mark, case_id in rows:
        if mark in by_mark:
            found.setdefault(case_id, []).append(by_mark[mark])
    return found


def _by_values(session: Session, wanted: Sequence[Shared], own: int) -> dict[int, list[Shared]]:
    found: dict[int, list[Shared]] = {}
    if not wanted:
        return found
    marks = session.seal.marks([one.marked for one in wanted], PURPOSE)
    by_mark = dict(zip(marks, wanted, strict=True))
    for mark, case_id in _looked_up(session, _GIVEN, {"marks": marks, "own": own}, prepare=False):
        found.setdefault(case_id, []).append(by_mark[mark])
    return found


def _by_events(session: Session, case: Case, own: int) -> dict[int, list[Shared]]:
    """Cases that link an event in which a value stands that an event of this case has."""
    linked = [one.uuid for one in case.links.values() if one.kind == "event" and not one.is_undone]
    events = list(find_several(session, "event", linked[-MOST_EVENTS:]).values())
    if not events:
        return {}
    holds = [one for event in events for one in attributes.of_event(session, event)]
    related = correlation.of_attributes(session, holds[:MOST_ATTRIBUTES], events)
    values: dict[int, list[Shared]] = {}
    for one in holds[:MOST_ATTRIBUTES]:
        for hit in related[one.id].hits if one.id in related else ():
            said = f"{one.value1}|{one.value2}" if one.value2 else one.value1
            values.setdefault(hit.event_id, []).append(Shared("value", said[:300]))
    heads = loading.heads(session, list(values)) if values else {}
    links = {Shared("event", str(head.head.uuid)): key for key, head in heads.items()}
    found: dict[int, list[Shared]] = {}
    for case_id, several in _by_values(session, list(links), own).items():
        found[case_id] = [one for link in several for one in values[links[link]]]
    return found


def _merge(found: dict[int, list[Shared]], more: Mapping[int, list[Shared]]) -> None:
    for case_id, several in more.items():
        found.setdefault(case_id, []).extend(several)
