# SPDX-License-Identifier: EUPL-1.2
"""`/users/statistics/...`: unlike in MISP, what is counted is what the reader sees."""

from collections.abc import Callable
from typing import Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.node.servers import uuid_for
from brug.api.misp.outcomes import reaching
from brug.api.misp.refusals import MispError
from brug.directory import organisations
from brug.intel.counting import community_counts as counts
from brug.intel.counting import matrices, statistics
from brug.intel.search import filters
from brug.intel.vocabulary.clusters import Cluster
from brug.intel.vocabulary.clusters_as_misp import cluster_json, elements_json
from brug.store.session import Session


def _data(session: Session) -> Any:
    found = counts.totals(session)
    correlations = counts.correlations(session)
    events, local = max(found.events, 1), max(found.local_organisations, 1)
    return {
        "stats": {
            "event_count": str(found.events),
            "event_count_month": str(found.events_month),
            "attribute_count": str(found.attributes),
            "attribute_count_month": str(found.attributes_month),
            "attributes_per_event": str(round(found.attributes / events)),
            "correlation_count": None if correlations is None else str(correlations),
            "proposal_count": str(found.proposals),
            "user_count": str(found.users),
            "user_count_pgp": str(found.users_with_key),
            "org_count": str(found.organisations),
            "local_org_count": str(found.local_organisations),
            "contributing_org_count": str(found.contributors),
            "average_user_per_org": str(round(found.users / local, 1)),
            # The node has no discussions.
            "thread_count": "0",
            "thread_count_month": "0",
            "post_count": "0",
            "post_count_month": "0",
        }
    }


def _orgs(session: Session) -> Any:
    by_org = {row[0]: row[1:] for row in counts.per_organisation(session)}
    answer = {}
    for one in organisations.listed(session):
        users, events, attributes = by_org.get(one.id, (0, 0, 0))
        answer[one.name] = {
            "id": str(one.id),
            "name": one.name,
            "description": one.description or None,
            "local": one.local,
            "contacts": one.contacts or None,
            "type": one.type,
            "sector": one.sector,
            "nationality": one.nationality,
            "userCount": str(users),
            "eventCount": str(events),
            "attributeCount": str(attributes),
        }
    return answer


def _users(session: Session) -> Any:
    orgs = counts.growth(session)
    names = ("total", "month", "year")

    def data(grown: tuple[int, ...]) -> dict[str, Any]:
        return {"data": dict(zip(names, grown, strict=True))}

    return {
        "user": data(counts.accounts(session)),
        "org_local": data(orgs.get("local", (0, 0, 0))),
        "org_external": data(orgs.get("external", (0, 0, 0))),
    }


def _tags(session: Session) -> Any:
    used = statistics.tags(session)
    flat = {name: {"name": name, "size": str(count)} for name, count in used.items()}
    return {
        "flatData": {"custom": flat},
        "treemap": {"name": "tags", "children": [{"name": "custom", "children": [*flat.values()]}]},
    }


def _histogram(session: Session) -> Any:
    by_org: dict[str, dict[str, int]] = {}
    for org, kind, count in counts.types(session):
        by_org.setdefault(org, {})[kind] = count
    return [
        {
            "data": {kind: str(count) for kind, count in kinds.items()},
            "org_name": org,
            "total": sum(kinds.values()),
        }
        for org, kinds in sorted(by_org.items(), key=lambda item: -sum(item[1].values()))
    ]


_SIGHTED = ("sighting", "false-positive", "expiration")


def _sightings(session: Session) -> Any:
    events: dict[str, dict[str, list[str]]] = {}
    for source, kind, ids in counts.sighted_events(session):
        events.setdefault(source, {})[_SIGHTED[kind]] = [str(one) for one in ids]
    return {"toplist": dict(counts.sighting_sources(session)), "eventids": events}


def _matrix(call: Call) -> Any:
    """Clusters in the phases of their kill chains; `scores` of the events that are named."""
    named = call.named
    asked = {"from": "dateFrom", "to": "dateTo", "org": "organisation"}
    chosen = {name: named[given] for name, given in asked.items() if named.get(given, "0") != "0"}
    with reaching((404, "Invalid galaxy.")):
        galaxy = matrices.galaxy(call.session, named.get("galaxy_id"))
    scores = matrices.scores(call.session, galaxy, filters.read("events", chosen))
    found = matrices.matrix(call.session, galaxy, scores)
    return {
        "matrix": {
            chain: {
                phase: [_technique(one) for one in several] for phase, several in phases.items()
            }
            for chain, phases in found.items()
        },
        "scores": scores or [],
        "instance-uuid": uuid_for(call),
    }


def _technique(cluster: Cluster) -> dict[str, Any]:
    shown = cluster_json(cluster) | {"GalaxyElement": elements_json(cluster)}
    ids = cluster.meta.get("external_id")
    return shown | {"external_id": ids[0]} if ids else shown


PAGES: dict[str, Callable[[Session], Any]] = {
    "data": _data, "orgs": _orgs, "users": _users, "tags": _tags,
    "attributehistogram": _histogram, "sightings": _sightings,
}  # fmt: skip
MATRIX = "galaxyMatrix"


@endpoint(
    "users", "statistics",
    shows=("directory", "event", "attribute", "tag", "sighting"),
    probes=tuple(("GET", f"/users/statistics/{page}", None) for page in (*PAGES, MATRIX)),
    summary="Counts of what one sees: data, orgs, users, tags, attributehistogram, sightings,"
    " galaxyMatrix",
)  # fmt: skip
def page(call: Call) -> Answer:
    name = call.arg(0, "data").lower()
    if name == MATRIX.lower():
        return Answer(_matrix(call))
    found = PAGES.get(name)
    if found is None:
        raise MispError(404, "Invalid page")
    return Answer(found(call.session))
