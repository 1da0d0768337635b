# SPDX-License-Identifier: EUPL-1.2
"""What waits to be sent and no event's content decides: recalls, what is told, what is of cases."""

from brug.bridges.afterwards import telling
from brug.bridges.crossing import case_entries, documents_out, messages, noting, recalls, rows
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.noting import Due
from brug.bridges.crossing.rows import Crossing
from brug.model.errors import BrugError
from brug.store.session import Session

PIECES = 16  # of documents, in one round: each is a mebibyte


def due(session: Session, bridge_id: int) -> list[Due]:
    """The messages that are due on a bridge, in the order in which they were noted."""
    found = session.all(
        "WITH due AS (SELECT id, kind FROM crossing WHERE bridge_id = %s AND outward"
        "   AND kind IN ('recall', 'recall_followed', 'ended', 'opened', 'used', 'case',"
        "     'document')"
        "   AND (state = 'waiting' OR (state = 'failed' AND next_attempt <= now())))"
        " (SELECT id FROM due WHERE kind <> 'document' ORDER BY id LIMIT 500) UNION ALL"
        " (SELECT id FROM due WHERE kind = 'document' ORDER BY id LIMIT %s) ORDER BY id",
        (bridge_id, PIECES),
    )
    several = rows.crossings(session, [row[0] for row in found])
    written = ((one, _message(session, one)) for one in several)
    return [Due(one.id, messages.written(message)) for one, message in written if message]


def _message(session: Session, crossing: Crossing) -> Message | None:
    """None where it is a piece of what is not here any more: the others go on."""
    try:
        return _written(session, crossing)
    except BrugError as error:
        if crossing.kind != documents_out.KIND:
            raise
        session.execute("UPDATE crossing SET attempts = attempts + 1 WHERE id = %s", (crossing.id,))
        noting.failed(session, crossing, str(error))
        return None


def _written(session: Session, crossing: Crossing) -> Message:
    if crossing.kind in telling.KINDS:
        return telling.message_of(session, crossing)
    if crossing.kind == case_entries.KIND:
        return case_entries.message_of_uuid(session, crossing.event_uuid)
    if crossing.kind == documents_out.KIND:
        return documents_out.message_of(session, crossing)
    return recalls.message_of(crossing)
