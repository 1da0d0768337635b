# SPDX-License-Identifier: EUPL-1.2
"""One event that came from a server -> an event of ours, by the code that takes pushed ones.

The order is the security: who signed it, whose it is, then levels, then storing. An update of
a protected event that its stored keys did not sign is refused, as a new one is (a stock MISP
counts such an update as failed and stores it all the same).
"""

import time
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import psycopg

from brug.bridges.afterwards import brought
from brug.bridges.misp import levels, rules
from brug.bridges.misp.asking import Told
from brug.bridges.misp.report import Report
from brug.bridges.misp.rules import Rules
from brug.directory import brought_groups
from brug.directory.servers import Server
from brug.formats.misp import coercion as c
from brug.formats.misp.overlaying import head_of
from brug.formats.misp.reading import read_event
from brug.intel import adding, changing, protecting
from brug.intel.adding import EventExists
from brug.intel.changing import NotNewer
from brug.model.errors import BrugError, Conflict, Forbidden
from brug.model.new_event import Refusal
from brug.store import outbox
from brug.store.session import Session

SIGNATURE = "x-pgp-signature"
Outcome = Literal["added", "changed", "kept"]


class NotTaken(Conflict):
    """The event stays out."""

    code = "event_not_taken"


class Asked(msgspec.Struct, frozen=True):
    """Which event was asked for, and whether somebody chose it (a cherry-pick)."""

    key: str
    chosen: bool = False


def document_of(told: Told, asked: Asked) -> dict[str, Any]:
    """The event in an answer to events/view. Raises NotTaken."""
    value = told.value
    event = value.get("Event") if isinstance(value, dict) else None
    if not told.is_fine or not isinstance(event, dict):
        raise NotTaken(told.said if not told.is_fine else "the answer holds no event")
    uuid = c.uuid("uuid", event.get("uuid"))
    if uuid is None:
        raise NotTaken("the event has no UUID")
    if not asked.key.isdecimal() and uuid != asked.key.lower():
        raise NotTaken(f"asked for {asked.key[:40]}, answered with {uuid}")
    return event


def take(
    session: Session, server: Server, told: Told, asked: Asked, wanted: Rules, report: Report
) -> Outcome:
    """Stores what came in the session of our organisation's account.

    Raises NotTaken and whatever keeps an event out: NotSigned, EventBlocked, Refused, ...
    """
    event = document_of(told, asked)
    uuid = str(event["uuid"]).lower()
    event_id = _own_copy(session, server, uuid)
    new = head_of(event)
    header = str(told.headers.get(SIGNATURE, ""))
    if event_id is None:
        protecting.check_new(new, told.raw, header)
        _refuse_our_name(session, server, event, asked)
    else:
        protecting.check_known(session, event_id, new, told.raw, header)
    event, gone = rules.without_types(event, wanted)
    if gone and not rules.says_something(event):
        report.lose("events", "the rules of types leave nothing of them", uuid)
        return "kept"
    report.lose("attributes and objects", "left out by the rules of types", uuid, gone)
    event = _as_ours(event, server)
    brought_groups.bring(session, event)
    if event_id is None:
        return _added(session, server, event, report)
    return _changed(session, server, event_id, event, report)


class Held(msgspec.Struct, frozen=True):
    """A copy that we see: our own first, else another organisation's of this node."""

    event_id: int
    timestamp: int
    sighting_timestamp: int
    locked: bool
    is_ours: bool


def held_here(session: Session, uuids: Sequence[str]) -> dict[str, Held]:
    """Of some events those that are here, by UUID."""
    rows = session.all(
        "SELECT DISTINCT ON (uuid) uuid::text, id, timestamp, sighting_timestamp, locked,"
        " org_id = %s FROM event WHERE uuid = ANY (%s::uuid[])"
        " ORDER BY uuid, org_id = %s DESC, locked, id",
        (session.principal.org_id, list(uuids), session.principal.org_id),
    )
    return {row[0]: Held(*row[1:]) for row in rows}


def why_kept(held: Held, server: Server) -> str:
    """Why our copy is not touched by what this server has of it; nothing if it may be."""
    if not held.locked and not server.internal:
        return "this node made an event of that UUID itself"
    if not held.is_ours:
        return "another organisation of this node holds the event and brings its changes"
    return ""


def _own_copy(session: Session, server: Server, uuid: str) -> int | None:
    """What we hold of it. Raises NotTaken where that is not touched."""
    held = held_here(session, [uuid]).get(uuid)
    if held is None:
        return None
    if reason := why_kept(held, server):
        raise NotTaken(reason)
    return held.event_id


def _refuse_our_name(session: Session, server: Server, event: dict[str, Any], asked: Asked) -> None:
    """A partner does not make events in our name; somebody may choose one nevertheless."""
    creator = event.get("Orgc")
    uuid = str(creator.get("uuid", "")).lower() if isinstance(creator, dict) else ""
    if asked.chosen or server.internal or uuid != session.principal.org_uuid:
        return
    raise NotTaken(
        "it names our own organisation as its creator, and we hold no such event; whoever"
        " trusts it pulls it by its UUID"
    )


def _as_ours(event: dict[str, Any], server: Server) -> dict[str, Any]:
    """With the levels that it has here, locked, published at the time of the pull."""
    levels.pulled(event, internal=server.internal)
    event["locked"] = True
    event["publish_timestamp"] = str(int(time.time()))
    for name in ("user_id", "event_creator_email", "Org", "org_id", "orgc_id"):
        event.pop(name, None)
    return event


def _added(session: Session, server: Server, event: dict[str, Any], report: Report) -> Outcome:
    new = read_event(event)
    try:
        added = adding.add(session, new)
    except EventExists as error:
        # Somebody brought it meanwhile.
        return _changed(session, server, error.event_id, event, report)
    brought.note_from_server(session, server.id, added.event_id)
    _tell(session, server, added.event_id, bool(new.published))
    _refused(report, added.uuid, added.refused)
    return "added"


def _changed(
    session: Session, server: Server, event_id: int, event: dict[str, Any], report: Report
) -> Outcome:
    head = head_of(event)
    try:
        edited = changing.edit(session, event_id, head, event)
    except NotNewer:
        return "kept"
    except Forbidden as error:
        raise NotTaken("another organisation of this node holds the event") from error
    brought.note_from_server(session, server.id, event_id)
    _tell(session, server, event_id, bool(head.published))
    _refused(report, str(event["uuid"]), edited.refused)
    return "changed"


def _tell(session: Session, server: Server, event_id: int, published: bool) -> None:
    """The people who want to hear of published events, unless the record says otherwise."""
    if published and not server.publish_without_email:
        outbox.put(session, "alert", event_id=event_id)


def _refused(report: Report, uuid: str, refused: list[Refusal]) -> None:
    for one in refused:
        said = "; ".join(text for texts in one.errors.values() for text in texts)
        report.lose("items of events", f"could not be stored: {said}", f"{uuid} {one.place}")


def reason_of(error: Exception) -> str:
    """What a report says of an event that stayed out."""
    if isinstance(error, NotTaken):
        return str(error)
    if isinstance(error, BrugError):
        return error.public if error.public != type(error).public else str(error) or error.public
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, UnicodeEncodeError):
        return "it holds half of a surrogate pair"
    if isinstance(error, psycopg.Error):
        return "the database refused it"
    return type(error).__name__
