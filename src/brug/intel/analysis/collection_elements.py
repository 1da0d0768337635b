# SPDX-License-Identifier: EUPL-1.2
"""What collections hold: events and clusters, each shown to whoever sees it anyway."""

from collections.abc import Sequence
from typing import LiteralString

import msgspec

from brug.intel.analysis.collections import claim
from brug.model.attribute_types import Refused
from brug.model.errors import NotFound
from brug.model.naming import is_uuid, number_in
from brug.store import audit
from brug.store.session import Session

ELEMENTS = frozenset({"Event", "GalaxyCluster"})
_SELECT: LiteralString = (
    "SELECT id, uuid::text, collection_id, element_type, element_uuid::text, description"
    " FROM collection_element"
)


class Element(msgspec.Struct):
    id: int
    uuid: str
    collection_id: int
    element_type: str
    element_uuid: str
    description: str


def elements(session: Session, ids: Sequence[int]) -> list[Element]:
    """What some collections hold, as far as it is seen."""
    return [
        Element(*row)
        for row in session.all(
            _SELECT + " WHERE collection_id = ANY (%s) ORDER BY id", (list(ids),)
        )
    ]


def add_element(
    session: Session, key: str | int, kind: str, uuid: str, description: str = ""
) -> Element:
    """Puts an event or cluster that one sees in. Raises NotFound, Forbidden, Refused."""
    found = claim(session, key)
    if kind not in ELEMENTS:
        raise Refused({"element_type": [f"Options: {', '.join(sorted(ELEMENTS))}"]})
    known = is_uuid(uuid) and session.value("SELECT element_is_seen(%s, %s)", (kind, uuid))
    if not known:
        raise Refused({"element_uuid": [f"Invalid {kind}."]})
    session.execute(
        "INSERT INTO collection_element (collection_id, element_type, element_uuid, description)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (found.id, kind, uuid, description),
    )
    session.execute("UPDATE collection SET modified = now() WHERE id = %s", (found.id,))
    audit.record(session, "add", "CollectionElement", found.id, f"{kind} {uuid}")
    return Element(
        *session.one(
            _SELECT + " WHERE collection_id = %s AND element_type = %s AND element_uuid = %s",
            (found.id, kind, uuid),
        )
        or ()
    )


def remove_element(session: Session, key: str) -> Element:
    """Takes one out, by its number or UUID. Raises NotFound, Forbidden."""
    row = session.one(
        _SELECT + " WHERE id = %s OR uuid = %s", (number_in(key), key if is_uuid(key) else None)
    )
    if row is None:
        raise NotFound(f"collection element {key[:60]!r} is absent or hidden")
    element = Element(*row)
    claim(session, element.collection_id)
    session.execute("DELETE FROM collection_element WHERE id = %s", (element.id,))
    audit.record(session, "delete", "CollectionElement", element.id, element.element_uuid)
    return element
