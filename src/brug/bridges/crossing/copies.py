# SPDX-License-Identifier: EUPL-1.2
"""Copies of an event that are here: which one counts, what makes way, what is kept beside it."""

import msgspec
from psycopg.types.json import Jsonb

from brug.bridges.crossing import fuller, messages
from brug.bridges.crossing.messages import Message
from brug.bridges.gate.markings import PSEUDONYM, REDACTED
from brug.bridges.partners import BridgeRow
from brug.intel import attributes, loading
from brug.intel.finding import Claim, claim
from brug.intel.label import tags
from brug.intel.leaving import whole
from brug.store.session import Session


class Held(msgspec.Struct, frozen=True):
    """A copy that is here: whose it is, its version, whether something was removed from it."""

    event_id: int
    org_id: int
    version: int
    redacted: bool
    is_creators: bool  # who made it brings it
    creator: str  # its UUID


def held_of(session: Session, event_uuid: str) -> Held | None:
    with session.as_system():
        row = session.one(
            "SELECT e.id, e.org_id, e.timestamp, EXISTS (SELECT 1 FROM event_tag t JOIN tag g"
            "   ON g.id = t.tag_id WHERE t.event_id = e.id AND g.name = %s), e.org_id = e.orgc_id,"
            " o.uuid::text FROM event e JOIN organisation o ON o.id = e.orgc_id"
            " WHERE e.uuid::text = lower(%s)"
            " ORDER BY e.org_id = %s DESC, e.timestamp DESC LIMIT 1",
            (REDACTED, event_uuid, session.principal.org_id),
        )
    return Held(*row) if row else None


def let_in(session: Session, bridge: BridgeRow, message: Message, held: Held) -> None:
    """Has a change of the same second as the version before it count as newer.

    Times are whole seconds: what was published again while the version before was on its way has
    the same one. What came once already is no such change, however late it comes again; neither
    is a copy from which something was removed.
    """
    if held.version != message["version"] or held.redacted or message.get("redacted"):
        return
    with session.as_system():
        came = session.value(
            "SELECT bool_or(digest = %s) FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND kind = 'event' AND version = %s",
            (messages.digest(message), bridge.id, message["event_uuid"], held.version),
        )
    if came is not False:
        return
    claim(session, held.event_id)
    session.execute("UPDATE event SET timestamp = timestamp - 1 WHERE id = %s", (held.event_id,))


def make_way(session: Session, held: Held, message: Message) -> bool:
    """A redacted copy may become fuller, by one of the same version or a newer one: whether it
    may. What stood in for values goes where all of them come.
    """
    if not held.redacted or held.version > message["version"]:
        return False
    claimed = claim(session, held.event_id)
    if message.get("redacted"):
        fuller.keep_fuller_title(session, held.event_id, message)
    else:
        _remove_stand_ins(session, claimed)
    # An edit has to be newer than what it edits.
    session.execute(
        "UPDATE event SET timestamp = least(timestamp, %s) WHERE id = %s",
        (message["version"] - 1, held.event_id),
    )
    return True


def _remove_stand_ins(session: Session, claimed: Claim) -> None:
    pseudonyms = session.all(
        "SELECT a.id FROM attribute a JOIN attribute_tag t ON t.attribute_id = a.id"
        " JOIN tag g ON g.id = t.tag_id WHERE a.event_id = %s AND g.name = %s",
        (claimed.event_id, PSEUDONYM),
    )
    attributes.remove(session, claimed, [row[0] for row in pseudonyms])
    tags.detach_from_event(session, claimed, [REDACTED])


def keep_ours(session: Session, bridge: BridgeRow, message: Message, held: Held) -> None:
    """What was changed here since the partner's last version, before a newer one replaces it."""
    with session.as_system():
        came = session.value(
            "SELECT max(version) FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND kind = 'event'",
            (bridge.id, message["event_uuid"]),
        )
    if came is None or not came < held.version < message["version"]:
        return
    ours = msgspec.to_builtins(whole.document(session, loading.event(session, held.event_id)))
    _insert(session, bridge, held, message["event_uuid"], held.version, ours, ours=True)


def keep_beside(session: Session, bridge: BridgeRow, message: Message, held: Held) -> None:
    """A version that is not served and says something else is kept until somebody settles it.

    What came before and comes again is not: what is served was made of it.
    """
    event_uuid, version = message["event_uuid"], message["version"]
    with session.as_system():
        came = session.value(
            "SELECT EXISTS (SELECT 1 FROM crossing WHERE bridge_id = %s AND event_uuid = %s"
            " AND NOT outward AND kind = 'event' AND version = %s)",
            (bridge.id, event_uuid, version),
        )
    if came:
        return
    _insert(session, bridge, held, event_uuid, version, message["event"], ours=False)


def _insert(
    session: Session,
    bridge: BridgeRow,
    held: Held,
    event_uuid: str,
    version: int,
    document: Message,
    *,
    ours: bool,
) -> None:
    with session.as_system():
        session.execute(
            "INSERT INTO version_beside (bridge_id, event_uuid, event_id, version, document, ours)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (bridge.id, event_uuid, held.event_id, version, Jsonb(document), ours),
        )
