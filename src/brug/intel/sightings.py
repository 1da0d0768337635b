# SPDX-License-Identifier: EUPL-1.2
"""Sightings: who saw a value, when; a report of a false positive; an expiry.

Which of them a reader sees is the node's policy (`sightings.policy`, 0-3), in the database.
"""

import time
from collections.abc import Sequence
from typing import LiteralString
from uuid import uuid4

import msgspec

from brug.model.event import NewSighting
from brug.store.session import Session

COLUMNS: LiteralString = (
    "s.id, s.uuid::text, s.event_id, s.attribute_id, s.org_id, o.name, o.uuid::text,"
    " s.date_sighting, s.source, s.type"
)


class Sighting(msgspec.Struct):
    id: int
    uuid: str
    event_id: int
    attribute_id: int
    org_id: int
    org_name: str
    org_uuid: str
    date_sighting: int
    source: str
    type: int


def insert(session: Session, attribute_id: int, new: NewSighting, org_id: int) -> int:
    """Stores one sighting of an attribute that the session sees; its id."""
    found = session.value(
        "INSERT INTO sighting (uuid, event_id, attribute_id, org_id, holder_id, user_id,"
        " date_sighting, source, type, audience)"
        " SELECT %s, a.event_id, a.id, %s, a.org_id, %s, %s, %s, %s, a.audience"
        " FROM attribute a WHERE a.id = %s"
        " ON CONFLICT (uuid, holder_id) DO NOTHING RETURNING id",
        (
            new.uuid or str(uuid4()),
            org_id,
            session.principal.user_id,
            new.date_sighting or int(time.time()),
            new.source,
            new.type,
            attribute_id,
        ),
    )
    return int(found or 0)


def of_event(session: Session, event_id: int) -> list[Sighting]:
    return [
        Sighting(*row)
        for row in session.all(
            "SELECT " + COLUMNS + " FROM sighting s JOIN organisation o ON o.id = s.org_id"
            " WHERE s.event_id = %s ORDER BY s.id",
            (event_id,),
        )
    ]


def of_attributes(session: Session, attribute_ids: Sequence[int]) -> list[Sighting]:
    return [
        Sighting(*row)
        for row in session.all(
            "SELECT " + COLUMNS + " FROM sighting s JOIN organisation o ON o.id = s.org_id"
            " WHERE s.attribute_id = ANY (%s) ORDER BY s.id",
            (list(attribute_ids),),
        )
    ]
