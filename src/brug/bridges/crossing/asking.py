# SPDX-License-Identifier: EUPL-1.2
"""What a person asks of a bridge: this event now, or everything again."""

from typing import Any

from psycopg.types.json import Jsonb

from brug.bridges.crossing import filtering, outbox
from brug.bridges.partners import BridgeRow, require_admin
from brug.intel.finding import find
from brug.model.errors import Conflict, Invalid
from brug.model.naming import is_uuid
from brug.store import audit
from brug.store.session import Session


class NotSent(Conflict):
    """Nothing would come of asking."""

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


def send_now(session: Session, bridge: BridgeRow, event: str) -> None:
    """Has an event looked at for one bridge though its filters leave it out; the gate decides.

    Raises NotFound, Forbidden, NotSent.
    """
    require_admin(session)
    event_id = find(session, "event", event)
    if not session.value("SELECT published FROM event WHERE id = %s", (event_id,)):
        raise NotSent("The event is a draft: publish it first.")
    if bridge.state in {"invited", "closed"}:
        raise NotSent(f"The bridge to {bridge.partner} is not open.")
    with session.as_system():
        session.execute(
            "INSERT INTO crossing_asked (bridge_id, event_id, user_id) VALUES (%s, %s, %s)"
            " ON CONFLICT (bridge_id, event_id) DO UPDATE SET asked = now(),"
            " user_id = excluded.user_id",
            (bridge.id, event_id, session.principal.user_id),
        )
        outbox.note(session, event_id)
        _wake(session, bridge.id)
    audit.record(session, "send", "Bridge", bridge.id, bridge.partner, {"event": event_id})


def retry(session: Session, bridge: BridgeRow) -> None:
    """Forgets all waiting of a bridge: the next round tries everything. Raises Forbidden."""
    require_admin(session)
    with session.as_system():
        try_now(session, bridge.id)
    audit.record(session, "retry", "Bridge", bridge.id, bridge.partner)


def try_now(session: Session, bridge_id: int) -> None:
    """What failed is due, as what it failed for may be mended. As the system."""
    _wake(session, bridge_id)
    session.execute(
        "UPDATE crossing SET next_attempt = now() WHERE bridge_id = %s AND state = 'failed'",
        (bridge_id,),
    )


def set_filters(session: Session, bridge: BridgeRow, given: Any) -> dict[str, Any]:
    """What of the events is wanted from now on; all are looked at anew.

    What crossed and is not wanted any more is taken back. Raises Invalid, Forbidden.
    """
    require_admin(session)
    filters = filtering.checked(given)
    _require_known(session, filters.get("orgs", []))
    if filters == bridge.filters:
        return filters
    session.execute("UPDATE bridge SET filters = %s WHERE id = %s", (Jsonb(filters), bridge.id))
    change = {"filters": [bridge.filters, filters]}
    audit.record(session, "edit", "Bridge", bridge.id, bridge.partner, change)
    with session.as_system():
        look_again(session, bridge.id)
    return filters


def _require_known(session: Session, orgs: list[str]) -> None:
    """A name that is misspelt would take everything back that crossed. Raises Invalid."""
    with session.as_system():
        for name in orgs:
            bare = name.removeprefix("!").strip()
            if not is_uuid(bare) and not session.value(
                "SELECT EXISTS (SELECT 1 FROM organisation WHERE lower(name) = lower(%s))", (bare,)
            ):
                raise Invalid("filters.orgs", "organisations that are known here, or UUIDs", bare)


def look_again(session: Session, bridge_id: int) -> None:
    """Everything is decided anew, as under another agreement; what is the same is not sent."""
    session.execute(
        "INSERT INTO bridge_progress (bridge_id) VALUES (%s)"
        " ON CONFLICT (bridge_id) DO UPDATE SET carried = 0",
        (bridge_id,),
    )
    outbox.note_everything(session)
    session.execute("SELECT all_cases_are_due(%s)", (bridge_id,))


def _wake(session: Session, bridge_id: int) -> None:
    session.execute(
        "UPDATE bridge_progress SET next_attempt = '-infinity', attempts = 0 WHERE bridge_id = %s",
        (bridge_id,),
    )
