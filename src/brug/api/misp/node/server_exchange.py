# SPDX-License-Identifier: EUPL-1.2
"""`/servers/*` that exchange: pull, push, cache, and looking at what a server has.

What is asked for is put into the table of runs and answered at once, in MISP's words for
background jobs; a thread beside the web server does it. Looking is done while one waits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

from brug.api.misp.directory.directory_refusals import finding
from brug.api.misp.dispatch import WRITE, Answer, Call, endpoint
from brug.api.misp.node.server_records import one_server
from brug.api.misp.refusals import MispError, SaveFailed, saved
from brug.bridges.misp import caching, previewing, pulling, pushing, runs
from brug.bridges.misp.asking import Failed
from brug.directory import servers
from brug.directory.servers import NoKey, Server
from brug.edge.outgoing import NotReached
from brug.model.errors import Invalid, NotFound

_NO_KEY = "The key that this server made for us is not known here. Enter it first."


def _failed(verb: str, server: Server, text: str) -> SaveFailed:
    return SaveFailed(verb, "Server", text, f"/servers/{verb}/{server.id}", server.id)


def _ready(call: Call, verb: str) -> Server:
    found = one_server(call)
    if not (found.pull if verb == "pull" else found.push):
        raise _failed(verb, found, f"{verb.capitalize()} setting not enabled for this server.")
    if not found.has_key:
        raise _failed(verb, found, _NO_KEY)
    return found


@endpoint(
    "servers", "pull", methods=WRITE, right="site_admin", changes=True,
    summary="Has a server pulled from: pull/ID/full, update, pull_relevant_clusters, or an event",
)  # fmt: skip
def pull(call: Call) -> Answer:
    def technique_of(said: str) -> str:
        pulling.check(said)
        return said

    return _queued(call, "pull", technique_of)


@endpoint(
    "servers", "push", methods=WRITE, right="site_admin", changes=True,
    summary="Has events pushed to a server: push/ID/full, incremental, or an event",
)  # fmt: skip
def push(call: Call) -> Answer:
    return _queued(call, "push", partial(pushing.technique_of, call.session))


def _queued(
    call: Call, kind: Literal["pull", "push"], technique_of: Callable[[str], str]
) -> Answer:
    """A run that a worker takes up; MISP's answer to one in the background."""
    found = _ready(call, kind)
    said = call.arg(1) or str(call.data().get("technique") or "full")
    try:
        technique = technique_of(said)
    except Invalid as error:
        raise _failed(kind, found, f"Invalid {kind} technique `{said[:60]}`.") from error
    run = runs.queue(call.session, found.id, kind, technique)
    text = f"{kind.capitalize()} queued for background execution. Job ID: {run}"
    return Answer(saved(text, f"/servers/{kind}/{found.id}", str(found.id)))


@endpoint(
    "servers", "cache", methods=WRITE, right="site_admin", changes=True,
    summary="Has the values of a server, or of all that are to be cached, fetched as hashes",
)  # fmt: skip
def cache(call: Call) -> Answer:
    if call.arg(0) in {"", "all"}:
        several = [one for one in servers.listed(call.session) if one.caching_enabled]
    else:
        several = [one_server(call)]
    for one in several:
        if one.has_key:
            runs.queue(call.session, one.id, "cache", "full")
    return Answer(saved("Server caching job initiated.", "/servers/cache"))


@endpoint(
    "servers", "compareServers", right="site_admin",
    summary="How many values of cached servers others have as well, and how many we hold",
)  # fmt: skip
def compare(call: Call) -> Answer:
    known = {one.id: one for one in servers.listed(call.session)}
    found = caching.overlaps(call.session)
    return Answer([_compared(one, found, known) for one in found])


def _compared(
    one: caching.Overlap, several: list[caching.Overlap], known: dict[int, Server]
) -> dict[str, Any]:
    record = known[one.server_id]
    return {
        "Server": {"id": str(record.id), "name": record.name, "url": record.url}
        | {"values": one.values, "values_here": one.ours},
        "ComparedServer": [
            {
                "id": str(other.server_id),
                "name": known[other.server_id].name,
                "url": known[other.server_id].url,
                "overlap_count": one.others.get(other.server_id, 0),
                "overlap_percentage": round(
                    100 * one.others.get(other.server_id, 0) / max(one.values, 1)
                ),
            }
            for other in several
            if other.server_id != one.server_id
        ],
    }


@contextmanager
def _reaching(server: Server, verb: str) -> Iterator[None]:
    """What keeps us from a server is said to whoever looks; a partner causes no error of ours."""
    try:
        yield
    except Failed as error:
        raise _failed(verb, server, str(error)[:300]) from error
    except (NotReached, NoKey) as error:
        raise _failed(verb, server, error.public) from error


@endpoint(
    "servers", "previewIndex", right="site_admin",
    summary="The events of a server, page by page, as it lists them now",
)  # fmt: skip
def preview_index(call: Call) -> Answer:
    with finding(404, "Invalid server ID."):
        found = servers.view(call.session, call.arg(0))
    with _reaching(found, "previewIndex"):
        listed, total = previewing.index(call.session, found, call.named)
    return Answer([{"Event": one} for one in listed], headers={"X-Result-Count": str(total)})


@endpoint(
    "servers", "previewEvent", right="site_admin",
    summary="One event of a server as it shows it now: previewEvent/ID/EVENT",
)  # fmt: skip
def preview_event(call: Call) -> Answer:
    with finding(404, "Invalid server ID."):
        found = servers.view(call.session, call.arg(0))
    key = call.arg(1)
    try:
        with _reaching(found, "previewEvent"):
            return Answer({"Event": previewing.event(call.session, found, key)})
    except NotFound as error:
        raise MispError(404, f"Event &#039;{key[:60]}&#039; not found.") from error


@endpoint(
    "servers", "clearWorkerQueue", methods=WRITE, right="site_admin", changes=True,
    summary="Forgets the runs with servers that wait and were not begun",
)  # fmt: skip
def clear(call: Call) -> Answer:
    gone = runs.clear(call.session)
    return Answer(saved(f"Worker queue cleared: {gone} jobs.", "/servers/clearWorkerQueue"))


@endpoint("jobs", "getProgress", summary="How far a run with a server is")
def progress(call: Call) -> Answer:
    done = False
    number = call.arg(0)
    if call.principal.is_site_admin and number.isascii() and number.isdecimal():
        try:
            done = runs.view(call.session, min(int(number), 2**62)).state in {"done", "failed"}
        except NotFound:
            done = False
    return Answer({"progress": "100%" if done else "0%"})
