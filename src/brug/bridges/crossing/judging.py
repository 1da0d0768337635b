# SPDX-License-Identifier: EUPL-1.2
"""A person's word on what is held: released or refused, always with the reason.

Whoever releases what the gate held answers for exactly those bytes: if the event changes before
they leave, it is held again. What a source's marking keeps here no person may release; the gate
refuses it and it never comes before one. Where the agreement asks for four eyes, two different
people have to say yes.
"""

from datetime import UTC, datetime

from brug.bridges import agreements, ledger
from brug.bridges.crossing import rows
from brug.bridges.crossing.rows import Crossing
from brug.model.errors import Conflict, Forbidden, Invalid
from brug.store import audit
from brug.store.session import Session


class NotHeld(Conflict):
    """Somebody else was quicker, or the event has changed since."""

    code = "not_held"
    public = "This is not held any more: it was judged, or the event has changed since."


class NotByPeople(NotHeld):
    """It waits for a key of the partner's, or for a licence."""

    code = "not_by_people"
    public = "No person can release this: it waits for something else, which its reasons name."


class SecondPerson(Conflict):
    """The first of four eyes cannot be the second as well."""

    code = "second_person"
    public = "You have said yes to this already; the agreement asks for a second person."


def release(session: Session, number: int, because: str) -> Crossing:
    """Lets a held crossing go, or says the first of two yeses.

    Raises NotFound, NotHeld, SecondPerson, Invalid, Forbidden.
    """
    held, reason = _judged(session, number, because)
    if not held.releasable:
        raise NotByPeople(f"no person can release crossing {number}: {_waits_for(held)}")
    agreement = agreements.in_force(session, held.bridge_id, datetime.now(UTC))
    two = agreement is not None and agreement.terms.release.four_eyes
    me = session.principal.user_id
    if two and held.judged_by is None:
        _note(session, held, "first yes", reason)
        _update(session, held.id, "held", reason)
        return rows.crossing(session, number)
    if two and held.judged_by == me:
        raise SecondPerson(f"user {me} released crossing {number} first")
    _note(session, held, "released", reason)
    _update(session, held.id, "waiting", reason)
    return rows.crossing(session, number)


def refuse(session: Session, number: int, because: str) -> Crossing:
    """Keeps a held crossing here. Raises NotFound, NotHeld, Invalid, Forbidden."""
    held, reason = _judged(session, number, because)
    _note(session, held, "refused", reason)
    _update(session, held.id, "refused", reason)
    return rows.crossing(session, number)


def _waits_for(held: Crossing) -> str:
    return " ".join(
        str(one.get("text", "")) for one in held.reasons if one.get("outcome") == "hold"
    )


def require_right(session: Session) -> None:
    """Raises Forbidden for who may release nothing."""
    me = session.principal
    if not (me.is_site_admin or session.value("SELECT host_has_right('release')")):
        raise Forbidden(f"{me.email} may not release what is held")


def reason_of(because: str) -> str:
    """Raises Invalid."""
    reason = because.strip()
    if not reason or len(reason) > 2000 or "\0" in reason:
        raise Invalid("because", "the reason, in at most 2000 characters", reason)
    return reason


def _judged(session: Session, number: int, because: str) -> tuple[Crossing, str]:
    require_right(session)
    reason = reason_of(because)
    rows.crossing(session, number)  # may be seen, or there is nothing to wait for
    with session.as_system():
        # Of two who judge it at once the second finds the word of the first.
        session.execute("SELECT FROM crossing WHERE id = %s FOR UPDATE", (number,))
    held = rows.crossing(session, number)
    if held.state != "held":
        raise NotHeld(f"crossing {number} is {held.state}")
    return held, reason


def _update(session: Session, number: int, state: str, reason: str) -> None:
    with session.as_system():
        changed = session.execute(
            "UPDATE crossing SET state = %s, judged_by = %s, judged_because = %s, judged = now()"
            " WHERE id = %s AND state = 'held'",
            (state, session.principal.user_id, reason, number),
        ).rowcount
    if not changed:
        raise NotHeld(f"crossing {number} was judged by somebody else")


def _note(session: Session, held: Crossing, what: str, reason: str) -> None:
    """The ledger names people by number; the reason stands in the audit log."""
    with session.as_system():
        payload = {"crossing": held.entry or "", "what": what, "user": session.principal.user_id}
        ledger.record(session, "judgement", payload, bridge_id=held.bridge_id)
    audit.record(session, what, "Crossing", held.id, held.info, {"because": reason})
