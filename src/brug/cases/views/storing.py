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
) -> None:
    """Within `files.whole`, once those who take part are known.

    `case` is the fold over all entries, `known` its clocks. Where a table of the node cannot be
    used, the case is left to be looked at again.
    """
    try:
        found = _views(session, file_id, case, entries, known)
    except (UnusableTable, UnusableScheme):  # `brug doctor` says so; the work goes on
        session.execute(
            "INSERT INTO case_stale (case_id) VALUES (%s) ON CONFLICT DO NOTHING", (file_id,)
        )
        return
    marks = dict(session.all("SELECT reader, mark FROM case_view WHERE case_id = %s", (file_id,)))
    for reader, seen in found.items():
        if seen == NOTHING:
            if reader in marks:
                session.execute(
                    "DELETE FROM case_view WHERE case_id = %s AND reader = %s", (file_id, reader)
                )
            continue
        (mark,) = session.seal.marks([msgspec.json.encode(seen).decode()], _CHANGED)
        if marks.get(reader) != mark:
            _keep(session, (file_id, case.id, reader), seen, mark)
    session.execute("DELETE FROM case_stale WHERE case_id = %s", (file_id,))


def _views(
    session: Session,
    file_id: int,
    case: Case,
    entries: Sequence[Entry],
    known: Sequence[due.Bound] | None,
) -> dict[int, Seen]:
    """By reader. Those who have the same entries share a fold."""
    now, rules, scheme = datetime.now(UTC), due.rules_here(session), scheme_here(session)
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


def _keep(session: Session, key: tuple[int, str, int], seen: Seen, mark: int) -> None:
    file_id, uuid, reader = key
    here = {"case": file_id, "reader": reader}
    of = f"{uuid} {reader}"
    session.execute(
        "INSERT INTO case_view (case_id, reader, turns, mark, sealed)"
        " VALUES (%(case)s, %(reader)s, %(turns)s, %(mark)s, %(sealed)s)"
        " ON CONFLICT (case_id, reader) DO UPDATE SET turns = excluded.turns,"
        " mark = excluded.mark, sealed = excluded.sealed",
        here | {
            "turns": seen.turns,
            "mark": mark,
            "sealed": session.seal.close_bytes(msgspec.json.encode(seen.endings), VIEW + of),
        },
    )  # fmt: skip
    moments = sorted({one.at for one in seen.endings})
    session.execute(
        "DELETE FROM case_moment WHERE case_id = %(case)s AND reader = %(reader)s"
        " AND at <> ALL (%(moments)s::timestamptz[])",
        here | {"moments": moments},
    )
    session.execute(
        "INSERT INTO case_moment (case_id, reader, at) SELECT %(case)s, %(reader)s, n"
        " FROM unnest(%(moments)s::timestamptz[]) AS n ON CONFLICT DO NOTHING",
        here | {"moments": moments},
    )
    session.execute(
        "DELETE FROM case_notified WHERE case_id = %(case)s AND reader = %(reader)s"
        " AND entity <> ALL (%(entities)s::uuid[])",
        here | {"entities": [notice.entity for notice, _ in seen.notices]},
    )
    for notice, counts in seen.notices:
        sealed = session.seal.close_bytes(msgspec.json.encode(notice), NOTICE + of)
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
