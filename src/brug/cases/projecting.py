# SPDX-License-Identifier: EUPL-1.2
"""What the row of a case says beside its entries: what lists and readers' rights need of the fold.

It follows from all entries, whoever wrote last; what is said to all who take part, from those that
are for all. What each of them is shown is kept beside it (`views`).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from brug.cases import counting, due
from brug.cases.case import Case
from brug.cases.clocks import UnusableTable
from brug.cases.crisis import levels, receipts
from brug.cases.declaring import BREAK_GLASS
from brug.cases.entries import Entry
from brug.cases.files import SHOWN, Shown
from brug.cases.severity import UnusableScheme, level_of, scheme_here
from brug.cases.views import making, storing
from brug.store import settings
from brug.store.session import Session


def note_next(session: Session, several: Mapping[int, due.Next]) -> None:
    """When to look at cases next, by their ids."""
    session.execute(
        "UPDATE case_file f SET due = n.due, next_warning = n.warning"
        " FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS n (id, due, warning)"
        " WHERE f.id = n.id",
        (
            list(several),
            [one.due for one in several.values()],
            [one.warning for one in several.values()],
        ),
    )


def of_clocks(
    case: Case,
    entries: Sequence[Entry],
    given: tuple[due.Rules, datetime, Sequence[due.Bound]],
) -> tuple[due.Next, list[str]]:
    """What is due, and what is counted of the case.

    Whom a document for some binds is warned by all clocks; what all who take part are shown does
    not tell of it.
    """
    by, now, bound = given
    told = making.for_all(case, entries)
    at = due.next_of(case, by, now, bound)
    if told is not case:
        bound = due.clocks_of(told, by, now)
        at = msgspec.structs.replace(at, due=due.next_of(told, by, now, bound).due)
    return at, counting.facets(case, bound)


def note_severity(session: Session, file_id: int, case: Case) -> None:
    """By the scheme that the node has now. Raises UnusableScheme."""
    level, rank = level_of(case, scheme_here(session), datetime.now(UTC).date())
    session.execute(
        "UPDATE case_file SET severity = %(level)s, severity_rank = %(rank)s WHERE id = %(id)s"
        " AND (severity, severity_rank) IS DISTINCT FROM (%(level)s, %(rank)s)",
        {"level": level, "rank": rank, "id": file_id},
    )


def project(session: Session, file_id: int, case: Case, entries: Sequence[Entry]) -> None:
    """Within `whole`: what lists and readers' rights need of the fold over all entries."""
    shown = msgspec.json.encode(Shown(case.title)).decode()
    session.execute(
        "UPDATE case_file SET state = %s, is_over = %s, tlp = %s, pap = %s, embargo = %s,"
        " shown = %s, conflicts = %s, crisis = %s WHERE id = %s",
        (
            case.state,
            case.is_over,
            case.marking.tlp,
            case.marking.pap,
            case.embargo.until if case.embargo else None,
            session.seal.close(shown, SHOWN + case.id),
            len(case.open_conflicts),
            levels.rank(case),
            file_id,
        ),
    )
    bound: Sequence[due.Bound] | None = None
    with suppress(UnusableScheme):  # as below
        note_severity(session, file_id, case)
    try:
        by, now = due.rules_here(session), datetime.now(UTC)
        bound = due.clocks_of(case, by, now)
        at, facets = of_clocks(case, entries, (by, now, bound))
        note_next(session, {file_id: at})
    except UnusableTable:  # `brug doctor` says so; the work on the case goes on
        facets = counting.facets(case)
    node = str(settings.get(session, "node.uuid"))
    parties = [
        (one.id, one.org, one.user, one.role, one.node or None)
        for one in case.present
        # Who breaks the glass reads on the own node alone; elsewhere that is nobody's number.
        if one.role != BREAK_GLASS.key or one.node == node
    ]
    ids, orgs, users, roles, nodes = (list(column) for column in zip(*parties, strict=True))
    session.execute(
        "DELETE FROM case_party WHERE case_id = %s AND participant <> ALL (%s::uuid[])",
        (file_id, ids),
    )
    session.execute(
        # The number of a person means something on that person's node alone; on another one it
        # is the organisation that takes part, and nobody here who happens to have that number.
        "INSERT INTO case_party (case_id, participant, org_uuid, org_id, user_id, role, node)"
        " SELECT %s, n.participant, n.org, o.id, a.id, n.role, n.node"
        " FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::uuid[])"
        "   AS n (participant, org, person, role, node)"
        " LEFT JOIN organisation_named o ON o.uuid = n.org"
        " LEFT JOIN account a ON a.id = n.person AND a.org_id = o.id"
        " ON CONFLICT (case_id, participant) DO UPDATE SET org_id = excluded.org_id"
        " WHERE case_party.org_id IS DISTINCT FROM excluded.org_id",
        (file_id, ids, orgs, users, roles, nodes),
    )
    counting.note(session, file_id, facets)
    receipts.note(session, file_id, case)
    storing.note(session, file_id, case, entries, bound)
