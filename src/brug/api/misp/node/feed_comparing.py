# SPDX-License-Identifier: EUPL-1.2
"""`/feeds/*`: cached feeds beside each other, and which of them hold a value."""

from typing import Any

from brug.api.misp.dispatch import Answer, Call, endpoint
from brug.api.misp.node.feeds import one_feed
from brug.formats.misp import coercion
from brug.intel.feed import caches, feeds
from brug.intel.feed.caches import Hit
from brug.intel.feed.feeds import Feed

_COMPARED = ("id", "input_source", "source_format", "url", "provider", "name")


@endpoint("feeds", "compareFeeds", summary="How much cached feeds overlap, each with each")
def compare(call: Call) -> Answer:
    if not caches.may_look(call.session):
        return Answer([])
    found = caches.compared(call.session, with_ours=False)

    def head(feed: Feed) -> dict[str, Any]:
        named = {name: str(getattr(feed, name)) for name in _COMPARED}
        return named | {"default": feed.is_default}

    return Answer(
        [
            {
                "Feed": head(one.feed)
                | {
                    "values": one.values,
                    "ComparedFeed": [
                        head(other.feed)
                        | {
                            "values": other.values,
                            "overlap_count": one.shared.get(other.feed.id, 0),
                            "overlap_percentage": _share(
                                one.shared.get(other.feed.id, 0), one.values
                            ),
                        }
                        for other in found
                        if other.feed.id != one.feed.id
                    ],
                }
            }
            for one in found
        ]
    )


def _share(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


@endpoint(
    "feeds", "feedCoverage", right="site_admin",
    summary="How much of a cached feed the other ones hold, in per cent",
)  # fmt: skip
def coverage(call: Call) -> Answer:
    return Answer(caches.coverage(call.session, one_feed(call).id))


@endpoint(
    "feeds", "searchCaches",
    summary="Cached feeds that hold a value; without a value those that are cached",
    body={"value": "text"},
)  # fmt: skip
def search_caches(call: Call) -> Answer:
    asked = call.data("Feed").get("value") or call.named.get("value") or call.arg(0)
    if not asked:
        to_cache = [one for one in feeds.listed(call.session) if one.caching_enabled]
        return Answer([{"Feed": _cached(Hit(one, []))} for one in to_cache])
    values = [
        coercion.text("value", one) for one in (asked if isinstance(asked, list) else [asked])
    ]
    found: dict[int, Hit] = {}
    for hits in caches.hits(call.session, [value.strip() for value in values]).values():
        for hit in hits:
            known = found.setdefault(hit.feed.id, Hit(hit.feed, []))
            known.events += [uuid for uuid in hit.events if uuid not in known.events]
    return Answer([{"Feed": _cached(found[i], call.base_url)} for i in sorted(found)])


def _cached(hit: Hit, base_url: str | None = None) -> dict[str, Any]:
    feed = hit.feed
    is_misp = feed.source_format == "misp"
    made: dict[str, Any] = {
        "id": str(feed.id), "name": feed.name, "url": feed.url,
        "source_format": feed.source_format, "uuid": hit.events,
        "type": "MISP Feed" if is_misp else "Feed",
    }  # fmt: skip
    if base_url is not None and is_misp:
        made["direct_urls"] = [
            {"url": f"{base_url}/feeds/previewEvent/{feed.id}/{uuid}", "name": f"Event {uuid}"}
            for uuid in hit.events
        ]
    return made
