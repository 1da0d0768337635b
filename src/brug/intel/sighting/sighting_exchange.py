# SPDX-License-Identifier: EUPL-1.2
"""Sightings that a partner brings, those of one event at a time; and when ours are ready to go.

What a partner may not see is not confirmed: a known sighting that is hidden from it counts
as taken, as a new one does.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from brug.directory.capturing import capture
from brug.formats.misp import coercion
from brug.intel.finding import find, uuid_of
from brug.intel.sighting.sightings import Reported, store
from brug.model.errors import Forbidden, Invalid
from brug.model.event import OrganisationRef
from brug.model.new_event import NewSighting
from brug.store import audit
from brug.store.session import Session


class Brought(msgspec.Struct):
    """A sighting as a partner sends it; `org` is who saw it."""

    uuid: str
    attribute_uuid: str
    date_sighting: int
    source: str
    type: int
    org: OrganisationRef | None = None


def read(raw: dict[str, Any]) -> Brought | None:
    """None for what is no sighting: the others are taken nevertheless, as MISP does."""
    raw = raw["Sighting"] if isinstance(raw.get("Sighting"), dict) else raw
    uuid, attribute = _uuid(raw.get("uuid")), _uuid(raw.get("attribute_uuid"))
    if not uuid or not attribute:
        return None
    try:
        return Brought(
            uuid, attribute,
            coercion.seconds("date_sighting", raw.get("date_sighting")) or 0,
            coercion.text("source", raw.get("source")),
            coercion.integer("type", raw.get("type"), 0, 2) or 0,
            _organisation(raw.get("Organisation")),
        )  # fmt: skip
    except Invalid:
        return None


def _uuid(value: Any) -> str:
    try:
        return coercion.uuid("uuid", value) or ""
    except Invalid:
        return ""


def _organisation(given: Any) -> OrganisationRef | None:
    if not isinstance(given, dict) or not (uuid := _uuid(given.get("uuid"))):
        return None
    name = coercion.text("name", given.get("name")) or uuid
    return OrganisationRef(0, name[:255], uuid, local=False)


def known(session: Session, key: str, uuids: Sequence[str]) -> list[str]:
    """Which of some sightings of an event the session sees here. Raises NotFound."""
    event_id = find(session, "event", key)
    rows = session.all(
        "SELECT uuid::text FROM sighting WHERE event_id = %s AND uuid = ANY (%s::uuid[])"
        " ORDER BY id",
        (event_id, list(uuids)),
    )
    return [str(row[0]) for row in rows]


def take(session: Session, key: str, brought: Sequence[Brought]) -> int:
    """Stores them on the attributes that are seen; how many are new. Raises NotFound.

    Deleted ones included: else whoever brings some would bring them again every time.

    Only a synchronising user says that somebody else saw something.
    """
    principal = session.principal
    if not (principal.may("sync") or principal.may("sighting")):
        raise Forbidden(f"user {principal.user_id} may not report sightings")
    event_id = find(session, "event", key)
    had = set(known(session, key, [one.uuid for one in brought]))
    new = {one.uuid: one for one in brought if one.uuid not in had}
    if not new:
        return 0
    reporters = _reporters(session, list(new.values()))
    targets = _targets(session, event_id, [one.attribute_uuid for one in new.values()])
    added = store(
        session,
        [
            Reported(
                targets[one.attribute_uuid],
                reporters[one.uuid],
                NewSighting(one.uuid, one.date_sighting, one.source, one.type),
            )
            for one in new.values()
            if one.attribute_uuid in targets
        ],
    )
    if added:
        audit.record(session, "add", "Sighting", event_id, f"{len(added)} sightings of an event")
    return len(added)


def _reporters(session: Session, brought: Sequence[Brought]) -> dict[str, int]:
    own = session.principal.org_id
    if not session.principal.may("sync"):
        return {one.uuid: own for one in brought}
    orgs = {one.org.uuid: one.org for one in brought if one.org is not None and one.org.uuid}
    ids = {uuid: capture(session, org) for uuid, org in sorted(orgs.items())}
    return {one.uuid: ids.get(one.org.uuid, own) if one.org else own for one in brought}


def _targets(session: Session, event_id: int, uuids: Sequence[str]) -> dict[str, int]:
    rows = session.all(
        "SELECT uuid::text, id FROM attribute WHERE event_id = %s AND uuid = ANY (%s::uuid[])",
        (event_id, list(uuids)),
    )
    return {str(uuid): int(attribute_id) for uuid, attribute_id in rows}


def publish(session: Session, key: str) -> int:
    """Notes that the sightings of an event may go to partners; its id.

    Raises NotFound and Forbidden.
    """
    event_id = find(session, "event", key)
    if not session.principal.may("sighting"):
        raise Forbidden(f"user {session.principal.user_id} may not publish sightings")
    note_published(session, event_id)
    audit.record(session, "publish_sightings", "Event", event_id)
    uuid = uuid_of(session, "event", event_id)
    session.execute("SELECT queue_server_push('sightings', %s)", (uuid,))
    return event_id


def note_published(session: Session, event_id: int) -> None:
    """From now on partners that compare times ask for the sightings of an event."""
    session.execute("SELECT publish_sightings(%s)", (event_id,))
