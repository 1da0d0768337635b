# SPDX-License-Identifier: EUPL-1.2
"""The bytes of attachments and samples, kept as they came.

A sample that its sender packed and encrypted stays so; nothing here unpacks, runs or
looks into what it keeps.
"""

from base64 import b64encode
from collections.abc import Sequence

from brug.model.errors import TooLarge
from brug.store import settings
from brug.store.session import Session

TYPES = frozenset({"attachment", "malware-sample"})


def put(session: Session, attribute_id: int, data: bytes) -> None:
    """Keeps the bytes of an attribute of the claimed event. Raises TooLarge."""
    limit = int(settings.get(session, "limits.attachment_bytes"))
    if len(data) > limit:
        raise TooLarge("The attachment", limit, "limits.attachment_bytes")
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
