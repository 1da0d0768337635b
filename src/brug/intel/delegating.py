# SPDX-License-Identifier: EUPL-1.2
"""Delegation: one organisation hands an event to another, which publishes it as its own.

Only an event of the own organisation's level is delegated, and only its creator asks. Until
the other one accepts or either calls it off, both see the event; then it is wholly the
other's, a draft, and keeps its number. What others hold of it already is never overwritten.
"""

import time
from typing import Any, LiteralString

import msgspec

from brug.intel.finding import claim, find
from brug.intel.levels import group_id
from brug.intel.loading import ATTRIBUTE_COUNT
from brug.intel.publishing import reaudience
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.event import OWN_ORGANISATION, SHARING_GROUP, OrganisationRef
from brug.model.naming import number_in
from brug.model.new_event import GroupRef
from brug.store import audit, outbox, settings
from brug.store.session import Session

UNDECIDED = -1  # whoever is asked chooses the level


class Delegation(msgspec.Struct):
    """A request to take an event over."""

    id: int
    event_id: int
    message: str | None
    distribution: int
    sharing_group_id: int | None
    asked: OrganisationRef
    requester: OrganisationRef
    info: str
    uuid: str
    analysis: int
    event_distribution: int
    threat_level_id: int
    date: str
    attribute_count: int


class NotDelegable(Conflict):
    """The event is seen by others already."""

    code = "not_delegable"
    public = "Only an event that the own organisation alone sees can be delegated."


class AskedAlready(Conflict):
    code = "asked_already"
    public = "There is a request about this event already; call that off first."


class HeldAlready(Conflict):
    code = "held_already"
    public = "Your organisation has this event, or a part of it, already."


_SELECT: LiteralString = (
    "SELECT d.id, d.event_id, d.message, d.distribution, d.sharing_group_id, o.id, o.name,"
    " o.uuid::text, o.local, r.id, r.name, r.uuid::text, r.local, e.info, e.uuid::text,"
    " e.analysis, e.distribution, e.threat_level_id, e.date::text, "
    + ATTRIBUTE_COUNT
    + " FROM event_delegation d JOIN organisation o ON o.id = d.org_id"
    " JOIN organisation r ON r.id = d.requester_org_id JOIN event e ON e.id = d.event_id"
)


def _read(session: Session, where: LiteralString, params: dict[str, Any]) -> list[Delegation]:
    return [
        Delegation(*(*row[:5], OrganisationRef(*row[5:9]), OrganisationRef(*row[9:13]), *row[13:]))
        for row in session.all(_SELECT + where, params)
    ]


def enabled(session: Session) -> bool:
    return bool(settings.get(session, "events.delegation"))


def listed(session: Session, context: str = "") -> list[Delegation]:
    """The requests of and to the own organisation: all, `pending` here, or `issued` by it."""
    return _read(
        session,
        " WHERE (%(context)s <> 'pending' OR d.org_id = %(org)s)"
        " AND (%(context)s <> 'issued' OR d.requester_org_id = %(org)s) ORDER BY d.id",
        {"context": context, "org": session.principal.org_id},
    )


def one(session: Session, key: str | int) -> Delegation:
    """Raises NotFound."""
    text = str(key).strip()
    found = _read(session, " WHERE d.id = %(id)s", {"id": number_in(text)})
    if not found:
        raise NotFound(f"delegation {text[:60]!r} is absent or hidden")
    return found[0]


def of_event(session: Session, event_id: int) -> Delegation | None:
    """The request about an event, for those whom it concerns."""
    found = _read(session, " WHERE d.event_id = %(event)s", {"event": event_id})
    return found[0] if found else None


class Wanted(msgspec.Struct, frozen=True):
    """Whom to ask, and how the event is to be shared then."""

    org_id: int
    message: str | None = None
    distribution: int = UNDECIDED
    group: GroupRef | None = None


def ask(session: Session, event_key: str | int, wanted: Wanted) -> int:
    """Asks an organisation to take an event over; the request's id.

    Raises NotFound, Forbidden, NotDelegable, AskedAlready, Invalid, GroupRefused.
    """
    principal = session.principal
    event_id = find(session, "event", event_key)
    if not principal.may("delegate"):
        raise Forbidden(f"user {principal.user_id} may not delegate")
    held = claim(session, event_id)
    if held.orgc_id != principal.org_id or held.org_id != principal.org_id:
        raise Forbidden(f"event {event_id} was created by organisation {held.orgc_id}")
    level = session.value("SELECT distribution FROM event WHERE id = %s", (event_id,))
    if level != OWN_ORGANISATION:
        raise NotDelegable(f"event {event_id} is of level {level}")
    if of_event(session, event_id) is not None:
        raise AskedAlready(f"event {event_id} is delegated already")
    _check_organisation(session, wanted.org_id)
    group = group_id(session, wanted.group) if wanted.distribution == SHARING_GROUP else None
    made = int(
        session.value(
            "INSERT INTO event_delegation (event_id, org_id, requester_org_id, user_id, message,"
            " distribution, sharing_group_id) VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
            (
                event_id,
                wanted.org_id,
                principal.org_id,
                principal.user_id,
                wanted.message,
                wanted.distribution,
                group,
            ),
        )
    )
    reaudience(session, held)
    outbox.put(session, "delegation", event_id=event_id)
    audit.record(session, "delegate", "Event", event_id, change={"org_id": wanted.org_id})
    return made


def _check_organisation(session: Session, org_id: int) -> None:
    local = session.value("SELECT local FROM organisation WHERE id = %s", (org_id,))
    if local is None or not local or org_id == session.principal.org_id:
        raise Invalid("org_id", "another organisation of this node", str(org_id))


def accept(
    session: Session, key: str | int, level: int | None = None, group: GroupRef | None = None
) -> int:
    """Takes an event over; its id. The level is the requester's, if it named one.

    Raises NotFound, Forbidden, HeldAlready, GroupRefused.
    """
    found = one(session, key)
    principal = session.principal
    if found.asked.id != principal.org_id and not principal.is_site_admin:
        raise Forbidden(f"delegation {found.id} is for organisation {found.asked.id}")
    chosen, group_number = found.distribution, found.sharing_group_id
    if chosen == UNDECIDED:
        chosen = OWN_ORGANISATION if level is None else level
        group_number = group_id(session, group) if chosen == SHARING_GROUP else None
    outcome = session.value(
        "SELECT accept_delegation(%s, %s, %s, %s)",
        (found.id, chosen, group_number, int(time.time())),
    )
    if outcome == "held":
        raise HeldAlready(f"organisation {found.asked.id} holds parts of event {found.event_id}")
    if outcome != "taken":
        raise NotFound(f"delegation {found.id} was settled meanwhile, or may not be accepted")
    audit.record(
        session, "accept_delegation", "Event", found.event_id, found.info[:200],
        {"from_org_id": found.requester.id, "org_id": found.asked.id},
    )  # fmt: skip
    return found.event_id


def call_off(session: Session, key: str | int) -> Delegation:
    """Withdraws or declines a request. Raises NotFound, Forbidden."""
    found = one(session, key)
    principal = session.principal
    if not principal.may("add"):
        raise Forbidden(f"user {principal.user_id} may not settle delegations")
    gone = session.value("DELETE FROM event_delegation WHERE id = %s RETURNING id", (found.id,))
    if gone is None:
        raise NotFound(f"delegation {found.id} was settled meanwhile")
    audit.record(session, "discard_delegation", "Event", found.event_id, found.info[:200])
    return found
