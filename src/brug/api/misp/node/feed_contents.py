# SPDX-License-Identifier: EUPL-1.2
"""`/feeds/*`: what feeds hold: fetching it, keeping it to compare with, looking into it.

What is asked for is done before it is answered, as a MISP without background jobs does it;
what takes longer than a client waits for goes on by the node's own worker, and is said.
"""

import time
from typing import Any

from brug.api.misp.dispatch import READ, WRITE, Answer, Call, endpoint
from brug.api.misp.node.feeds import one_feed
from brug.api.misp.outcomes import not_saved
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.api.misp.several import from_text
from brug.bridges.feeds import choosing, fetching, previewing, working
from brug.bridges.feeds.fetching import Outcome
from brug.bridges.feeds.previewing import Shown
from brug.formats.misp import coercion
from brug.intel.feed import feed_jobs, feeds
from brug.intel.feed.feed_jobs import Action
from brug.intel.feed.feeds import Feed
from brug.model.errors import BrugError, Invalid, NotFound

# How long a client waits for what it asks for; the rest is the worker's.
SECONDS = 60.0
INVALID = "Invalid feed."
FAILED = "Fetching the feed has failed."
DONE = "Fetching the feed has successfully completed."
DISABLED = "Feed is currently not enabled. Make sure you enable it."
CACHED = "Caching the feeds has successfully completed."
NO_FEED_EVENT = "Could not download the selected Event"


def _visible(call: Call) -> Feed:
    return one_feed(call, 404, INVALID)


def _said(outcomes: list[Outcome], *, of_events: bool) -> str:
    text = DONE
    added, updated = (sum(getattr(one, name) for one in outcomes) for name in ("added", "updated"))
    if of_events and added:
        text += f" Downloaded {added} new event(s)."
    if of_events and updated:
        text += f" Updated {updated} event(s)."
    if any(one.unfinished for one in outcomes):
        text += " The rest follows in the background."
    return text


@endpoint(
    "feeds", "fetchFromFeed", methods=READ, right="site_admin", changes=True,
    summary="Takes in what a feed holds; what takes long goes on in the background",
)  # fmt: skip
def fetch_one(call: Call) -> Answer:
    feed = _visible(call)
    if not feed.enabled:
        return Answer({"result": DISABLED})
    try:
        done = working.run_now(working.in_savepoints(call.session), feed.id, "fetch", SECONDS)
    except BrugError as error:
        return Answer({"result": FAILED, "reason": fetching.reason(error)})
    return Answer({"result": _said([done], of_events=feed.source_format == "misp")})


@endpoint(
    "feeds", "fetchFromAllFeeds", methods=READ, right="site_admin", changes=True,
    summary="Takes in what all feeds hold that are on",
)  # fmt: skip
def fetch_all(call: Call) -> Answer:
    wanted = [one for one in feeds.listed(call.session) if one.enabled]
    done, failed = _run_several(call, wanted, "fetch")
    if failed:
        return Answer({"result": FAILED, "reason": "; ".join(failed)[:2000]})
    return Answer({"result": _said(done, of_events=True)})


def _run_several(call: Call, wanted: list[Feed], action: Action) -> tuple[list[Outcome], list[str]]:
    """What became of each, and what failed; those that there is no time for are left over."""
    entered = working.in_savepoints(call.session)
    until = time.monotonic() + SECONDS
    done, failed = [], []
    for one in wanted:
        left = until - time.monotonic()
        if left <= 0:
            feed_jobs.ask(call.session, one.id, action)
            done.append(Outcome(unfinished=True))
            continue
        try:
            done.append(working.run_now(entered, one.id, action, left))
        except BrugError as error:
            failed.append(f"{one.name}: {fetching.reason(error)}")
    return done, failed


@endpoint(
    "feeds", "cacheFeeds", methods=WRITE, right="site_admin", changes=True,
    summary="Keeps what feeds hold, to compare with: all, misp, csv, freetext or one by its id",
)  # fmt: skip
def cache(call: Call) -> Answer:
    scope = call.arg(0)
    known = [one for one in feeds.listed(call.session) if one.caching_enabled]
    if scope in {"misp", "csv", "freetext"}:
        wanted = [one for one in known if one.source_format == scope]
    elif scope in {"all", "enabled"}:
        wanted = known
    else:
        wanted = [one_feed(call)]
        if not wanted[0].caching_enabled:
            text = "Caching is not enabled for this feed."
            raise SaveFailed("cache", "Feed", text, "/feeds/cacheFeeds", scope)
    done, failed = _run_several(call, wanted, "cache")
    if failed:
        return not_saved("cache", "Feed", "; ".join(failed)[:2000], "/feeds/cacheFeeds")
    late = " The rest follows in the background." if any(o.unfinished for o in done) else ""
    return Answer(saved(CACHED + late, "/feeds/cacheFeed"))


# Looking into feeds -------------------------------------------------------------------------


@endpoint(
    "feeds", "previewIndex",
    summary="What a feed holds now: its manifest, or values of a list (page, limit)",
)  # fmt: skip
def preview(call: Call) -> Answer:
    feed = _visible(call)
    asked = {**call.query, **call.named}
    try:
        if feed.source_format == "misp":
            return Answer(previewing.manifest(call.session, feed)[0])
        page, limit = _number(asked, "page", 1), _number(asked, "limit", previewing.ON_A_PAGE)
        shown = previewing.values(call.session, feed, page, limit)
    except BrugError as error:
        raise MispError(404, _could_not(call, error)) from error
    return Answer([_value(feed, one) for one in shown])


def _could_not(call: Call, error: BrugError) -> str:
    """Where a feed lies and how it answers is for those who look after it."""
    if call.principal.is_site_admin:
        return f"The feed could not be read: {fetching.reason(error)}"
    return "The feed could not be read."


def _number(asked: dict[str, Any], name: str, default: int) -> int:
    found = coercion.integer(name, asked.get(name, default), 1, 10**6)
    return default if found is None else found


def _value(feed: Feed, shown: Shown) -> dict[str, Any]:
    found = shown.line.found
    if found is None:
        return {}
    made: dict[str, Any] = {
        "types": list(found.types), "default_type": found.types[0], "value": found.value,
        "category": found.checked.category, "to_ids": int(found.checked.to_ids),
    }  # fmt: skip
    if feed.source_format == "freetext":
        made |= {"comment": False, "original_value": found.original}
    if shown.hits:
        names = ("id", "name", "url", "provider", "source_format")
        made["feed_correlations"] = [
            [{"Feed": {name: str(getattr(hit.feed, name)) for name in names}}] for hit in shown.hits
        ]
    return made


@endpoint(
    "feeds", "previewEvent", summary="One event of a MISP feed, as it lies there now",
)  # fmt: skip
def preview_event(call: Call) -> Answer:
    feed = _visible(call)
    try:
        return Answer({"Event": previewing.event(call.session, feed, call.arg(1))})
    except BrugError as error:
        raise MispError(404, _could_not(call, error)) from error


@endpoint(
    "feeds", "getEvent", methods=WRITE, right="site_admin", changes=True,
    summary="Takes in one event of a MISP feed: getEvent/ID/UUID",
)  # fmt: skip
def get_event(call: Call) -> Answer:
    feed = _visible(call)
    try:
        taken = choosing.take_event(call.session, feed, call.arg(1))
    except BrugError as error:
        text = f"{NO_FEED_EVENT}: {fetching.reason(error)}"
        raise MispError(400 if isinstance(error, Invalid) else 404, text) from error
    words = {"added": "Event added.", "updated": "Event updated.",
             "unchanged": "Event already up to date."}  # fmt: skip
    url = f"/feeds/getEvent/{feed.id}"
    return Answer(saved(words[taken.outcome], url, str(taken.event_id)))


@endpoint(
    "feeds", "fetchSelectedFromFreetextIndex", methods=WRITE, right="site_admin", changes=True,
    summary="Takes in chosen values of a list's preview",
    body={"data": [{"value": "text", "type": "domain", "category": "Network activity"}]},
)  # fmt: skip
def fetch_selected(call: Call) -> Answer:
    feed = _visible(call)
    sent = call.data("Feed").get("data", call.body if isinstance(call.body, list) else None)
    items = from_text("data", sent)
    if not isinstance(items, list) or not items:
        raise Invalid("data", "a list of values with their types")
    try:
        counts = choosing.take_values(call.session, feed, items)
    except NotFound as error:
        raise MispError(404, INVALID) from error
    text = f"Data pulled. {counts.added} value(s) added, {counts.refused} refused."
    return Answer(saved(text, f"/feeds/fetchSelectedFromFreetextIndex/{feed.id}"))
