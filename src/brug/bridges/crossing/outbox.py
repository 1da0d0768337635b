# SPDX-License-Identifier: EUPL-1.2
"""Changes of events get their places, once they are committed.

A transaction notes what it changed (triggers in `63_crossings.sql`) and takes no lock for it.
Places are given by one process at a time, so that a cursor over them never passes over a
transaction that commits late. Of several changes of an event only the last one counts: what
crosses is what the event says then.
"""

from brug.store.session import Session

ONE_ROUND = 10_000

_PLACE = """
WITH taken AS (
    DELETE FROM change_pending WHERE id IN (
        SELECT id FROM change_pending ORDER BY id LIMIT %s) RETURNING *
), last AS (
    SELECT DISTINCT ON (event_id) * FROM taken ORDER BY event_id, id DESC
), counted AS (
    SELECT *, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS several FROM last
), head AS (
    UPDATE change_head SET position = position + (SELECT count(*) FROM last)
    WHERE EXISTS (SELECT FROM last) RETURNING position
)
INSERT INTO event_change (event_id, event_uuid, withdrawn, position)
SELECT c.event_id, c.event_uuid, c.withdrawn, h.position - c.several + c.place
FROM counted c, head h
ON CONFLICT (event_id) DO UPDATE SET event_uuid = excluded.event_uuid,
    withdrawn = excluded.withdrawn, position = excluded.position
"""


def sequence(session: Session) -> int:
    """Places what is noted by now; how many events. Only within the sequencer's lock."""
    return session.execute(_PLACE, (ONE_ROUND,)).rowcount


def head(session: Session) -> int:
    """The last place that was given."""
    return int(session.value("SELECT position FROM change_head"))


def note_everything(session: Session) -> int:
    """Notes each published event, as for a bridge that is new; how many."""
    return session.execute(
        "INSERT INTO change_pending (event_id, event_uuid) SELECT id, uuid FROM event"
        " WHERE published ORDER BY id"
    ).rowcount


def note(session: Session, event_id: int) -> None:
    """Notes that an event has to be looked at again, for a reason that no row of it shows."""
    session.execute(
        "INSERT INTO change_pending (event_id, event_uuid)"
        " SELECT id, uuid FROM event WHERE id = %s",
        (event_id,),
    )
