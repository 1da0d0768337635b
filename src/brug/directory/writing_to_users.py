# SPDX-License-Identifier: EUPL-1.2
"""Administrators write to users whom they administer."""

from collections.abc import Sequence

from brug.directory import audit, fields
from brug.directory.accounts import Account
from brug.store import outbox
from brug.store.session import Session

LONGEST_SUBJECT, LONGEST_BODY = 200, 65_535


def reachable(session: Session, found: Sequence[Account]) -> list[Account]:
    """Those of the accounts that the administrator has power over."""
    rows = session.all(
        "SELECT i FROM unnest(%s::int[]) AS i WHERE may_act_for(i)", ([one.id for one in found],)
    )
    allowed = {row[0] for row in rows}
    return [one for one in found if one.id in allowed]


def write(session: Session, to: Sequence[Account], subject: str, body: str) -> bool:
    """Whether mail is set up; raises Refused."""
    fields.text(LONGEST_SUBJECT, empty=False)("subject", subject)
    fields.text(LONGEST_BODY, empty=False)("body", body)
    details = {"subject": subject, "body": body, "email": session.principal.email}
    noted = [outbox.put(session, "text", user_id=one.id, details=details) for one in to]
    if all(noted):
        title = ", ".join(one.email for one in to)
        audit.record(session, "email", "User", to[0].id if len(to) == 1 else 0, title)
    return all(noted)
