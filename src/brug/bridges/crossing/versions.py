# SPDX-License-Identifier: EUPL-1.2
"""Conflicts: what both sides changed, kept beside what is served until somebody settles it.

The newest version from the creator's side is current and served. What else came, and what was
changed here before it came, is not lost and not in the way: a person sees what differs.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from brug.bridges.crossing.reading import items
from brug.bridges.partners import require_admin
from brug.intel import attributes, loading
from brug.intel.finding import claim
from brug.intel.intake.importing import Overrides, take_event
from brug.intel.leaving import whole
from brug.model.errors import Conflict, NotFound
from brug.store import audit
from brug.store.session import Database, Session

HEAD = ("info", "date", "threat_level_id", "analysis", "distribution")


class Difference(msgspec.Struct, frozen=True):
    """One thing that the two versions say differently; "" where one says nothing."""

    what: str
    served: str
    beside: str


class Beside(msgspec.Struct, frozen=True):
    """A version beside the served one. Times are UTC."""

    id: int
    partner: str
    event_id: int
    event_uuid: str
    info: str
    served: datetime
    beside: datetime
    came: datetime
    ours: bool  # what was changed here, and not what the partner sent
    differences: list[Difference]


def unsettled(session: Session) -> list[Beside]:
    """Those that nobody has settled, the oldest first."""
    rows = session.all(
        "SELECT v.id, p.name, v.event_id, v.event_uuid::text, v.version, v.came, v.ours,"
        " v.document"
        " FROM version_beside v JOIN bridge b ON b.id = v.bridge_id"
        " JOIN partner p ON p.id = b.partner_id WHERE v.settled IS NULL ORDER BY v.id LIMIT 100"
    )
    found = []
    for number, partner, event_id, uuid, version, came, ours, document in rows:
        try:
            held = loading.event(session, event_id)
        except NotFound:
            continue
        served = msgspec.to_builtins(whole.document(session, held))
        found.append(
            Beside(
                number, partner, event_id, uuid, held.head.info, _moment(served["timestamp"]),
                _moment(version), came, ours, differences(served, document),
            )
        )  # fmt: skip
    return found


def differences(served: Mapping[str, Any], beside: Mapping[str, Any]) -> list[Difference]:
    """Fields of the event, and its values, that are not the same."""
    found = [
        Difference(name, str(served.get(name, "")), str(beside.get(name, "")))
        for name in HEAD
        if str(served.get(name, "")) != str(beside.get(name, ""))
    ]
    here, there = _values(dict(served)), _values(dict(beside))
    for uuid in [*here, *(u for u in there if u not in here)]:
        if here.get(uuid) != there.get(uuid):
            kind, _ = (here.get(uuid) or there[uuid]).split(" ", 1)
            found.append(Difference(kind, here.get(uuid, ""), there.get(uuid, "")))
    return found


def _values(document: dict[str, Any]) -> dict[str, str]:
    return {
        str(a.get("uuid")): f"{a.get('type')} {a.get('value')}"
        for a in items(document)
        if not a.get("deleted")
    }


class HeldHere(Conflict):
    """No partner brings the event: an organisation of this node holds it."""

    code = "held_here"
    public = "An organisation of this node holds this event; propose the change to it."


def settle(database: Database, user_id: int, number: int, *, take: bool) -> None:
    """Serves the version beside from now on, or lets it be.

    It is stored as what a partner brings, in the session of whoever brought what is held.
    Raises NotFound, Forbidden, HeldHere.
    """
    with database.as_user(user_id) as session:
        require_admin(session)
        row = session.one(
            "SELECT v.event_id, v.document, v.event_uuid::text FROM version_beside v"
            " WHERE v.id = %s AND v.settled IS NULL",
            (number,),
        )
        if row is None:
            raise NotFound(f"no version {number} waits")
        event_id, document, event_uuid = row
        holder = _holder(session, event_id) if take else 0
    if take:
        now = int(datetime.now(UTC).timestamp())
        with database.as_user(holder) as session:
            held = take_event(session, {**document, "timestamp": str(now)}, Overrides(share=True))
            _only(session, held.event_id, document)
    with database.as_user(user_id) as session:
        with session.as_system():
            session.execute(
                "UPDATE version_beside SET settled = now(), settled_by = %s, taken = %s"
                " WHERE id = %s",
                (user_id, take, number),
            )
        change = {"taken": take, "event": event_uuid}
        audit.record(session, "settle", "Event", event_id, change=change)


def _holder(session: Session, event_id: int) -> int:
    """The account of the bridge over which what is held came."""
    with session.as_system():
        account = session.value(
            "SELECT b.account_id FROM event e JOIN partner p ON p.org_id = e.org_id"
            " JOIN bridge b ON b.partner_id = p.id WHERE e.id = %s ORDER BY b.id LIMIT 1",
            (event_id,),
        )
    if account is None:
        raise HeldHere(f"event {event_id} is held by an organisation of this node")
    return int(account)


def _only(session: Session, event_id: int, document: Mapping[str, Any]) -> None:
    """Marks as deleted what the version that is taken over does not say."""
    said = [str(one.get("uuid")).lower() for one in items(dict(document))]
    others = session.all(
        "SELECT id FROM attribute WHERE event_id = %s AND NOT deleted AND uuid::text <> ALL (%s)",
        (event_id, said),
    )
    if others:
        attributes.mark_deleted(session, claim(session, event_id), [row[0] for row in others])


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
