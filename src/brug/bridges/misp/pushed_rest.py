# SPDX-License-Identifier: EUPL-1.2
"""What is pushed beside events: clusters before them; proposals, sightings, notes after them.

A server that refuses one of these still gets the rest. Proposals carry their proposer, whom
a stock server leaves out; it then takes us for the one.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from brug.bridges.misp import index, levels
from brug.bridges.misp.asking import Failed, Remote, Told, remote
from brug.bridges.misp.rules import Rules
from brug.directory.sharing_groups_as_misp import embedded
from brug.edge.outgoing import NotReached
from brug.formats.misp.analyst import head, moment
from brug.formats.misp.writing import joined
from brug.formats.misp.writing import moment as seen_at
from brug.intel import finding
from brug.intel.analysis import analyst, analyst_trees
from brug.intel.proposal import proposals as stored_proposals
from brug.intel.proposal.proposals import Listed as Wanted
from brug.intel.sighting import sightings as stored_sightings
from brug.intel.sighting.sightings import Sighting
from brug.intel.vocabulary import cluster_search, clusters_as_misp
from brug.intel.vocabulary import clusters as stored_clusters
from brug.intel.vocabulary.cluster_search import Wanted as WantedClusters
from brug.model.analyst import KIND_NAMES
from brug.model.errors import NotFound
from brug.model.event import Proposal
from brug.store.session import Session

if TYPE_CHECKING:
    from brug.bridges.misp.pushing import Push, Pushable

Json = dict[str, Any]
AT_ONCE = 100


def _posted(push: "Push", what: str, uuid: str, path: str, body: Any) -> Told | None:
    """The answer where it is one; else it is noted."""
    try:
        told = push.link.post(path, body)
    except NotReached as error:
        push.report.fail(what, uuid, str(error))
        return None
    if told.is_fine and told.value is not None:
        return told
    push.report.fail(what, uuid, told.said)
    return None


# Clusters ------------------------------------------------------------------------------


def clusters_of_event(push: "Push", other: Remote, event_id: int) -> None:
    """The own clusters that an event's tags stand for."""
    with push.database.as_user(push.account_id) as session:
        rows = session.all(
            "SELECT DISTINCT c.uuid::text FROM galaxy_cluster c JOIN tag t ON t.name = c.tag_name"
            " WHERE NOT c.is_default AND (t.id IN (SELECT tag_id FROM event_tag"
            "   WHERE event_id = %(event)s AND NOT local) OR t.id IN (SELECT tag_id"
            "   FROM attribute_tag WHERE event_id = %(event)s AND NOT local))",
            {"event": event_id},
        )
    if rows:
        clusters(push, other, [row[0] for row in rows], ask=True)


def clusters(push: "Push", other: Remote, uuids: Sequence[str] | None, *, ask: bool) -> None:
    """Published clusters that no vocabulary publishes; `ask`: those it has not yet alone."""
    if not other.perm_galaxy_editor:
        push.report.lose("clusters", "our key may not change clusters there")
        return
    internal = push.server.internal
    wanted = WantedClusters(
        uuids=uuids, custom=True, published=True, levels=None if internal else [2, 3, 4]
    )
    with push.database.as_user(push.account_id) as session:
        offered = dict(cluster_search.versions(session, wanted))
    if ask and offered:
        offered = _newer(push, offered)
    for start in range(0, len(offered), AT_ONCE):
        push.going_on()
        _send_clusters(push, list(offered)[start : start + AT_ONCE])


def _newer(push: "Push", offered: dict[str, int]) -> dict[str, int]:
    question = {"published": 1, "minimal": 1, "custom": 1, "uuid": list(offered)}
    told = _posted(push, "clusters", "", "/galaxy_clusters/restSearch", question)
    rows = told.value.get("response") if told and isinstance(told.value, dict) else []
    known: dict[str, int] = {}
    for row in rows if isinstance(rows, list) else []:
        one = row.get("GalaxyCluster") if isinstance(row, dict) else None
        version = str(one.get("version")) if isinstance(one, dict) else ""
        if isinstance(one, dict) and version.isascii() and version.isdecimal():
            known[str(one.get("uuid")).lower()] = int(version[:15])
    return {uuid: version for uuid, version in offered.items() if known.get(uuid, -1) < version}


def _send_clusters(push: "Push", uuids: Sequence[str]) -> None:
    with push.database.as_user(push.account_id) as session:
        found = cluster_search.found(session, WantedClusters(uuids=uuids))
        stored_clusters.complete(session, found, relations=True)
        shown = msgspec.to_builtins(clusters_as_misp.whole_clusters_json(session, found))
        groups = embedded(
            session, sorted({o.sharing_group_id for o in found if o.sharing_group_id})
        )
    sent = []
    for one, raw in zip(found, shown, strict=True):
        if one.sharing_group_id in groups:
            raw["SharingGroup"] = groups[one.sharing_group_id]
        for name in ("id", "galaxy_id", "org_id", "orgc_id", "TargetingClusterRelation"):
            raw.pop(name, None)
        lowered = levels.pushed(raw, internal=push.server.internal, cut=_nothing)
        if lowered is not None:
            sent.append({"GalaxyCluster": lowered})
    if sent and _posted(push, "clusters", "", "/galaxies/pushCluster", sent) is not None:
        push.report.count("clusters", len(sent))


def _nothing(_name: str, _item: Json) -> None:
    """Relations that stay are no loss of the cluster."""


# Proposals -----------------------------------------------------------------------------


def proposals(push: "Push") -> None:
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
            told = _posted(push, "proposals", uuid, f"/events/pushProposals/{uuid}", sent)
            counter = told.value.get("counter") if told and isinstance(told.value, dict) else 0
            if isinstance(counter, int) and counter > 0:
                push.report.count("proposals", counter)


def _proposals_on(push: "Push", uuids: Sequence[str]) -> dict[str, list[Json]]:
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


def sightings_of_published(push: "Push", uuid: str) -> None:
    """After somebody published an event's sightings; nothing where it has not the event."""
    if push.link.head(f"/events/view/{uuid}") != 200:
        push.report.lose("sightings", "the other side has not the event", uuid)
        return
    other = remote(push.link)
    if not other.perm_sync:
        raise Failed("our key has no right to synchronise there: nothing was sent")
    _send_sightings(push, other, uuid)


def sightings(push: "Push", other: Remote, candidates: Sequence["Pushable"]) -> None:
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
            _send_sightings(push, other, one.uuid)


def _send_sightings(push: "Push", other: Remote, uuid: str) -> None:
    try:
        with push.database.as_user(push.account_id) as session:
            event_id = finding.find(session, "event", uuid)
            found = stored_sightings.of_event(session, event_id)
    except NotFound:
        found = []
    if not found:
        push.report.lose("sightings", "the node's policy shows none to the other side", uuid)
        return
    if other.filters_sightings:
        path = f"/sightings/filterSightingUuidsForPush/{uuid}"
        told = _posted(push, "sightings", uuid, path, [one.uuid for one in found])
        if told is None:
            return
        known = {str(one).lower() for one in told.value} if isinstance(told.value, list) else set()
        found = [one for one in found if one.uuid not in known]
    if found:
        path = f"/sightings/bulkSaveSightings/{uuid}"
        if _posted(push, "sightings", uuid, path, [_sighting(one) for one in found]):
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


# Notes, opinions, relationships -----------------------------------------------------------


def analyst_data(push: "Push", other: Remote) -> None:
    """Those that it wants, one in a request, as a stock server sends them."""
    if not other.perm_analyst_data:
        push.report.lose("notes", "our key may not bring analyst data there")
        return
    with push.database.as_user(push.account_id) as session:
        offered = _offered(session, internal=push.server.internal)
    if not offered:
        return
    path = "/analyst_data/filterAnalystDataForPush"
    told = _posted(push, "analyst_data", "", path, offered)
    if told is None or not isinstance(told.value, dict):
        return
    for kind, name in enumerate(KIND_NAMES):
        answered = told.value.get(name)
        wanted = set(answered) & set(offered.get(name, {})) if isinstance(answered, dict) else ()
        for uuid in sorted(wanted):
            push.going_on()
            _send_note(push, kind, name, uuid)


def _offered(session: Session, *, internal: bool) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    rows: Iterable[Any] = session.all(
        "SELECT kind, uuid::text, modified FROM analyst_data"
        " WHERE %s OR distribution IN (2, 3, 4) ORDER BY kind, id",
        (internal,),
    )
    for kind, uuid, modified in rows:
        found.setdefault(KIND_NAMES[kind], {})[uuid] = moment(modified)
    return found


def _send_note(push: "Push", kind: int, name: str, uuid: str) -> None:
    with push.database.as_user(push.account_id) as session:
        several = analyst.listed(session, kind, uuids=[uuid])
        if not several:
            return
        item = several[0]
        raw = head(item) | analyst_trees.beside(session, [item])[item.uuid]
        if item.sharing_group_id is not None:
            raw["SharingGroup"] = embedded(session, [item.sharing_group_id]).get(
                item.sharing_group_id
            )
    raw |= {"locked": True}
    for own in ("id", "_canEdit"):
        raw.pop(own, None)
    lowered = levels.pushed(raw, internal=push.server.internal, cut=_nothing)
    if lowered is None:
        return
    if _posted(push, "analyst_data", uuid, "/analyst_data/pushAnalystData", {name: lowered}):
        push.report.count("analyst_data")
