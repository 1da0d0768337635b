# SPDX-License-Identifier: EUPL-1.2
"""What is not to come in (again): lists of UUIDs that the node's administrators keep.

An event that is deleted is put on its list by the database (`delete_event`), as are analyst
data and clusters: as what its creator made, so that nobody keeps another's away. Whoever sends
something that is on a list is told so; who reads the lists is a site admin.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from brug.model.errors import Conflict, NotFound
from brug.model.naming import is_uuid, number_in
from brug.store import audit
from brug.store.session import Session

List = Literal["event", "organisation", "cluster", "analyst_data", "sighting"]
LISTS: tuple[List, ...] = ("event", "organisation", "cluster", "analyst_data", "sighting")
MOST_AT_ONCE = 10_000


class Entry(msgspec.Struct, frozen=True):
    """One UUID on a list."""

    id: int
    uuid: str
    created: datetime
    info: str
    comment: str
    orgc: str
    times: int
    last_time: datetime | None


class EventBlocked(Conflict):
    """The event is on the list of events."""

    code = "event_blocked"
    status = 403
    public = "Event blocked by event blocklist."


class OrganisationBlocked(Conflict):
    """The event's creator is on the list of organisations."""

    code = "organisation_blocked"
    status = 403
    public = "Event blocked by organisation blocklist."


def is_blocked(session: Session, of: List, uuid: str, creator: str) -> bool:
    """Whether a list that is in use keeps out an item that an organisation (UUID) made."""
    return bool(session.value("SELECT is_blocked(%s, %s, %s)", (of, uuid, creator)))


def refuse_blocked(session: Session, events: Sequence[tuple[str | None, str]]) -> None:
    """Of events and their creators (UUIDs), raises EventBlocked or OrganisationBlocked.

    It is counted if the caller commits.
    """
    row = session.one(
        "SELECT event, creator, by_event FROM ("
        " SELECT event, creator, coalesce(is_blocked('event', event, creator), false) AS by_event"
        " FROM unnest(%s::uuid[], %s::uuid[]) AS sent (event, creator)) AS known"
        " WHERE by_event OR is_blocked('organisation', creator, NULL)"
        " ORDER BY by_event DESC LIMIT 1",
        ([event for event, _ in events], [creator for _, creator in events]),
    )
    if row is None:
        return
    event_uuid, orgc_uuid, by_event = row
    if by_event:
        session.execute("SELECT count_blocked('event', %s, %s)", (event_uuid, orgc_uuid))
        raise EventBlocked(f"event {event_uuid}")
    session.execute("SELECT count_blocked('organisation', %s, NULL)", (orgc_uuid,))
    raise OrganisationBlocked(f"event of organisation {orgc_uuid}")


def entries(session: Session, of: List, **wanted: str | None) -> list[Entry]:
    """A list, or what of it fits: `uuid` and `orgc` whole, `info` and `comment` in part."""
    return [
        Entry(*row)
        for row in session.all(
            "SELECT id, uuid::text, created, info, comment, orgc, times, last_time FROM blocked"
            " WHERE list = %(of)s AND (%(uuid)s::text IS NULL OR uuid::text = lower(%(uuid)s))"
            " AND (%(orgc)s::text IS NULL OR orgc = %(orgc)s)"
            " AND (%(info)s::text IS NULL OR position(lower(%(info)s) IN lower(info)) > 0)"
            " AND (%(comment)s::text IS NULL OR position(lower(%(comment)s) IN lower(comment)) > 0)"
            " ORDER BY id",
            {"of": of, "uuid": None, "orgc": None, "info": None, "comment": None} | wanted,
        )
    ]


class Added(msgspec.Struct):
    successes: list[str] = []
    fails: list[str] = []


def add(session: Session, of: List, uuids: Iterable[str], **fields: str) -> Added:
    """Puts UUIDs on a list; those that are there already, or are none, fail."""
    done = Added([], [])
    for uuid in uuids:
        number = None
        if is_uuid(uuid):
            number = session.value(
                "INSERT INTO blocked (list, uuid, info, comment, orgc) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING RETURNING id",
                (of, uuid, *(fields.get(name, "") for name in ("info", "comment", "orgc"))),
            )
        if number is None:
            done.fails.append(uuid)
            continue
        done.successes.append(uuid)
        audit.record(session, "add", "Blocklist", int(number), f"{of} {uuid}")
    return done


def find(session: Session, of: List, key: str) -> Entry:
    """By number or UUID. Raises NotFound."""
    row = None
    if number_in(key) is not None or is_uuid(key):
        row = session.one(
            "SELECT id, uuid::text, created, info, comment, orgc, times, last_time FROM blocked"
            " WHERE list = %s AND (uuid::text = lower(%s) OR id::text = %s) ORDER BY id LIMIT 1",
            (of, key, key),
        )
    if row is None:
        raise NotFound(f"nothing called {key[:60]!r} on the list {of}")
    return Entry(*row)


def edit(session: Session, of: List, key: str, changes: dict[str, Any]) -> Entry:
    """Changes `info`, `comment` and `orgc` of an entry. Raises NotFound."""
    found = find(session, of, key)
    session.execute(
        "UPDATE blocked SET info = coalesce(%s, info), comment = coalesce(%s, comment),"
        " orgc = coalesce(%s, orgc) WHERE id = %s",
        (*(changes.get(name) for name in ("info", "comment", "orgc")), found.id),
    )
    audit.record(session, "edit", "Blocklist", found.id, f"{of} {found.uuid}", changes)
    return find(session, of, key)


def remove(session: Session, of: List, key: str) -> Entry:
    """Takes an entry off a list. Raises NotFound."""
    found = find(session, of, key)
    session.execute("DELETE FROM blocked WHERE id = %s", (found.id,))
    audit.record(session, "delete", "Blocklist", found.id, f"{of} {found.uuid}")
    return found
