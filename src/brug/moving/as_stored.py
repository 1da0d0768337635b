# SPDX-License-Identifier: EUPL-1.2
"""What is here of an event that came along, in the form in which both sides are compared."""

from typing import Any

import msgspec

from brug.intel import loading
from brug.intel.leaving import whole
from brug.model.errors import NotFound
from brug.moving.normal import Normaliser, digest
from brug.moving.numbers import Moved
from brug.store.session import Session


def normal_of(session: Session, normaliser: Normaliser, event_id: int) -> dict[str, Any] | None:
    """Its normal form, or None where it is gone."""
    try:
        event = loading.event(session, event_id, deleted=True)
    except NotFound:
        return None
    return normaliser.event(msgspec.to_builtins(whole.document(session, event)))


def changed_since(session: Session, normaliser: Normaliser, before: Moved) -> bool:
    """Whether something was written to it here that a newer copy would take away.

    What analysts said is not in this: it outlives the event and finds the newer copy.
    """
    found = normal_of(session, normaliser, before.local)
    if found is None:
        return False
    if before.kept is None or digest(found) != bytes(before.kept):
        return True
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM proposal p WHERE p.event_id = %(event)s AND NOT EXISTS"
            "   (SELECT 1 FROM moved m WHERE m.kind = 'proposal' AND m.local = p.id))"
            " OR EXISTS (SELECT 1 FROM event_graph WHERE event_id = %(event)s)"
            " OR EXISTS (SELECT 1 FROM event_delegation WHERE event_id = %(event)s)",
            {"event": before.local},
        )
    )
