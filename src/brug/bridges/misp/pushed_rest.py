# SPDX-License-Identifier: EUPL-1.2
"""What is pushed beside events: clusters before them, notes after them.

A server that refuses one of these still gets the rest.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from brug.bridges.misp import judging, levels
from brug.bridges.misp.asking import Remote, Told
from brug.bridges.misp.state import Push
from brug.bridges.terms import Kind
from brug.directory.sharing_groups_as_misp import embedded
from brug.edge.outgoing import NotReached
from brug.formats.misp.analyst import head, moment
from brug.intel.analysis import analyst, analyst_trees
from brug.intel.leaving import for_servers
from brug.intel.vocabulary import cluster_search, clusters_as_misp
from brug.intel.vocabulary import clusters as stored_clusters
from brug.intel.vocabulary.cluster_search import Wanted as WantedClusters
from brug.model.analyst import KIND_NAMES
from brug.model.errors import NotFound
from brug.store.session import Session

Json = dict[str, Any]
AT_ONCE = 100
NOT_AGREED = "the agreement does not let them go as they are"


def posted(push: Push, what: str, uuid: str, path: str, body: Any) -> Told | None:
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


def agreed(push: Push, kind: Kind, event_uuid: str, said: Json) -> bool:
    """Whether the agreement, if there is one, lets go what was said of an event."""
    if push.bridge is None:
        return True
    try:
        with push.database.as_user(push.own_account_id) as session:
            event = for_servers.document(session, event_uuid)
    except NotFound:
        event = None
    with push.database.system() as session:
        lets = judging.lets(session, push.bridge, kind, event, said)
    if not lets:
        push.report.lose(f"{kind}s", NOT_AGREED, event_uuid)
    return lets


# Clusters ------------------------------------------------------------------------------


def clusters_of_event(push: Push, other: Remote, event_id: int) -> None:
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


def clusters(push: Push, other: Remote, uuids: Sequence[str] | None, *, ask: bool) -> None:
    """Published clusters that no vocabulary publishes; `ask`: those it has not yet alone."""
    if not other.perm_galaxy_editor:
        push.report.lose("clusters", "our key may not change clusters there")
        return
    with push.database.system() as session:
        if not judging.lets(session, push.bridge, "cluster", None, {}):
            push.report.lose("clusters", NOT_AGREED)
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


def _newer(push: Push, offered: dict[str, int]) -> dict[str, int]:
    question = {"published": 1, "minimal": 1, "custom": 1, "uuid": list(offered)}
    told = posted(push, "clusters", "", "/galaxy_clusters/restSearch", question)
    rows = told.value.get("response") if told and isinstance(told.value, dict) else []
    known: dict[str, int] = {}
    for row in rows if isinstance(rows, list) else []:
        one = row.get("GalaxyCluster") if isinstance(row, dict) else None
        version = str(one.get("version")) if isinstance(one, dict) else ""
        if isinstance(one, dict) and version.isascii() and version.isdecimal():
            known[str(one.get("uuid")).lower()] = int(version[:15])
    return {uuid: version for uuid, version in offered.items() if known.get(uuid, -1) < version}


def _send_clusters(push: Push, uuids: Sequence[str]) -> None:
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
    if sent and posted(push, "clusters", "", "/galaxies/pushCluster", sent) is not None:
        push.report.count("clusters", len(sent))


def _nothing(_name: str, _item: Json) -> None:
    """Relations that stay are no loss of the cluster."""


# Notes, opinions, relationships -----------------------------------------------------------


def analyst_data(push: Push, other: Remote) -> None:
    """Those that it wants, one in a request, as a stock server sends them."""
    if not other.perm_analyst_data:
        push.report.lose("notes", "our key may not bring analyst data there")
        return
    with push.database.as_user(push.account_id) as session:
        offered = _offered(session, internal=push.server.internal)
    if not offered:
        return
    path = "/analyst_data/filterAnalystDataForPush"
    told = posted(push, "analyst_data", "", path, offered)
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


def _send_note(push: Push, kind: int, name: str, uuid: str) -> None:
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
    if lowered is None or not agreed(push, "note", _event_of(push, uuid), {name: [lowered]}):
        return
    if posted(push, "analyst_data", uuid, "/analyst_data/pushAnalystData", {name: lowered}):
        push.report.count("analyst_data")


def _event_of(push: Push, uuid: str) -> str:
    """The event that a note hangs in, by UUID; nothing where it hangs in none."""
    with push.database.as_user(push.own_account_id) as session:
        found = session.value(
            "SELECT e.uuid::text FROM analyst_data d JOIN event e ON e.id = d.event_id"
            " WHERE d.uuid = %s LIMIT 1",
            (uuid,),
        )
    return str(found or "")
