# SPDX-License-Identifier: EUPL-1.2
"""As what somebody answers to notifications, and whose they are."""

from brug.cases import keeping, notified
from brug.cases.case import Case, Participant
from brug.cases.notified import ROLES
from brug.cases.taking_part import NotYours
from brug.store.session import Session

__all__ = ["ROLES", "mine", "of_author"]


def mine(session: Session, case: Case) -> Participant:
    """The principal's part as the one who was notified. Raises NotYours."""
    found = of_author(session, case)
    if found is None:
        raise NotYours(f"{session.principal.email} is no authority in {case.number}")
    return found


def of_author(session: Session, case: Case) -> Participant | None:
    return notified.answering(case, keeping.author(session))
