# SPDX-License-Identifier: EUPL-1.2
"""Which contents of documents are not among the node's files, for whoever runs it.

By cases and numbers alone: nothing is opened, and no name of a document is told.
"""

import msgspec

from brug.cases.documents import folder
from brug.store.pieces import Pieces, count
from brug.store.session import Session


class Missing(msgspec.Struct, frozen=True):
    """Numbers of cases some of whose contents are not here, and how many contents there are.

    `lost` were attached here; `awaited` are for a partner's node to bring.
    """

    lost: list[str]
    awaited: list[str]
    contents: int


def missing(session: Session) -> Missing:
    """By the system: what entries name, against what lies on the disk; not what is in it."""
    top = folder(session)
    rows = session.all(
        "SELECT f.number, f.uuid::text, d.content::text, max(d.size),"
        " bool_or(EXISTS (SELECT 1 FROM identity_key k WHERE k.key_id = e.key_id))"
        " FROM case_document d JOIN case_entry e ON e.number = d.entry"
        " JOIN case_file f ON f.id = d.case_id GROUP BY f.number, f.uuid, d.content ORDER BY 1"
    )
    absent: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for number, uuid, content, size, is_ours in rows:
        held = Pieces(top / uuid / content, session.seal, "")
        if not all(held.holds(place) for place in range(count(size))):
            absent[is_ours][number] = None
    return Missing(list(absent[True]), list(absent[False]), len(rows))
