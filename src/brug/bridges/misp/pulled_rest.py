# SPDX-License-Identifier: EUPL-1.2
"""What is pulled beside events: clusters before them; proposals and notes after them.

None of it is fatal: a stock server that refuses one of these requests is pulled from
nevertheless, and the run says so.
"""

import time
from collections.abc import Iterator
from typing import Any

from brug.bridges.misp import levels, pulled_event
from brug.bridges.misp.asking import Told
from brug.bridges.misp.rules import Rules
from brug.bridges.misp.state import Pull
from brug.directory import brought_groups
from brug.edge.outgoing import NotReached
from brug.formats.misp import analyst as form
from brug.formats.misp import coercion as c
from brug.formats.misp.analyst_inside import below
from brug.formats.misp.reading_attributes import read_proposal
from brug.intel.analysis import analyst_taking
from brug.intel.levels import GroupRefused
from brug.intel.proposal import bringing_proposals
from brug.intel.vocabulary import cluster_exchange, cluster_search
from brug.intel.vocabulary.cluster_search import Wanted
from brug.model.analyst import KIND_NAMES
from brug.model.errors import BrugError, Forbidden, Invalid, Unavailable
from brug.model.new_event import NewProposal
from brug.store.session import Session

Json = dict[str, Any]
PROPOSALS_SINCE = 90 * 86_400  # seconds back: what was settled before that is over
PAGE = 1000
MOST_PAGES = 1000
NOTES_AT_ONCE = 100


def clusters_in_tags(session: Session) -> list[str]:
    """UUIDs of own clusters of anybody's that tags which the session sees stand for."""
    rows = session.all(
        "SELECT DISTINCT substring(t.name FROM '\"([0-9a-f-]{36})\"$') FROM tag t"
        " WHERE t.is_galaxy AND t.name ~ '\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"$'"
        " AND (EXISTS (SELECT 1 FROM event_tag e WHERE e.tag_id = t.id)"
        "      OR EXISTS (SELECT 1 FROM attribute_tag a WHERE a.tag_id = t.id)) ORDER BY 1"
    )
    return [row[0] for row in rows]


def _asked(pull: Pull, what: str, told: Told | None, reason: str = "") -> Told | None:
    """The answer where it is one; else it is noted that this part was not to be had."""
    if told is not None and told.is_fine and told.value is not None:
        return told
    pull.report.fail(what, "", reason or (told.said if told else "no answer"))
    return None


def get(pull: Pull, what: str, path: str) -> Told | None:
    try:
        return _asked(pull, what, pull.link.get(path))
    except NotReached as error:
        return _asked(pull, what, None, str(error))


def post(pull: Pull, what: str, path: str, body: Any) -> Told | None:
    try:
        return _asked(pull, what, pull.link.post(path, body))
    except NotReached as error:
        return _asked(pull, what, None, str(error))


# Clusters ------------------------------------------------------------------------------


def clusters(pull: Pull, question: Json) -> None:
    """Those that are new here, or of a higher version there."""
    told = post(pull, "clusters", "/galaxy_clusters/restSearch", question)
    offered = dict(_versions(told.value)) if told else {}
    with pull.database.as_user(pull.account_id) as session:
        here = dict(cluster_search.versions(session, Wanted(uuids=list(offered))))
    for uuid, version in offered.items():
        if uuid in here and here[uuid] >= version:
            continue
        pull.going_on()
        found = get(pull, "cluster", f"/galaxy_clusters/view/{uuid}")
        raw = found.value.get("GalaxyCluster") if found and isinstance(found.value, dict) else None
        if isinstance(raw, dict):
            _take_cluster(pull, uuid, raw)


def _versions(value: Any) -> Iterator[tuple[str, int]]:
    rows = value.get("response") if isinstance(value, dict) else None
    for row in rows if isinstance(rows, list) else []:
        one = row.get("GalaxyCluster") if isinstance(row, dict) else None
        try:
            uuid = c.uuid("uuid", one.get("uuid")) if isinstance(one, dict) else None
            if isinstance(one, dict) and uuid is not None:
                yield uuid, c.integer("version", one.get("version")) or 0
        except Invalid:
            continue


def _take_cluster(pull: Pull, uuid: str, raw: Json) -> None:
    levels.pulled(raw, internal=pull.server.internal)
    raw["locked"] = True
    try:
        if c.uuid("uuid", raw.get("uuid")) != uuid:
            raise Invalid("uuid", f"the cluster that was asked for, {uuid}")
        with pull.database.as_user(pull.account_id) as session:
            brought_groups.bring(session, raw)
            taken = cluster_exchange.take(session, [raw])
    except Unavailable:
        raise
    except BrugError as error:
        pull.report.fail("cluster", uuid, error.public)
        return
    pull.report.count("clusters", taken.imported)
    for reason in taken.refusals:
        pull.report.fail("cluster", uuid, reason.partition(": ")[2])


# Proposals -----------------------------------------------------------------------------


def proposals(pull: Pull) -> None:
    """Of the last 90 days, page by page; settled ones are known by that."""
    since = int(time.time()) - PROPOSALS_SINCE
    for page in range(1, MOST_PAGES + 1):
        told = get(
            pull, "proposals",
            f"/shadow_attributes/index/all:1/timestamp:{since}/limit:{PAGE}/page:{page}"
            "/deleted[]:0/deleted[]:1.json",
        )  # fmt: skip
        rows = told.value if told and isinstance(told.value, list) else []
        by_event: dict[str, list[NewProposal]] = {}
        for row in rows:
            _read_proposal(pull, row, by_event)
        for uuid, several in by_event.items():
            pull.going_on()
            _take_proposals(pull, uuid, several)
        if len(rows) < PAGE:
            return


def _read_proposal(pull: Pull, row: Any, by_event: dict[str, list[NewProposal]]) -> None:
    found = row.get("ShadowAttribute") if isinstance(row, dict) else None
    raw: Json = found if isinstance(found, dict) else {}
    try:
        event_uuid = c.uuid("event_uuid", raw.get("event_uuid"))
        if event_uuid is not None:
            by_event.setdefault(event_uuid, []).append(read_proposal(raw))
    except Invalid as error:
        pull.report.fail("proposal", "", error.public)


def _take_proposals(pull: Pull, uuid: str, several: list[NewProposal]) -> None:
    try:
        with pull.database.as_user(pull.account_id) as session:
            held = pulled_event.held_here(session, [uuid]).get(uuid)
            if held is None:
                return
            count = bringing_proposals.bring(session, held.event_id, several)
    except Unavailable:
        raise
    except BrugError as error:
        pull.report.fail("proposals", uuid, error.public)
        return
    pull.report.count("proposals", count)


# Notes, opinions, relationships -----------------------------------------------------------


def analyst_data(pull: Pull, wanted: Rules) -> None:
    """Those that are new, or newer than what this server's side sent before."""
    names = [*wanted.orgs[0]]
    told = post(pull, "analyst_data", "/analyst_data/indexMinimal", {"orgc_name": names})
    offered = told.value if told and isinstance(told.value, dict) else {}
    for kind, name in enumerate(KIND_NAMES):
        new = _new_notes(pull, offered.get(name))
        for start in range(0, len(new), NOTES_AT_ONCE):
            pull.going_on()
            part = "/".join(f"uuid[]:{uuid}" for uuid in new[start : start + NOTES_AT_ONCE])
            found = get(pull, "analyst_data", f"/analyst_data/index/{name}/{part}.json")
            rows = found.value if found and isinstance(found.value, list) else []
            for row in rows:
                _take_note(pull, kind, row.get(name) if isinstance(row, dict) else None)


def _new_notes(pull: Pull, offered: Any) -> list[str]:
    times = {}
    for uuid, modified in offered.items() if isinstance(offered, dict) else ():
        try:
            known = c.uuid("uuid", uuid)
            if known is not None:
                times[known] = form.time_of("modified", modified)
        except Invalid:
            pull.report.lose("notes", "their UUID or time could not be read")
    with pull.database.as_user(pull.account_id) as session:
        wanted = analyst_taking.wanted(session, times)
    return [uuid for uuid in times if uuid in wanted]


def _take_note(pull: Pull, kind: int, raw: Any) -> None:
    if not isinstance(raw, dict):
        return
    uuid = str(raw.get("uuid", ""))
    levels.pulled(raw, internal=pull.server.internal)
    raw["locked"] = True
    try:
        with pull.database.as_user(pull.account_id) as session:
            brought_groups.bring(session, raw)
            outcome = analyst_taking.take(session, form.read(kind, raw))
            analyst_taking.take_inside(session, below(kind, raw))
    except (Invalid, GroupRefused, Forbidden) as error:
        pull.report.fail("analyst_data", uuid, error.public)
        return
    pull.report.count("analyst_data", int(outcome == "imported"))
