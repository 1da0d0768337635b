# SPDX-License-Identifier: EUPL-1.2
"""Whose accounts read for a participant, for letters about a case."""

from collections.abc import Collection

from brug.cases.case import Participant
from brug.store.session import Session

Whose = tuple[str, int | None]  # an organisation, by its UUID, and the person who takes part alone


def readers(session: Session, one: Participant) -> list[int]:
    """Who of a participant works on cases here, in a session that sees accounts."""
    return readers_of(session, [(one.org, one.user)])[one.org, one.user]


def readers_of(session: Session, several: Collection[Whose]) -> dict[Whose, list[int]]:
    """The same of each of several."""
    found: dict[Whose, list[int]] = {one: [] for one in several}
    rows = session.all(
        "SELECT n.org::text, n.person, a.id FROM unnest(%s::uuid[], %s::int[]) AS n (org, person)"
        " JOIN organisation_named o ON o.uuid = n.org JOIN account a ON a.org_id = o.id"
        " JOIN role r ON r.id = a.role_id WHERE NOT a.disabled"
        " AND CASE WHEN n.person IS NULL THEN 'case' = ANY (r.rights) ELSE a.id = n.person END"
        " ORDER BY a.id",
        ([org for org, _ in found], [person for _, person in found]),
    )
    for org, person, account in rows:
        found[org, person].append(account)
    return found
