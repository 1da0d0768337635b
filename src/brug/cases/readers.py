# SPDX-License-Identifier: EUPL-1.2
"""Whose accounts read for a participant, for letters about a case."""

from brug.cases.case import Participant
from brug.store.session import Session


def readers(session: Session, one: Participant) -> list[int]:
    """Who of a participant works on cases here, in a session that sees accounts."""
    rows = session.all(
        "SELECT a.id FROM account a JOIN role r ON r.id = a.role_id"
        " JOIN organisation_named o ON o.id = a.org_id"
        " WHERE NOT a.disabled AND o.uuid::text = %(org)s"
        " AND CASE WHEN %(user)s::int IS NULL THEN 'case' = ANY (r.rights)"
        "   ELSE a.id = %(user)s END",
        {"org": one.org, "user": one.user},
    )
    return [row[0] for row in rows]
