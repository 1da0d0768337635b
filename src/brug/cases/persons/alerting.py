# SPDX-License-Identifier: EUPL-1.2
"""Tells whoever leads a case that mail for it is held: by its number, and nothing of the mail.

Once a day at most, however much is held; what was held since is told when the day is over. Mail
that names no case is nobody's to be told of.
"""

from brug.cases import files
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.cases.readers import readers
from brug.store import outbox
from brug.store.session import Session

HOURS = 24
MOST = 200


def tell(session: Session) -> int:
    """In a system session: letters for all cases for which one is due; of how many."""
    if not outbox.is_set_up(session):
        return 0
    rows = session.all(
        "SELECT DISTINCT m.case_id FROM case_mail m LEFT JOIN case_mail_told t USING (case_id)"
        " WHERE m.state = 'held' AND m.case_id IS NOT NULL AND (t.at IS NULL"
        "   OR (m.came > t.at AND t.at <= now() - make_interval(hours => %s))) LIMIT %s",
        (HOURS, MOST),
    )
    return sum(_tell(session, case_id) for (case_id,) in rows)


def _tell(session: Session, case_id: int) -> bool:
    """Whoever comes second at the same moment finds it told."""
    told = session.one(
        "INSERT INTO case_mail_told AS t (case_id) VALUES (%s) ON CONFLICT (case_id) DO UPDATE"
        " SET at = now() WHERE t.at <= now() - make_interval(hours => %s) RETURNING 1",
        (case_id, HOURS),
    )
    if told is None:
        return False
    file = files.of_id(session, case_id)
    case = fold(named(file.kind), files.entries_of(session, file))
    leads = [one for one in case.present if case.kind.role(one.role).leads]
    for user_id in sorted({user for one in leads for user in readers(session, one)}):
        outbox.put(session, "held_mail", user_id=user_id, details={"number": file.number})
    return True
