# SPDX-License-Identifier: EUPL-1.2
"""What stands between an event and a reader's letter where something else than rights decides.

Letters know nothing of agreements and gates: whoever sends is handed `Governing`, which gives
for a reader what has to be asked first, or None where the reader's rights alone decide.
"""

from collections.abc import Callable
from typing import Any, Protocol

from brug.mail.telling import Told
from brug.model.event import Event
from brug.store.session import Session


class Passing(Protocol):
    """Asked once for each event of a letter."""

    def told(self, session: Session, event: Event) -> Told | None:
        """What of it may be said to this reader, whose session it is; None: that it is there."""

    def note(self, session: Session) -> None:
        """Puts on record what was told, in the system's transaction that marks the letter sent."""


# By the id of the reader's organisation, and whether letters to the reader are encrypted.
Governing = Callable[[Session, int, bool], Passing | None]


def by_rights_alone(_session: Session, _org_id: int, _is_encrypted: bool, /) -> Any:
    """For nodes without agreements."""
    return None
