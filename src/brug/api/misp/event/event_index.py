# SPDX-License-Identifier: EUPL-1.2
"""`/events/index`: the list of events, in JSON or CSV.

In the path a filter's name has the prefix `search`; only these act there without it:
searchall, limit, page, sort, direction, minimal. In a body names stand as they are. The
query string is not read.
"""

import hashlib
from typing import Any

import structlog

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.item.item_json import event_head
from brug.formats.csv import quoted
from brug.formats.json_text import encode
from brug.formats.misp.writing import number
from brug.intel.search import listing
from brug.intel.search.listing import Listed, ListedTag
from brug.intel.vocabulary.clusters_as_misp import galaxies_by_tag
from brug.store.session import Session

log = structlog.get_logger("brug.api.misp.search")

_PLAIN = frozenset({"searchall", "limit", "page", "sort", "direction", "minimal"})
_CSV = (
    "id", "date", "info", "tags", "uuid", "published", "analysis", "attribute_count", "orgc_id",
    "orgc_name", "orgc_uuid", "timestamp", "distribution", "sharing_group_id", "threat_level_id",
    "publish_timestamp", "extends_uuid",
)  # fmt: skip


def parameters(call: Call) -> dict[str, Any]:
    """Of the path, and of the body, which wins."""
    given: dict[str, Any] = {}
    for name, value in call.named.items():
        if name in _PLAIN:
            given[name] = value
        elif name.lower().startswith("search"):
            given[name[len("search") :]] = value
    if call.method not in {"GET", "HEAD"}:
        given |= call.data("Event")
    return given


@endpoint(
    "events",
    "index",
    shows=("event", "tag"),
    probes=(
        ("GET", "/events/index", None),
        ("GET", "/events", None),
        ("POST", "/events/index", {"minimal": 1}),
        ("GET", "/events/index.csv", None),
    ),
    summary="The list of events, by filters",
    body={"org": "name", "eventinfo": "part of a title", "limit": "number", "page": "number"},
)
def index(call: Call) -> Answer:
    asked = listing.read(parameters(call))
    if asked.ignored:
        log.info("parameters ignored", path=call.path, names=asked.ignored[:20])
    if asked.minimal and call.principal.may("sync"):
        asked.parts.append(listing.SIGNABLE)
    found, total = listing.page(call.session, asked)
    headers = {"X-Result-Count": str(total)}
    if call.path.endswith(".csv") or "text/csv" in call.accept:
        return Answer(_csv(found), headers=headers, media_type="text/csv; charset=UTF-8")
    if asked.minimal:
        return unless_known(call, [_minimal(one) for one in found], headers)
    return Answer(rows(call.session, found), headers=headers)


def rows(session: Session, found: list[Listed]) -> list[dict[str, Any]]:
    """Events as a list shows them."""
    galaxies = _galaxies(session, found)
    return [_event(one, galaxies) for one in found]


def unless_known(call: Call, payload: Any, headers: dict[str, str]) -> Answer:
    """The answer with its ETag, or 304 where the asker holds just that."""
    content = encode(payload)
    tag = f'"{hashlib.sha256(content).hexdigest()[:40]}"'
    if call.headers.get("if-none-match") == tag:
        return Answer(b"", 304, {"ETag": tag})
    return Answer(content, headers=headers | {"ETag": tag})


def _minimal(one: Listed) -> dict[str, Any]:
    head = one.head
    return {
        "id": str(head.id),
        "timestamp": str(head.timestamp),
        "sighting_timestamp": str(head.sighting_timestamp),
        "published": head.published,
        "uuid": head.uuid,
        "orgc_uuid": one.orgc.uuid,
    }


def _galaxies(session: Session, found: list[Listed]) -> dict[str, dict[str, Any]]:
    names = sorted({tag.name for one in found for tag in one.tags if tag.is_galaxy})
    return galaxies_by_tag(session, names) if names else {}


def _event(one: Listed, galaxies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    head = one.head
    clusters = [_cluster(galaxies[tag.name], tag) for tag in one.tags if tag.name in galaxies]
    return event_head(head) | {
        "Org": {"id": str(one.org.id), "name": one.org.name, "uuid": one.org.uuid},
        "Orgc": {"id": str(one.orgc.id), "name": one.orgc.name, "uuid": one.orgc.uuid},
        **({"GalaxyCluster": clusters} if clusters else {}),
        "EventTag": [_tag(head.id, tag) for tag in one.tags],
    }


# What a cluster has in an event and not in a list of events.
_NOT_LISTED = {"GalaxyClusterRelation", "TargetingClusterRelation", "Org", "Orgc"}


def _cluster(galaxy: dict[str, Any], tag: ListedTag) -> dict[str, Any]:
    inside: dict[str, Any] = galaxy["GalaxyCluster"][0]
    return {name: value for name, value in inside.items() if name not in _NOT_LISTED} | {
        "Galaxy": {name: value for name, value in galaxy.items() if name != "GalaxyCluster"},
        "tag_id": str(tag.tag_id),
        "local": tag.local,
        "relationship_type": tag.relationship_type or "",
    }


def _tag(event_id: int, tag: ListedTag) -> dict[str, Any]:
    return {
        "id": str(tag.id),
        "event_id": str(event_id),
        "tag_id": str(tag.tag_id),
        "local": tag.local,
        "relationship_type": tag.relationship_type or "",
        "Tag": {
            "id": str(tag.tag_id),
            "name": tag.name,
            "colour": tag.colour,
            "is_galaxy": tag.is_galaxy,
        },
    }


def _csv(found: list[Listed]) -> bytes:
    lines = [",".join(_CSV)]
    for one in found:
        h = one.head
        cells = (
            str(h.id), quoted(h.date), quoted(h.info), quoted(",".join(t.name for t in one.tags)),
            quoted(h.uuid), str(int(h.published)), str(h.analysis), str(h.attribute_count),
            str(h.orgc_id), quoted(one.orgc.name), quoted(one.orgc.uuid), str(h.timestamp),
            str(h.distribution), number(h.sharing_group_id), str(h.threat_level_id),
            str(h.publish_timestamp), quoted(h.extends_uuid or ""),
        )  # fmt: skip
        lines.append(",".join(cells))
    return ("\n".join(lines) + "\n").encode()
