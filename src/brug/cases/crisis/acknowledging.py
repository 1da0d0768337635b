# SPDX-License-Identifier: EUPL-1.2
"""Asking to be told when something is read, and saying that it was: for those who have it."""

from brug.cases import files, keeping
from brug.cases.acts import Acknowledged, Asked
from brug.cases.crisis import receipts
from brug.cases.entries import Entry
from brug.store.session import Session


def ask(session: Session, which: str, entry: str, because: str = "") -> Entry:
    """Raises NotFound, Conflict, and what `keeping.act` does."""
    case = files.view(session, which)[1]
    what = receipts.target(case, entry)
    doing = Asked(entry=what.id, because=because)
    return keeping.act(session, which, doing, receipts.recipients(case, what))


def acknowledge(session: Session, which: str, entry: str) -> Entry:
    """By the principal, for the parts that it has. Raises NotFound, Conflict."""
    case = files.view(session, which)[1]
    what = receipts.target(case, entry)
    return keeping.act(session, which, Acknowledged(entry=what.id), receipts.recipients(case, what))
