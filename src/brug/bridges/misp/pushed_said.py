# SPDX-License-Identifier: EUPL-1.2
"""Proposals and sightings to a server, for the events that both sides hold.

Proposals carry their proposer, whom a stock server leaves out; it then takes us for the one.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from brug.bridges.misp import index
from brug.bridges.misp.asking import Failed, Remote, remote
from brug.bridges.misp.pushed_rest import agreed, posted
from brug.bridges.misp.rules import Rules
from brug.bridges.misp.state import Push, Pushable
from brug.edge.outgoing import NotReached
from brug.formats.misp.writing import joined
from brug.formats.misp.writing import moment as seen_at
from brug.intel import finding
from brug.intel.proposal import proposals as stored_proposals
from brug.intel.proposal.proposals import Listed as Wanted
from brug.intel.sighting import sightings as stored_sightings
from brug.intel.sighting.sightings import Sighting
from brug.model.errors import NotFound
from brug.model.event import Proposal

Json = dict[str, Any]


# Proposals -----------------------------------------------------------------------------


def proposals(push: Push) -> None:
    """Of the events that both sides hold, all of them every time: the other side knows."""
    try:
        there = index.ask(push.database, push.link, push.report, Rules())
    except (Failed, NotReached) as error:
        push.report.fail("proposals", "", str(error))
        return
    for start in range(0, len(there), 1000):
        push.going_on()
        uuids = [one.uuid for one in there[start : start + 1000]]
        for uuid, sent in _proposals_on(push, uuids).items():
            if not agreed(push, "proposal", uuid, {"ShadowAttribute": sent}):
                continue
            told = posted(push, "proposals", uuid, f"/events/pushProposals/{uuid}", sent)
            counter = told.value.get("counter") if told and isinstance(told.value, dict) else 0
            if isinstance(counter, int) and counter > 0:
                push.report.count("proposals", counter)


def _proposals_on(push: Push, uuids: Sequence[str]) -> dict[str, list[Json]]:
    """By event. What the other side made it sees, whatever level our copy of it has."""
    found: dict[str, list[Json]] = {}
    for account_id, theirs in ((push.own_account_id, True), (push.account_id, False)):
        with push.database.as_user(account_id) as session:
            rows = session.all(
                "SELECT DISTINCT p.event_id, e.uuid::text FROM proposal p"
                " JOIN event e ON e.id = p.event_id WHERE e.uuid = ANY (%s::uuid[])"
                " AND CASE WHEN %s THEN e.orgc_id = %s ELSE e.published AND (%s OR"
                " e.distribution IN (2, 3, 4)) END",
                (list(uuids), theirs, push.server.remote_org_id, push.server.internal),
            )
            for event_id, uuid in rows:
                if uuid not in found:
                    several = stored_proposals.listed(session, Wanted(event_id))
                    found[uuid] = [_proposal(one) for one in several]
    return {uuid: several for uuid, several in found.items() if several}


def _proposal(one: Proposal) -> Json:
    return {
        "old_id": str(one.attribute_id),
        "type": one.type,
        "category": one.category,
        "to_ids": one.to_ids,
        "uuid": one.uuid,
        "comment": one.comment,
        "event_uuid": one.event_uuid,
        "deleted": one.deleted,
        "timestamp": str(one.timestamp),
        "proposal_to_delete": one.is_deletion,
        "disable_correlation": one.disable_correlation,
        "first_seen": seen_at(one.first_seen),
        "last_seen": seen_at(one.last_seen),
        "value": joined(one),
        "data": b64encode(one.data).decode() if one.data else "",
        "Org": {"name": one.org.name, "uuid": one.org.uuid},
    }


# Sightings -----------------------------------------------------------------------------


def sightings_of_published(push: Push, uuid: str) -> None:
    """After somebody published an event's sightings; nothing where it has not the event.

    Nothing is asked either where there is nothing to send: even the question names the event.
    """
    found = _to_send(push, uuid)
    if not found:
        return
    if push.link.head(f"/events/view/{uuid}") != 200:
        push.report.lose("sightings", "the other side has not the event", uuid)
        return
    other = remote(push.link)
    if not other.perm_sync:
        raise Failed("our key has no right to synchronise there: nothing was sent")
    _send_sightings(push, other, uuid, found)


def sightings(push: Push, other: Remote, candidates: Sequence[Pushable]) -> None:
    """Of the events that both sides hold and that have some that were published later here."""
    published = {o.uuid: o.sighting_timestamp for o in candidates if o.sighting_timestamp}
    if not published:
        return
    try:
        there = index.ask(push.database, push.link, push.report, Rules())
    except (Failed, NotReached) as error:
        push.report.fail("sightings", "", str(error))
        return
    for one in there:
        if published.get(one.uuid, 0) > one.sighting_timestamp:
            push.going_on()
            if found := _to_send(push, one.uuid):
                _send_sightings(push, other, one.uuid, found)


def _to_send(push: Push, uuid: str) -> list[Sighting]:
    """Of an event that the other side made or may get, what the policy shows it of them."""
    try:
        with push.database.as_user(push.account_id) as session:
            event_id = finding.find(session, "event", uuid)
            may_go = session.value(
                "SELECT %s OR orgc_id = %s OR distribution IN (2, 3, 4) FROM event WHERE id = %s",
                (push.server.internal, push.server.remote_org_id, event_id),
            )
            found = stored_sightings.of_event(session, event_id) if may_go else []
    except NotFound:
        may_go, found = False, []
    if not may_go:
        push.report.lose("sightings", "their event stays here by its level or its group", uuid)
    elif not found:
        push.report.lose(
            "sightings", "the setting sightings.policy shows none of them to the other side", uuid
        )
    return found


def _send_sightings(push: Push, other: Remote, uuid: str, found: list[Sighting]) -> None:
    if other.filters_sightings:
        path = f"/sightings/filterSightingUuidsForPush/{uuid}"
        told = posted(push, "sightings", uuid, path, [one.uuid for one in found])
        if told is None:
            return
        known = {str(one).lower() for one in told.value} if isinstance(told.value, list) else set()
        found = [one for one in found if one.uuid not in known]
    if found and agreed(push, "sighting", uuid, {"Sighting": [_sighting(o) for o in found]}):
        path = f"/sightings/bulkSaveSightings/{uuid}"
        if posted(push, "sightings", uuid, path, [_sighting(one) for one in found]):
            push.report.count("sightings", len(found))


def _sighting(one: Sighting) -> Json:
    named = {"uuid": one.org_uuid, "name": one.org_name}
    return {
        "date_sighting": str(one.date_sighting),
        "uuid": one.uuid,
        "source": one.source,
        "type": str(one.type),
        "attribute_uuid": one.attribute_uuid,
    } | ({"Organisation": named} if one.org_uuid else {})
