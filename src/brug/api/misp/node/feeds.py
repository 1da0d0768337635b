# SPDX-License-Identifier: EUPL-1.2
"""`/feeds/*`: the records of feeds; what they hold is `feed_contents`."""

from collections.abc import Callable, Mapping
from typing import Any

from brug.api.misp.directory.directory_refusals import finding
from brug.api.misp.directory.given import Kind, flag, given, number, text, untouched
from brug.api.misp.dispatch import DELETABLE, WRITE, Answer, Call, endpoint
from brug.api.misp.outcomes import is_on
from brug.api.misp.paging import page_of
from brug.api.misp.refusals import SaveFailed, saved
from brug.api.misp.several import from_text, numbers, several, texts
from brug.intel.feed import caches, feed_jobs, feeds
from brug.intel.feed.feed_jobs import Job
from brug.intel.feed.feeds import Feed
from brug.model.errors import Invalid

_INVALID = "Invalid Feed."
_BLANK = "This field cannot be left blank"
_FIELDS: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("name", "provider", "url", "headers", "source_format", "input_source"), text
    ),
    **dict.fromkeys(
        (
            "distribution", "sharing_group_id", "tag_id", "tag_collection_id", "orgc_id",
            "event_id", "every_minutes", "retention_days",
        ),
        number,
    ),
    **dict.fromkeys(
        (
            "enabled", "fixed_event", "delta_merge", "publish", "override_ids",
            "delete_local_file", "lookup_visible", "caching_enabled", "force_to_ids",
        ),
        flag,
    ),
    "rules": untouched,
    "settings": untouched,
}  # fmt: skip


def _json(call: Call, one: Feed) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "provider": one.provider,
        "url": one.url,
        "rules": one.rules,
        "enabled": one.enabled,
        "distribution": str(one.distribution),
        "sharing_group_id": str(one.sharing_group_id),
        "tag_id": str(one.tag_id),
        "default": one.is_default,
        "source_format": one.source_format,
        "fixed_event": one.fixed_event,
        "delta_merge": one.delta_merge,
        "event_id": str(one.event_id),
        "publish": one.publish,
        "override_ids": one.override_ids,
        "settings": one.settings,
        "input_source": one.input_source,
        "delete_local_file": one.delete_local_file,
        "lookup_visible": one.lookup_visible,
        "headers": feeds.headers_of(call.session, one),
        "caching_enabled": one.caching_enabled,
        "force_to_ids": one.force_to_ids,
        "orgc_id": str(one.orgc_id),
        "tag_collection_id": str(one.tag_collection_id),
    }


_SCOPES: dict[str, Callable[[Feed], bool]] = {
    "enabled": lambda one: one.enabled,
    "default": lambda one: one.is_default,
    "custom": lambda one: not one.is_default,
    "caching_enabled": lambda one: one.caching_enabled,
}


@endpoint(
    "feeds", "index",
    summary="The feeds; those who are no site admins see the ones open for look-ups",
)  # fmt: skip
def index(call: Call) -> Answer:
    asked = {**call.query, **call.named, **call.data("Feed")}
    fits = _SCOPES.get(str(asked.get("scope")))
    found = [one for one in feeds.listed(call.session) if fits is None or fits(one)]
    shown = page_of(asked, found)
    jobs = feed_jobs.listed(call.session)
    return Answer(
        [
            {"Feed": _json(call, one) | {"cache_timestamp": _cached(jobs.get((one.id, "cache")))}}
            for one in shown
        ]
    )


def _cached(job: Job | None) -> str | bool:
    """When it was last cached, as MISP tells it."""
    if job is None or job.succeeded is None:
        return False
    return str(int(job.succeeded.timestamp()))


def one_feed(call: Call, status: int = 404, words: str = _INVALID) -> Feed:
    """The feed that the path names. Raises MispError."""
    with finding(status, words):
        return feeds.view(call.session, call.arg(0))


@endpoint("feeds", "view", right="site_admin", summary="One feed")
def view(call: Call) -> Answer:
    found = one_feed(call)
    more = {
        "cached_elements": caches.sizes(call.session).get(found.id, 0),
        "coverage_by_other_feeds": f"{caches.coverage(call.session, found.id)}%",
    }
    return Answer({"Feed": _json(call, found) | more})


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    found = given(_FIELDS, body)
    return {
        name: value for name, value in found.items() if name not in {"rules", "settings"} or value
    }


def _failed(verb: str, error: Invalid) -> SaveFailed:
    blank = getattr(error, "reason", "") in {"empty", "address"}
    errors = {error.field: [_BLANK if blank else error.public]}
    return SaveFailed(verb, "feed", errors, f"/feeds/{verb}")


@endpoint(
    "feeds", "add", methods=WRITE, right="site_admin", changes=True, summary="Adds a feed",
    body={"name": "text", "provider": "text", "url": "https://...", "source_format": "misp"},
)  # fmt: skip
def add(call: Call) -> Answer:
    try:
        made = feeds.add(call.session, _given(call.data("Feed")))
    except Invalid as error:
        raise _failed("add", error) from error
    return Answer({"Feed": _json(call, made)})


@endpoint(
    "feeds", "edit", methods=WRITE, right="site_admin", changes=True,
    summary="Changes what is given of a feed", body={"name": "text", "enabled": True},
)  # fmt: skip
def edit(call: Call) -> Answer:
    found = one_feed(call)
    try:
        changed = feeds.edit(call.session, found.id, _given(call.data("Feed")))
    except Invalid as error:
        raise _failed("edit", error) from error
    return Answer({"Feed": _json(call, changed)})


@endpoint(
    "feeds", "delete", methods=DELETABLE, right="site_admin", changes=True,
    summary="Removes a feed",
)  # fmt: skip
def delete(call: Call) -> Answer:
    with finding(404, _INVALID):
        gone = feeds.delete(call.session, call.arg(0))
    return Answer(saved("Feed deleted.", f"/feeds/delete/{gone.id}", gone.id))


def _switched(call: Call, verb: str, *, on: bool) -> Answer:
    found = one_feed(call, 405)
    feeds.edit(call.session, found.id, {"enabled": on})
    text = f"Feed {verb}d."
    return Answer({"name": text, "message": text, "url": f"/feeds/{verb}/{found.id}"})


@endpoint(
    "feeds", "enable", methods=WRITE, right="site_admin", changes=True,
    summary="Turns a feed on",
)  # fmt: skip
def enable(call: Call) -> Answer:
    return _switched(call, "enable", on=True)


@endpoint(
    "feeds", "disable", methods=WRITE, right="site_admin", changes=True,
    summary="Turns a feed off",
)  # fmt: skip
def disable(call: Call) -> Answer:
    return _switched(call, "disable", on=False)


@endpoint(
    "feeds", "toggleSelected", methods=WRITE, right="site_admin", changes=True,
    summary="Turns several feeds on or off (toggleSelected/1/0), or their caching (.../1/1)",
    body={"feed_ids": [1, 2]},
)  # fmt: skip
def toggle_selected(call: Call) -> Answer:
    body = call.data("Feed")
    column = "caching_enabled" if is_on(call.arg(1)) else "enabled"
    ids = numbers(texts("feed_ids", body.get("feed_ids", call.arg(2))))
    count = feeds.switch(call.session, ids, column, on=is_on(call.arg(0)))
    return Answer(saved(f"{count} feeds changed.", "/feeds/toggleSelected"))


@endpoint(
    "feeds", "importFeeds", methods=WRITE, right="site_admin", changes=True,
    summary="Adds the feeds of a list", body={"json": "the list as text, or the list as body"},
)  # fmt: skip
def import_feeds(call: Call) -> Answer:
    sent: Any = call.body
    if isinstance(sent, dict):
        sent = call.data("Feed").get("json", sent)
    count = 0
    known = {(one.url, one.source_format) for one in feeds.listed(call.session)}
    for item in several("json", from_text("json", sent)):
        body = item.get("Feed", item) if isinstance(item, dict) else {}
        try:
            fields = _given(body if isinstance(body, dict) else {})
            if (fields.get("url"), fields.get("source_format", "misp")) in known:
                continue
            feeds.add(call.session, fields)
        except Invalid as error:
            raise _failed("importFeeds", error) from error
        count += 1
    return Answer(saved(f"{count} new feeds added.", "/feeds/importFeeds"))


@endpoint(
    "feeds", "loadDefaultFeeds", methods=WRITE, right="site_admin", changes=True,
    summary="Adds the public feeds that the node knows, switched off",
)  # fmt: skip
def load_defaults(call: Call) -> Answer:
    feeds.load_defaults(call.session)
    return Answer(saved("Default feed metadata loaded.", "/feeds/loadDefaultFeeds"))
