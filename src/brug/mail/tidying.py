# SPDX-License-Identifier: EUPL-1.2
"""Takes away what has served its purpose: old letters, ended links, refusals over their cap."""

from typing import LiteralString

from brug.store import settings
from brug.store.session import Database, Session

KEPT_DAYS = 30

_ENDED: tuple[LiteralString, ...] = (
    "DELETE FROM password_link WHERE expires < now()",
    "DELETE FROM sign_in_step WHERE expires < now()",
    "DELETE FROM oidc_flow WHERE expires < now()",
    "DELETE FROM rate_use WHERE began < now() - interval '1 day'",
    "DELETE FROM account_otp WHERE NOT confirmed AND created < now() - interval '1 day'",
)


def tidy(database: Database) -> None:
    """Everything that is over, in one short transaction each."""
    for statement in _ENDED:
        with database.system() as session:
            session.execute(statement)
    with database.system() as session:
        session.execute(
            "DELETE FROM mail_cause c WHERE c.expanded AND c.at < now() - make_interval(days => %s)"
            " AND NOT EXISTS (SELECT 1 FROM mail_letter l WHERE l.cause_id = c.id"
            " AND l.state = 'waiting')",
            (KEPT_DAYS,),
        )
    with database.system() as session:
        prune_refusals(session)


def prune_refusals(session: Session) -> int:
    """The newest of each organisation stay; how many went."""
    kept = settings.get(session, "limits.refusals_kept")
    gone = session.execute(
        "DELETE FROM refusal r USING (SELECT DISTINCT org_id FROM refusal) o"
        " WHERE r.org_id = o.org_id AND r.id <= (SELECT id FROM refusal n"
        " WHERE n.org_id = o.org_id ORDER BY n.id DESC OFFSET %s LIMIT 1)",
        (kept,),
    )
    return gone.rowcount
