# SPDX-License-Identifier: EUPL-1.2
"""Outward: what a change means for one bridge, decided and put on record before anything leaves.

In this order: what the partner may read (its own session), what is wanted (the bridge's filters),
which level it leaves with (the hop rule), what the agreement allows (the gate). The decision, the
crossing and the ledger's entry are one transaction; only then is it sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from brug.bridges import agreements, gate
from brug.bridges.crossing import (
    drafting,
    filtering,
    messages,
    noting,
    reading,
    recalls,
    rows,
    unsaying,
)
from brug.bridges.crossing.drafting import Draft, Now, Subject
from brug.bridges.crossing.messages import Message
from brug.bridges.crossing.noting import Due
from brug.bridges.gate import hop
from brug.bridges.partners import BridgeRow
from brug.store.session import Database, Session


class Change(msgspec.Struct, frozen=True):
    """An event to look at; `withdrawn` says that it was deleted or made a draft by hand.

    `attributes` are how many it has, as far as that matters to whoever looks at several.
    """

    position: int
    event_id: int
    event_uuid: str
    withdrawn: bool
    attributes: int = 0


def changes(session: Session, bridge_id: int, most: int, after: int = 0) -> list[Change]:
    """What the bridge has not looked at yet, oldest first; `after` what is being looked at."""
    found = session.all(
        "SELECT c.position, c.event_id, c.event_uuid::text, c.withdrawn,"
        " coalesce(e.attribute_count, 0) FROM event_change c"
        " JOIN bridge_progress g ON g.bridge_id = %s AND c.position > greatest(g.carried, %s)"
        " LEFT JOIN event e ON e.id = c.event_id ORDER BY c.position LIMIT %s",
        (bridge_id, after, most),
    )
    return [Change(*row) for row in found]


def again(session: Session, bridge_id: int, most: int) -> list[Change]:
    """Events whose crossing was not finished, failed or has been released, and is due now."""
    found = session.all(
        "SELECT a.*, coalesce(e.attribute_count, 0) FROM ("
        " SELECT 0, c.event_id, c.event_uuid::text, c.kind = 'withdrawal' AS withdrawn"
        " FROM crossing c"
        " WHERE c.bridge_id = %(bridge)s AND c.outward"
        " AND c.kind IN ('event', 'withdrawal', 'reactions') AND (c.state = 'waiting'"
        " OR (c.state = 'failed' AND c.next_attempt <= now()))"
        " UNION SELECT 0, a.event_id, a.event_uuid::text, a.withdrawn FROM carry_again a"
        " WHERE a.bridge_id = %(bridge)s AND a.next_attempt <= now() ORDER BY 3 LIMIT %(most)s"
        " ) AS a LEFT JOIN event e ON e.id = a.event_id ORDER BY a.event_uuid, a.withdrawn DESC",
        {"bridge": bridge_id, "most": most},
    )
    return [Change(*row) for row in found]


def look_at(database: Database, bridge: BridgeRow, several: Sequence[Change]) -> list[Due]:
    """Decides what of some events crosses now, notes it, and gives back what has to be sent.

    What the partner may read is read in its session.
    """
    with database.system() as session:
        resting = _nothing_to_say(session, bridge, several)
    several = [change for change in several if change.event_id not in resting]
    if not several:
        return []
    there = [change.event_id for change in several if not change.withdrawn]
    with database.as_user(bridge.account_id) as session:
        # A letter says what its events hold, and so needs each attribute as a document.
        read = reading.all_for_partner(session, there, folded=bridge.transport != "mail")
    found: list[Due] = []
    with database.system() as session:
        rows.one_by_one(session, bridge.id)
        at = datetime.now(UTC)
        now = Now(bridge, agreements.in_force(session, bridge.id, at), at)
        for some in _apart(several):
            # What was due of an event before is not what is due of it now.
            ended = {change.event_uuid for change in some}
            found = [one for one in found if one.message["event_uuid"] not in ended]
            found += _noted(session, now, some, read)
    return found


def _nothing_to_say(
    session: Session, bridge: BridgeRow, several: Sequence[Change]
) -> frozenset[int]:
    """What the partner made or brought, of which nobody said anything and nothing went there.

    Nothing can be due of it; all that a partner sends is such, once, and need not be read.
    """
    found = session.all(
        "SELECT e.id FROM event e JOIN organisation o ON o.id = e.orgc_id"
        " WHERE e.id = ANY (%(ids)s) AND (o.uuid = %(partner)s OR EXISTS (SELECT 1 FROM crossing c"
        "   WHERE c.bridge_id = %(bridge)s AND c.event_uuid = e.uuid AND NOT c.outward"
        "   AND c.kind = 'event' AND c.state = 'received'))"
        " AND NOT EXISTS (SELECT 1 FROM crossing c"
        "   WHERE c.bridge_id = %(bridge)s AND c.event_uuid = e.uuid AND c.outward)"
        " AND NOT EXISTS (SELECT 1 FROM sighting s WHERE s.event_id = e.id)"
        " AND NOT EXISTS (SELECT 1 FROM proposal p WHERE p.event_id = e.id)"
        " AND NOT EXISTS (SELECT 1 FROM analyst_data a WHERE a.event_id = e.id)",
        {
            "ids": [change.event_id for change in several if not change.withdrawn],
            "partner": bridge.org_uuid,
            "bridge": bridge.id,
        },
    )
    return frozenset(row[0] for row in found)


def _apart(several: Sequence[Change]) -> Iterator[list[Change]]:
    """In runs that have no event twice: what is noted of it first decides on it then."""
    run: dict[str, Change] = {}
    for change in several:
        if change.event_uuid in run:
            yield list(run.values())
            run = {}
        run[change.event_uuid] = change
    if run:
        yield list(run.values())


def _noted(
    session: Session, now: Now, several: Sequence[Change], read: Mapping[int, Message]
) -> list[Due]:
    """Of as many events as changes: first what is taken back, then what crosses."""
    subjects, leaving = _sorted(session, now.bridge, several, read)
    if now.agreement is not None:
        # What crossed stays until the draft is published, or somebody unpublishes it.
        leaving -= _drafts(session, several)
    drafts = drafting.of_several(session, now, list(subjects.values()))
    crossing = dict(zip(subjects, drafts, strict=True))
    # Where it is refused, what the partner has of it is taken back.
    leaving |= {
        uuid for uuid, draft in crossing.items()
        if draft.kind == "event" and draft.decision.outcome == "refuse"
    }  # fmt: skip
    withdrawals = _withdrawals(session, now.bridge, leaving)
    noted = noting.note_several(
        session,
        now.bridge,
        [
            (change.event_id, of_kind[change.event_uuid])
            for change in several
            for of_kind in (withdrawals, crossing)
            if change.event_uuid in of_kind
        ],
    )
    due = [one for one in noted if one is not None]
    noting.end_others(session, now.bridge, [change.event_uuid for change in several], due)
    return due


def _drafts(session: Session, several: Sequence[Change]) -> set[str]:
    """The events that are being edited; what a person unpublished is `withdrawn`."""
    found = session.all(
        "SELECT id FROM event WHERE id = ANY (%s) AND NOT published",
        ([change.event_id for change in several if not change.withdrawn],),
    )
    edited = {row[0] for row in found}
    return {one.event_uuid for one in several if not one.withdrawn and one.event_id in edited}


def _sorted(
    session: Session, bridge: BridgeRow, several: Sequence[Change], read: Mapping[int, Message]
) -> tuple[dict[str, Subject], set[str]]:
    """What is to be decided on, by event, and the events that are not for the partner."""
    documents = {
        change.event_uuid: read[change.event_id]
        for change in several
        if not change.withdrawn and change.event_id in read
    }
    theirs = _theirs(session, bridge, documents)
    unsaid = unsaying.due(session, bridge, {uuid: documents[uuid] for uuid in theirs})
    recalled = recalls.recalled(session, bridge, list(documents))
    by_hand = _asked_for(session, bridge, several) if bridge.filters else frozenset()
    partner_org = str(bridge.org_uuid)
    subjects: dict[str, Subject] = {}
    unwanted: set[str] = set()
    resting: set[str] = set()
    for uuid, document in documents.items():
        if uuid in theirs:
            here = reading.reactions(document, partner_org)
            if (said := hop.said_lowered(here, bridge.transport, partner_org)) or uuid in unsaid:
                subjects[uuid] = Subject(document, said or {"uuid": uuid})
            continue
        if int(document["timestamp"]) <= recalled.get(uuid, -1):
            resting.add(uuid)  # until it is published again
            continue
        reading.leave_out_what_was_said_by(document, partner_org)
        kept = filtering.wanted(document, {} if uuid in by_hand else bridge.filters)
        if kept is None:
            unwanted.add(uuid)
        elif (lowered := reading.lowered(kept, bridge.transport, partner_org)) is not None:
            subjects[uuid] = Subject(lowered)
    if bridge.transport == "mail":
        # What was wanted and grew old was read long ago: a letter to take it back helps nobody.
        noting.end_waiting(session, bridge, sorted(unwanted))
        theirs |= unwanted
    every = {change.event_uuid for change in several}
    return subjects, every - subjects.keys() - theirs - resting


def _asked_for(session: Session, bridge: BridgeRow, several: Sequence[Change]) -> frozenset[str]:
    """The events that a person sent by hand, whatever the filters say."""
    found = session.all(
        "SELECT event_id FROM crossing_asked WHERE bridge_id = %s AND event_id = ANY (%s)",
        (bridge.id, [change.event_id for change in several]),
    )
    asked = {row[0] for row in found}
    return frozenset(change.event_uuid for change in several if change.event_id in asked)


def _theirs(
    session: Session, bridge: BridgeRow, documents: Mapping[str, Message]
) -> frozenset[str]:
    """The events that the partner made, or brought here."""
    brought = session.all(
        "SELECT event_uuid::text FROM crossing WHERE bridge_id = %s"
        " AND event_uuid = ANY (%s::uuid[]) AND NOT outward AND kind = 'event'"
        " AND state = 'received'",
        (bridge.id, list(documents)),
    )
    partner_org = str(bridge.org_uuid)
    made = {uuid for uuid, one in documents.items() if reading.creator(one) == partner_org}
    return frozenset(made.union(row[0] for row in brought))


def _withdrawals(session: Session, bridge: BridgeRow, leaving: set[str]) -> dict[str, Draft]:
    """What crossed and is not for the partner any more is taken back; what waits is ended."""
    if not leaving:
        return {}
    noting.end_waiting(session, bridge, list(leaving))
    return {
        uuid: Draft(
            "withdrawal", uuid, messages.of_withdrawal(uuid, had.version), had.info,
            gate.PASS, None, gate.PASS,
        )
        for uuid, had in rows.all_held_there(session, bridge.id, list(leaving)).items()
    }  # fmt: skip
