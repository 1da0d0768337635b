# SPDX-License-Identifier: EUPL-1.2
"""Removing a copy because its source takes it back: it may come again from there."""

from brug.intel.deleting import delete_event
from brug.store.session import Session


def remove(session: Session, event: str | int) -> int:
    """Deletes the copy without keeping its UUID out; the id that it had.

    Raises NotFound, Forbidden.
    """
    session.execute("SELECT set_config('brug.taken_back', 'on', true)")
    gone = delete_event(session, event)
    session.execute("SELECT set_config('brug.taken_back', '', true)")
    return gone
