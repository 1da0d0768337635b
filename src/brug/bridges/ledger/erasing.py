# SPDX-License-Identifier: EUPL-1.2
"""Erasing what an entry says (GDPR, article 17): content and salt go, the tree stays.

Without its salt a commitment tells nothing, not even to whoever guesses the content. That
something was erased, for what reason and by whom, is an entry of its own.
"""

from uuid import UUID

from brug.bridges.ledger import proving
from brug.bridges.ledger.entries import record
from brug.model.errors import Conflict, Invalid
from brug.store.session import Session

LONGEST_REASON = 500


class NotErasable(Conflict):
    """It was erased before, or has no place in the tree yet."""

    code = "not_erasable"
    public = "This entry was erased before, or has no place in the tree yet."


def erase(session: Session, reference: UUID | str, reason: str, by: int) -> None:
    """For the system alone; raises NotFound, NotErasable, Invalid."""
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise Invalid("reason", f"why, in at most {LONGEST_REASON} characters", reason)
    placed = proving.entry(session, reference)
    if not session.value("SELECT erase_entry(%s)", (placed.entry.id,)):
        state = "was erased before" if placed.entry.erased else "has no place in the tree yet"
        raise NotErasable(f"entry {placed.entry.id} {state}")
    record(session, "erased", {"entry": str(placed.entry.id), "reason": reason.strip(), "by": by})
