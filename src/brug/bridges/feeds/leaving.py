# SPDX-License-Identifier: EUPL-1.2
"""What leaves published feeds at once: what is recalled from whoever reads them, or from here.

A feed for an organisation leaves out what was recalled from that organisation over any bridge, one
for anyone what was recalled from all; each until it is published again. What is kept here for the
law alone is in none.
"""

from collections.abc import Sequence

from brug.bridges.feeds import parts, published
from brug.bridges.feeds.passing import Document
from brug.bridges.feeds.published import Published
from brug.model.marking import KEPT, RECALLED
from brug.store.session import Session

_OF = (
    " FROM published_feed f LEFT JOIN bridge b ON b.id = f.bridge_id"
    " LEFT JOIN partner p ON p.id = b.partner_id"
)


def holding_it(session: Session, event_uuid: str, bridge_id: int | None = None) -> list[str]:
    """The names of the feeds, or of those of one bridge, that have an event. As the system."""
    return [
        row[0]
        for row in session.all(
            "SELECT f.name FROM published_feed f JOIN published_part p ON p.feed_id = f.id"
            " WHERE p.event_uuid = %s AND p.passes AND (%s::int IS NULL OR f.bridge_id = %s)"
            " ORDER BY f.name",
            (event_uuid, bridge_id, bridge_id),
        )
    ]


def for_anyone(session: Session, event_uuid: str) -> bool:
    """Whether a feed for anyone has an event. As the system."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT 1 FROM published_feed f JOIN published_part p"
            " ON p.feed_id = f.id WHERE p.event_uuid = %s AND p.passes AND f.bridge_id IS NULL)",
            (event_uuid,),
        )
    )


def take_out(session: Session, event_uuid: str, org_id: int | None) -> None:
    """Takes an event out of the feeds of an organisation, or of all. As the system.

    What is looked at meanwhile is waited for, and what is looked at from now on has to ask.
    """
    feeds = session.all(
        "SELECT f.id" + _OF + " WHERE %s::int IS NULL OR p.org_id = %s ORDER BY f.id"
        " FOR UPDATE OF f",
        (org_id, org_id),
    )
    if not feeds:
        return
    left = session.all(
        "DELETE FROM published_part WHERE event_uuid = %s AND feed_id = ANY (%s)"
        " RETURNING feed_id, passes",
        (event_uuid, [row[0] for row in feeds]),
    )
    gone = [feed_id for feed_id, passed in left if passed]
    for feed_id in gone:
        parts.settle(session, published.view(session, feed_id), "", looked_at=False)
    session.execute("UPDATE published_folder SET behind = true WHERE feed_id = ANY (%s)", (gone,))


def look_again(session: Session, bridge_id: int, event_uuid: str, waiting: int) -> None:
    """What feeds of a bridge have of an event is made anew with the next fetch; until then so
    many parts of it wait, at most. As the system.
    """
    feeds = session.all(
        "SELECT id FROM published_feed WHERE bridge_id = %s ORDER BY id FOR UPDATE", (bridge_id,)
    )
    judged = session.all(
        "UPDATE published_part SET fingerprint = '', waiting_parts = least(waiting_parts, %s)"
        " WHERE event_uuid = %s AND feed_id = ANY (%s) RETURNING feed_id",
        (waiting, event_uuid, [row[0] for row in feeds]),
    )
    session.execute(
        "UPDATE published_feed SET built = NULL WHERE id = ANY (%s)", ([row[0] for row in judged],)
    )


def note_recall_from_all(session: Session, event_uuid: str, version: int) -> None:
    """Whoever reads what is for anyone has it no more, either. As the system."""
    session.execute(
        "INSERT INTO recalled_from_all (event_uuid, version) VALUES (%s, %s)"
        " ON CONFLICT (event_uuid) DO UPDATE SET"
        " version = greatest(recalled_from_all.version, excluded.version)",
        (event_uuid, version),
    )


def staying_out(session: Session, feed: Published, documents: Sequence[Document]) -> set[str]:
    """Which of some events are not in a feed, whatever the gate says; as the system.

    Until the transaction ends nothing is recalled from who reads it.
    """
    session.execute("SELECT FROM published_feed WHERE id = %s FOR UPDATE", (feed.id,))
    uuids = [str(one["uuid"]) for one in documents]
    recalled: dict[str, int] = dict(
        session.all(
            "SELECT event_uuid::text, max(version) FROM ("
            " SELECT r.event_uuid, r.version FROM recalled_from_all r"
            " UNION ALL SELECT c.event_uuid, c.version FROM crossing c"
            "   JOIN bridge b ON b.id = c.bridge_id JOIN partner p ON p.id = b.partner_id"
            "   WHERE c.kind = 'recall' AND c.outward AND c.event_uuid = ANY (%(uuids)s::uuid[])"
            "   AND p.org_id = (SELECT q.org_id FROM bridge g JOIN partner q ON q.id = g.partner_id"
            "     WHERE g.id = %(bridge)s)) AS every"
            " WHERE event_uuid = ANY (%(uuids)s::uuid[]) GROUP BY event_uuid",
            {"uuids": uuids, "bridge": feed.bridge_id},
        )
    )
    kept = session.all(
        "SELECT e.uuid::text FROM event e JOIN event_tag l ON l.event_id = e.id"
        " JOIN tag g ON g.id = l.tag_id WHERE e.id = ANY (%s) AND g.name = ANY (%s)",
        ([int(one["id"]) for one in documents], [KEPT, RECALLED]),
    )
    stays = {one["uuid"] for one in documents
             if int(one["timestamp"]) <= recalled.get(one["uuid"], -1)}  # fmt: skip
    return stays | {row[0] for row in kept}
