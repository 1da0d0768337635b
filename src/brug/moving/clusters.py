# SPDX-License-Identifier: EUPL-1.2
"""Clusters and galaxies that the other side made itself; the published ones are here already.

Clusters keep UUID, creator, holder, version and level. Their numbers do not come along:
those of published vocabularies differ from node to node.
"""

from functools import partial
from typing import Any

from brug.intel.vocabulary import cluster_exchange
from brug.model.errors import Invalid
from brug.moving.client import Refused, listed
from brug.moving.numbers import Numbers
from brug.moving.taking import Source, guarded, name_of, unwrapped
from brug.store.session import Session

WANTED = {"custom": 1, "minimal": 1}


def take_clusters(source: Source) -> None:
    """All own clusters, one after the other."""
    try:
        found = listed(source.misp.post("/galaxy_clusters/restSearch", WANTED))
    except Refused as error:
        source.report.remarks.append(f"own clusters: not asked for ({error})")
        return
    for done, item in enumerate(found):
        source.told("cluster", done, len(found))
        source.report.count("own cluster", there=1)
        uuid = str(unwrapped(item, "GalaxyCluster").get("uuid"))
        try:
            raw = unwrapped(source.misp.get(f"/galaxy_clusters/view/{uuid}"), "GalaxyCluster")
        except Refused as error:
            source.report.remarks.append(f"own cluster {uuid}: {error}")
            continue
        with source.database.as_user(source.user_id) as session:
            numbers = Numbers(session, source.move)
            name = f"own cluster {name_of(raw)}"
            if guarded(source.report, session, name, partial(_take, session, numbers, raw)):
                source.report.count("own cluster", here=1)


def _take(session: Session, numbers: Numbers, raw: dict[str, Any]) -> None:
    holder = numbers.of("organisation", raw.get("org_id"))
    group = raw.get("sharing_group_id")
    if group not in (None, "", 0, "0"):
        raw = raw | {"sharing_group_id": numbers.of("sharing_group", group)}
    if holder is None:
        raise Invalid("org_id", "an organisation that came along")
    taken = cluster_exchange.take(session, [raw])
    if taken.failed:
        raise Invalid("GalaxyCluster", taken.refusals[0].partition(": ")[2])
    session.execute(
        "UPDATE galaxy_cluster SET org_id = %s, locked = %s WHERE uuid = %s AND NOT is_default",
        (holder, raw.get("locked") is True, raw.get("uuid")),
    )
