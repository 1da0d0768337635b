# SPDX-License-Identifier: EUPL-1.2
"""Notes that something is to be told, for those hooks that want to hear of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from brug.cases.acts import AnyAct, Embargoed, Moved, Said
from brug.model.words import N_
from brug.store.session import Database, Session

_NOBODY = "00000000-0000-0000-0000-000000000000"

EVENTS: Mapping[str, str] = {
    "clock": N_("A deadline comes near or has passed"),
    "message": N_("A message was written"),
    "state": N_("A step was taken"),
    "change": N_("Something else was entered"),
    "embargo": N_("An embargo was set, changed, or has ended"),
    "breach": N_("An embargo may be broken"),
}


def note(
    session: Session,
    case_id: int,
    event: str,
    details: Mapping[str, Any],
    *,
    entry: str | None = None,
    bound: tuple[str, int | None] | None = None,
) -> None:
    """Within `files.whole`, or by the system.

    `bound` is the organisation's UUID and the person whom alone it concerns.
    """
    org, user = bound or (None, None)
    session.execute(
        "SELECT note_case_hooks(%s, %s::uuid, %s, %s, %s::uuid, %s)",
        (case_id, entry, event, Jsonb(dict(details)), org, user),
    )


def note_each(
    session: Session,
    event: str,
    several: Sequence[tuple[int, Mapping[str, Any], tuple[str, int | None]]],
) -> None:
    """By the system: the same event of several cases, with its details, and whom it concerns."""
    rows = [
        {"case_id": case_id, "details": details, "org": org, "person": user}
        for case_id, details, (org, user) in several
    ]
    session.execute(
        "SELECT note_case_hooks(n.case_id, NULL, %s, n.details, n.org, n.person)"
        " FROM jsonb_to_recordset(%s) AS n (case_id int, details jsonb, org uuid, person int)",
        (event, Jsonb(rows)),
    )


def note_entry(session: Session, case_id: int, entry: str, act: AnyAct) -> None:
    """Within `files.whole`: of one that was just stored. What breaks an embargo is told by
    whoever watches those (`embargoes.watching`), once, with its letters.
    """
    match act:
        case Said():
            event = "message"
        case Moved():
            event = "state"
        case Embargoed():
            event = "embargo"
        case _:
            event = "change"
    note(session, case_id, event, {}, entry=entry)


def note_ended_embargoes(database: Database) -> None:
    """Once each, also of a node that stood still meanwhile; what ended before anybody listened
    is no news.
    """
    with database.system() as session:
        rows = session.all(
            "INSERT INTO case_warned (case_id, participant, key) SELECT id, %s::uuid,"
            " 'embargo/' || to_char(embargo AT TIME ZONE 'UTC',"
            '   \'YYYY-MM-DD"T"HH24:MI:SS"Z"\')'
            " FROM case_file WHERE embargo <= now() AND (embargo > now() - interval '1 day'"
            "   OR EXISTS (SELECT 1 FROM case_hook h WHERE h.made < embargo))"
            " ON CONFLICT DO NOTHING RETURNING case_id, key",
            (_NOBODY,),
        )
        for case_id, key in rows:
            note(session, case_id, "embargo", {"ended": key.partition("/")[2]})
