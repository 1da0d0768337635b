# SPDX-License-Identifier: EUPL-1.2
"""`/galaxy_clusters/restSearch`: what synchronising servers ask, and everybody else.

A stock MISP reads half of what its documentation names; here each parameter does what its
name says. `eventid`, which stock servers send and ignore, is ignored. The whole library is
written piece by piece.
"""

from typing import IO, Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.paging import bounds
from brug.api.misp.vocabulary.galaxy_clusters import whole
from brug.formats.json_text import encode
from brug.formats.misp import coercion as c
from brug.intel.vocabulary import cluster_search, clusters
from brug.intel.vocabulary.cluster_search import Wanted
from brug.model.errors import Invalid

AT_ONCE = 1000
MOST = 10_000
JSON = "application/json; charset=UTF-8"


class Nothing(Exception):
    """A condition that no cluster can fulfil, as a UUID that is none."""


def _several(given: Any) -> list[Any]:
    found = given if isinstance(given, list) else [given]
    if len(found) > MOST:
        raise Invalid("restSearch", f"at most {MOST} values")
    return found


def _texts(given: dict[str, Any], name: str) -> list[str] | None:
    if given.get(name) in (None, "", []):
        return None
    return [c.text(name, one) for one in _several(given[name])]


def _numbers(given: dict[str, Any], name: str, high: int = c.MAX_INT) -> list[int] | None:
    texts = _texts(given, name)
    if texts is None:
        return None
    numbers = []
    for text in texts:
        try:
            number = c.integer(name, text, 0, high)
        except Invalid:
            continue
        if number is not None:
            numbers.append(number)
    if not numbers:
        raise Nothing
    return numbers


def _uuids(given: dict[str, Any], name: str) -> list[str] | None:
    texts = _texts(given, name)
    if texts is None:
        return None
    found = []
    for text in texts:
        try:
            uuid = c.uuid(name, text)
        except Invalid:
            continue
        if uuid is not None:
            found.append(uuid)
    if not found:
        raise Nothing
    return found


def _flag(given: dict[str, Any], name: str) -> bool | None:
    value = given.get(name)
    return None if value is None or value == "" else c.flag(name, value)


def _organisations(call: Call, given: dict[str, Any]) -> list[int] | None:
    """`org`: creators by number, UUID or name."""
    texts = _texts(given, "org")
    if texts is None:
        return None
    found = [
        int(row[0])
        for row in call.session.all(
            "SELECT id FROM organisation WHERE id::text = ANY (%(texts)s)"
            " OR uuid::text = ANY (%(texts)s) OR name = ANY (%(texts)s)",
            {"texts": texts},
        )
    ]
    if not found:
        raise Nothing
    return found


def _wanted(call: Call, given: dict[str, Any]) -> Wanted:
    elements = given.get("elements")
    asked = list(elements.items()) if isinstance(elements, dict) else []
    if given.get("synonyms"):
        asked.append(("synonyms", given["synonyms"]))
    limit, offset = bounds(given)
    return Wanted(
        ids=_numbers(given, "id"),
        uuids=_uuids(given, "uuid"),
        galaxies=_numbers(given, "galaxy_id"),
        galaxy_uuids=_uuids(given, "galaxy_uuid"),
        types=_texts(given, "type"),
        versions=_numbers(given, "version", c.MAX_TIME),
        levels=_numbers(given, "distribution"),
        orgs=_numbers(given, "org_id"),
        orgcs=_numbers(given, "orgc_id") or _organisations(call, given),
        tags=_texts(given, "tag_name"),
        values=_texts(given, "value"),
        descriptions=_texts(given, "description"),
        extends=_uuids(given, "extends_uuid"),
        custom=_flag(given, "custom"),
        published=_flag(given, "published"),
        deleted=bool(_flag(given, "deleted")),
        keys=[c.text("elements", key) for key, _ in asked],
        key_values=[[c.text("elements", v) for v in _several(values)] for _, values in asked],
        limit=limit,
        offset=offset,
    )


@endpoint(
    "galaxy_clusters",
    "restSearch",
    methods=("GET", "POST", "HEAD"),
    shows=("vocabulary", "tag"),
    probes=(
        ("POST", "/galaxy_clusters/restSearch", {"custom": True}),
        ("POST", "/galaxy_clusters/restSearch", {"custom": True, "minimal": True}),
    ),
    summary="Clusters by filters; `minimal` with UUID and version alone.",
    body={
        "custom": "flag", "published": "flag", "minimal": "flag", "uuid": "UUID or list",
        "galaxy_uuid": "UUID or list", "value": "text or list", "tag_name": "text or list",
        "elements": "{key: value or list}", "limit": "number", "page": "number",
    },
)  # fmt: skip
def rest_search(call: Call) -> Answer:
    given = {**call.named, **call.data("GalaxyCluster")}
    found = 0

    def fill(out: IO[bytes]) -> None:
        nonlocal found
        out.write(b'{"response": [')
        try:
            wanted = _wanted(call, given)
        except Nothing:
            wanted = None
        if wanted is not None:
            minimal = _flag(given, "minimal")
            found = _minimal(call, wanted, out) if minimal else _whole(call, wanted, out)
        out.write(b"]}")

    payload = call.exports.filled(fill)
    headers = {
        "X-Result-Count": str(found),
        "X-Export-Module-Used": "json",
        "X-Response-Format": "json",
        "X-Skipped-Elements-Count": "0",
    }
    return Answer(payload, headers=headers, media_type=JSON)


def _minimal(call: Call, wanted: Wanted, out: IO[bytes]) -> int:
    rows = cluster_search.versions(call.session, wanted)
    shown = [{"GalaxyCluster": {"uuid": uuid, "version": str(v)}} for uuid, v in rows]
    out.write(b",".join(encode(one) for one in shown))
    return len(rows)


def _whole(call: Call, wanted: Wanted, out: IO[bytes]) -> int:
    found, left = 0, wanted.limit
    while left is None or left > 0:
        wanted.limit = AT_ONCE if left is None else min(left, AT_ONCE)
        several = cluster_search.found(call.session, wanted)
        clusters.complete(call.session, several, relations=True)
        for shown in whole(call, several):
            out.write((b"," if found else b"") + encode({"GalaxyCluster": shown}))
            found += 1
        if len(several) < wanted.limit:
            break
        wanted.after, wanted.offset = several[-1].id, 0
        left = None if left is None else left - len(several)
    return found
