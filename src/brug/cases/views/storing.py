# SPDX-License-Identifier: EUPL-1.2
"""Keeps what each reader's fold says, in the transaction that changes it.

Written is only what is another than before: a message changes none of it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.cases import due
from brug.cases.authority.summary import DIMENSIONS, Notified
from brug.cases.case import Case
from brug.cases.clocks import UnusableTable
from brug.cases.entries import Entry, Speaker
from brug.cases.severity import UnusableScheme, scheme_here
from brug.cases.views import making
from brug.cases.views.making import NOTHING, Seen
from brug.store import settings
from brug.store.sealing import Seal
from brug.store.session import Session

VIEW, NOTICE, COUNTED = "case view ", "case notice ", "case counted "
_CHANGED = "case view changed"


def note(
    session: Session,
    file_id: int,
    case: Case,
    entries: Sequence[Entry],
    known: Sequence[due.Bound] | None = None,
    by: due.Rules | None = None,
) -> None:
    """Within `files.whole`, once those who take part are known.

    `case` is the fold over all entries, `known` its clocks; `by` are the rules, if they are read
    already. Where a table of the node cannot be used, the case is left to be looked at again.
    """
    try:
        rules = by or due.rules_here(session)
        found = _views(session, file_id, case, entries, rules, known)
    except (UnusableTable, UnusableScheme):  # `brug doctor` says so; the work goes on
        session.execute(
            "INSERT INTO case_stale (case_id) VALUES (%s) ON CONFLICT DO NOTHING", (file_id,)
        )
        return
    marks = dict(session.all("SELECT reader, mark FROM case_view WHERE case_id = %s", (file_id,)))
    gone = [one for one, seen in found.items() if seen == NOTHING and one in marks]
    if gone:
        session.execute(
            "DELETE FROM case_view WHERE case_id = %s AND reader = ANY (%s)", (file_id, gone)
        )
    changed = [
        _Changed(reader, seen, mark)
        for reader, seen in found.items()
        if seen != NOTHING and (mark := _mark(session, seen)) != marks.get(reader)
    ]
    if changed:
        _keep(session, file_id, case.id, changed)
    session.execute("DELETE FROM case_stale WHERE case_id = %s", (file_id,))


def _views(
    session: Session,
    file_id: int,
    case: Case,
    entries: Sequence[Entry],
    rules: due.Rules,
    known: Sequence[due.Bound] | None,
) -> dict[int, Seen]:
    """By reader. Those who have the same entries share a fold."""
    now, scheme = datetime.now(UTC), scheme_here(session)
    has: dict[int, set[str]] = {}
    wanted = {one.id for one in making.narrow(entries)}
    if wanted:
        for entry, reader in session.all(
            "SELECT entry::text, reader FROM case_narrow(%s)", (file_id,)
        ):
            has.setdefault(reader, set()).add(entry)
    folds: dict[frozenset[str], tuple[Case, Sequence[due.Bound]]] = {}
    found = {}
    for reader, by in _readers(session, file_id).items():
        mine = frozenset(has.get(reader, ())) & wanted
        if mine not in folds:
            view = making.for_those(case, entries, mine.__contains__)
            bound = known if view is case and known is not None else due.clocks_of(view, rules, now)
            folds[mine] = view, bound
        view, bound = folds[mine]
        seen = making.seen(view, by, bound, rules, scheme, now)
        if seen != NOTHING:
            seen = msgspec.structs.replace(seen, is_over=case.is_over)
        found[reader] = seen
    return found


def _readers(session: Session, file_id: int) -> dict[int, Speaker]:
    """Organisations, and persons below zero, with as whom they speak."""
    rows = session.all(
        "SELECT r.reader, coalesce(o.uuid::text, ''), ARRAY(SELECT m.uuid::text"
        "   FROM organisation_merged m WHERE m.org_id = o.id ORDER BY m.uuid)"
        " FROM case_reading r LEFT JOIN account a ON a.id = -r.reader"
        " LEFT JOIN organisation o ON o.id = coalesce(a.org_id, r.reader)"
        " WHERE r.case_id = %s AND r.reader <> 0 ORDER BY r.reader",
        (file_id,),
    )
    node = str(settings.get(session, "node.uuid"))
    return {
        reader: Speaker(node, org, max(0, -reader), reader < 0, tuple(also))
        for reader, org, also in rows
    }


class _Changed(msgspec.Struct, frozen=True):
    reader: int
    seen: Seen
    mark: int


def _mark(session: Session, seen: Seen) -> int:
    (mark,) = session.seal.marks([msgspec.json.encode(seen).decode()], _CHANGED)
    return mark


def _keep(session: Session, file_id: int, uuid: str, several: Sequence[_Changed]) -> None:
    """Of all of them at once: a case has many readers."""
    here = {"case": file_id, "readers": [one.reader for one in several]}
    sealed = [
        session.seal.close_bytes(
            msgspec.json.encode(one.seen.endings), f"{VIEW}{uuid} {one.reader}"
        )
        for one in several
    ]
    session.execute(
        "INSERT INTO case_view (case_id, reader, turns, mark, sealed) SELECT %(case)s, n.*"
        " FROM unnest(%(readers)s::int[], %(turns)s::timestamptz[], %(marks)s::bigint[],"
        "   %(sealed)s::bytea[]) AS n ON CONFLICT (case_id, reader) DO UPDATE SET"
        " turns = excluded.turns, mark = excluded.mark, sealed = excluded.sealed",
        here
        | {
            "turns": [one.seen.turns for one in several],
            "marks": [one.mark for one in several],
            "sealed": sealed,
        },
    )
    _keep_moments(session, here, several)
    pairs = [(one.reader, notice.entity) for one in several for notice, _ in one.seen.notices]
    session.execute(
        "DELETE FROM case_notified WHERE case_id = %(case)s AND reader = ANY (%(readers)s)"
        " AND (reader, entity) NOT IN (SELECT * FROM unnest(%(of)s::int[], %(entities)s::uuid[]))",
        here | {"of": [of for of, _ in pairs], "entities": [entity for _, entity in pairs]},
    )
    for one in several:
        _keep_notices(session, file_id, uuid, one)


def _keep_moments(session: Session, here: dict[str, Any], several: Sequence[_Changed]) -> None:
    pairs = sorted({(one.reader, each.at) for one in several for each in one.seen.endings})
    with_moments = here | {"of": [of for of, _ in pairs], "moments": [at for _, at in pairs]}
    session.execute(
        "DELETE FROM case_moment WHERE case_id = %(case)s AND reader = ANY (%(readers)s)"
        " AND (reader, at) NOT IN"
        "   (SELECT * FROM unnest(%(of)s::int[], %(moments)s::timestamptz[]))",
        with_moments,
    )
    session.execute(
        "INSERT INTO case_moment (case_id, reader, at) SELECT %(case)s, n.*"
        " FROM unnest(%(of)s::int[], %(moments)s::timestamptz[]) AS n ON CONFLICT DO NOTHING",
        with_moments,
    )


def _keep_notices(session: Session, file_id: int, uuid: str, one: _Changed) -> None:
    here, seen = {"case": file_id, "reader": one.reader}, one.seen
    for notice, counts in seen.notices:
        sealed = session.seal.close_bytes(
            msgspec.json.encode(notice), f"{NOTICE}{uuid} {one.reader}"
        )
        session.execute(
            "INSERT INTO case_notified (case_id, reader, entity, is_over, is_due, ends, since,"
            " sealed, marks, said) VALUES (%(case)s, %(reader)s, %(entity)s, %(is_over)s,"
            " %(is_due)s, coalesce(%(ends)s::timestamptz, 'infinity'), %(since)s, %(sealed)s,"
            " %(marks)s, %(said)s) ON CONFLICT (case_id, reader, entity) DO UPDATE SET"
            " is_over = excluded.is_over, is_due = excluded.is_due, ends = excluded.ends,"
            " since = excluded.since, sealed = excluded.sealed, marks = excluded.marks,"
            " said = CASE WHEN case_notified.marks = excluded.marks THEN case_notified.said"
            "   ELSE excluded.said END",
            here | {
                "entity": notice.entity, "is_over": seen.is_over, "is_due": notice.is_due,
                "ends": notice.ends, "since": notice.since, "sealed": sealed,
            } | counted(session.seal, counts),
        )  # fmt: skip


def counted(seal: Seal, one: Notified) -> dict[str, Any]:
    """What it counts as, by mark and sealed: of the same value another is the same mark."""
    values = [(of, one.of(of)) for of in DIMENSIONS]
    return {
        "marks": [seal.marks([value], COUNTED + of)[0] for of, value in values],
        "said": [seal.close(value, COUNTED + of) for of, value in values],
    }


def compact(session: Session) -> int:
    """Puts what is counted of one value together, by the system; how many were taken out."""
    return session.execute(
        "WITH several AS (SELECT reader, quarter, dimension, mark FROM case_notified_tally"
        "   GROUP BY reader, quarter, dimension, mark HAVING count(*) > 1 OR sum(cases) = 0),"
        " gone AS (DELETE FROM case_notified_tally t USING several s"
        "   WHERE (t.reader, t.quarter, t.dimension, t.mark)"
        "     = (s.reader, s.quarter, s.dimension, s.mark)"
        "   RETURNING t.reader, t.quarter, t.dimension, t.mark, t.said, t.cases)"
        " INSERT INTO case_notified_tally SELECT reader, quarter, dimension, mark,"
        "   (array_agg(said))[1], sum(cases) FROM gone"
        " GROUP BY reader, quarter, dimension, mark HAVING sum(cases) <> 0"
    ).rowcount
