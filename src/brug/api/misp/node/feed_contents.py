# SPDX-License-Identifier: EUPL-1.2
"""`/feeds/*`: what feeds hold. The node fetches and caches none yet, and says so."""

from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.node.feeds import one_feed
from brug.api.misp.refusals import MispError, SaveFailed
from brug.intel.feed import feeds

_NOT_FETCHED = "Fetching the feed has failed: this node does not fetch feeds yet."


@endpoint(
    "feeds", "fetchFromFeed", right="site_admin",
    summary="Answered as not done: the node does not fetch feeds yet",
)  # fmt: skip
def fetchone_feed(call: Call) -> Answer:
    one_feed(call, 404, "Invalid feed.")
    return Answer({"result": _NOT_FETCHED})


@endpoint(
    "feeds", "fetchFromAllFeeds", right="site_admin",
    summary="Answered as not done: the node does not fetch feeds yet",
)  # fmt: skip
def fetch_all(_call: Call) -> Answer:
    return Answer({"result": _NOT_FETCHED})


@endpoint(
    "feeds", "cacheFeeds", methods=WRITE, right="site_admin", changes=True,
    summary="Answered as not done: the node does not cache feeds yet",
)  # fmt: skip
def cache(call: Call) -> Answer:
    scopes = {"all", "misp", "csv", "freetext", "enabled", "lookup_visible"}
    if call.arg(0) not in scopes:
        one_feed(call)
    text = "This node does not cache feeds yet: nothing was fetched."
    raise SaveFailed("cache", "Feed", text, "/feeds/cacheFeeds")


@endpoint(
    "feeds", "previewIndex",
    summary="Answered as not done: the node does not fetch feeds yet",
)  # fmt: skip
def preview(call: Call) -> Answer:
    one_feed(call, 404, "Invalid feed.")
    raise MispError(404, "This node does not fetch feeds yet.")


@endpoint(
    "feeds", "compareFeeds", summary="How much feeds overlap: none is cached",
)  # fmt: skip
def compare(_call: Call) -> Answer:
    return Answer([])


@endpoint(
    "feeds", "feedCoverage", right="site_admin",
    summary="How much of a feed others have: none is cached",
)  # fmt: skip
def coverage(call: Call) -> Answer:
    one_feed(call)
    return Answer(0)


@endpoint(
    "feeds", "searchCaches",
    summary="Cached feeds that hold a value: none is cached; without a value those to be cached",
    body={"value": "text"},
)  # fmt: skip
def search_caches(call: Call) -> Answer:
    if call.data("Feed").get("value") or call.arg(0) or call.named.get("value"):
        return Answer([])
    to_cache = [one for one in feeds.listed(call.session) if one.caching_enabled]
    return Answer(
        [
            {
                "Feed": {
                    "id": str(one.id),
                    "name": one.name,
                    "url": one.url,
                    "source_format": one.source_format,
                    "uuid": [],
                    "type": "MISP Feed" if one.source_format == "misp" else "Feed",
                }
            }
            for one in to_cache
        ]
    )
