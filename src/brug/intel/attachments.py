# SPDX-License-Identifier: EUPL-1.2
"""The bytes of attachments and samples, kept as they came.

A sample that its sender packed and encrypted stays so, one that came as it is is packed
first where the sender asks for that; nothing here unpacks, runs or looks into what it keeps.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import LiteralString

import msgspec

from brug.formats.encrypted_zip import pack
from brug.model.errors import TooLarge
from brug.model.new_event import NewAttribute
from brug.model.value_key import key
from brug.store import settings
from brug.store.session import Session

TYPES = frozenset({"attachment", "malware-sample"})


def prepare(session: Session, new: NewAttribute) -> None:
    """Packs a sample that came as it is. Raises TooLarge."""
    if new.data is None:
        return
    _fits("The attachment", new.data, session, "limits.attachment_bytes")
    if new.encrypt:
        # Encrypting costs half a second of a processor for each megabyte.
        _fits("A sample that is to be encrypted", new.data, session, "limits.sample_bytes")
        new.data, _ = pack(new.data, new.value1)
        new.encrypt = False


def _fits(what: str, data: bytes, session: Session, setting: str) -> None:
    limit = int(settings.get(session, setting))
    if len(data) > limit:
        raise TooLarge(what, limit, setting)


def put(session: Session, attribute_id: int, data: bytes) -> None:
    """Keeps the bytes of an attribute of the claimed event. Raises TooLarge."""
    _fits("The attachment", data, session, "limits.attachment_bytes")
    session.execute(
        "INSERT INTO attachment (attribute_id, event_id, audience, data)"
        " SELECT id, event_id, audience, %s FROM attribute WHERE id = %s"
        " ON CONFLICT (attribute_id) DO UPDATE SET data = excluded.data",
        (data, attribute_id),
    )


def get(session: Session, attribute_id: int) -> bytes | None:
    """The bytes of an attribute that the session sees."""
    found = session.value("SELECT data FROM attachment WHERE attribute_id = %s", (attribute_id,))
    return None if found is None else bytes(found)


def as_base64(session: Session, attribute_ids: Sequence[int]) -> dict[int, str]:
    """The bytes of several attributes, as MISP's JSON carries them."""
    rows = session.all(
        "SELECT attribute_id, data FROM attachment WHERE attribute_id = ANY (%s)",
        (list(attribute_ids),),
    )
    return {int(attribute_id): b64encode(data).decode() for attribute_id, data in rows}


class Kept(msgspec.Struct, frozen=True):
    """A sample with what a list says of it."""

    attribute_id: int
    event_id: int
    event_info: str
    filename: str
    digest: str
    data: bytes

    @property
    def base64(self) -> str:
        return b64encode(self.data).decode()


MOST_SAMPLES = 100
_KEPT: LiteralString = (
    "SELECT a.id, a.event_id, e.info, a.value1, a.value2, t.data FROM attribute a"
    " JOIN attachment t ON t.attribute_id = a.id JOIN event e ON e.id = a.event_id"
    " WHERE a.type = 'malware-sample' AND NOT a.deleted"
)


def samples_of(session: Session, event_id: int) -> list[Kept]:
    """The samples of an event that the session sees."""
    rows = session.all(
        _KEPT + " AND a.event_id = %s ORDER BY a.id LIMIT %s", (event_id, MOST_SAMPLES)
    )
    return [Kept(*row) for row in rows]


def samples_with(session: Session, digest: str, event_id: int | None) -> list[Kept]:
    """The samples whose own MD5 is `digest`, or that stand in an object beside it."""
    rows = session.all(
        _KEPT + " AND (%(event)s::bigint IS NULL OR a.event_id = %(event)s)"
        " AND a.id IN (SELECT m.id FROM attribute m WHERE m.key2 = %(key)s"
        "   UNION SELECT m.id FROM attribute b JOIN attribute m ON m.object_id = b.object_id"
        "   WHERE b.key1 = %(key)s AND b.object_id <> 0 AND NOT b.deleted)"
        " ORDER BY a.id LIMIT %(limit)s",
        {"event": event_id, "key": key(digest), "limit": MOST_SAMPLES},
    )
    return [Kept(*row) for row in rows]
