# SPDX-License-Identifier: EUPL-1.2
"""The requests that the other tests draw from the table do reach what they are aimed at.

A test that is refused at the door everywhere would pass and say nothing.
"""

from tests.security.arena import Arena
from tests.security.drawing import asks, named
from tests.security.kinds import OURS
from tests.security.order import endpoints

from brug.api.misp import all as listed
from brug.api.misp.dispatch import Endpoint

listed.load()

_NO_WORKERS = "the node has no background workers, and refuses"
_NO_PROVIDER = "needs a feed that answers (tests/bridges/feeds has one)"
_NO_MODULES = "needs a running server of misp-modules (tests/api/test_enrichment.py has one)"
# What nobody can be answered 200 to here, and why.
UNREACHED = {
    "attributes-enrich": _NO_MODULES,
    "events-enrichEvent": _NO_MODULES,
    "events-exportModule": _NO_MODULES,
    "events-importModule": _NO_MODULES,
    "events-queryEnrichment": _NO_MODULES,
    "modules-queryEnrichment": _NO_MODULES,
    "communities-requestAccess": "the node lists no communities",
    "communities-view": "the node lists no communities",
    "events-pushEventToZMQ": "the node has no ZeroMQ, and refuses",
    "feeds-cacheFeeds": _NO_PROVIDER,
    "feeds-getEvent": _NO_PROVIDER,
    "feeds-previewEvent": _NO_PROVIDER,
    "feeds-previewIndex": _NO_PROVIDER,
    "jobs-getGenerateCorrelationProgress": _NO_WORKERS,
    "jobs-index": _NO_WORKERS,
    "noticelists-delete": "a noticelist comes with the node, which refuses",
    "servers-killAllWorkers": _NO_WORKERS,
    "servers-previewEvent": "no server answers here",
    "servers-previewIndex": "no server answers here",
    "servers-restartDeadWorkers": _NO_WORKERS,
    "servers-restartWorkers": _NO_WORKERS,
    "servers-startWorker": _NO_WORKERS,
    "servers-stopWorker": _NO_WORKERS,
    "servers-update": "a node is updated with its package, and refuses this",
    "tasks-index": _NO_WORKERS,
    "users-downloadTerms": "the node has no terms to show",
    "users-terms": "the node has no terms to show",
}


def reached(arena: Arena, endpoint: Endpoint, number: int) -> bool:
    """Whether it does what it is for, for anyone who may ask."""
    people = ["publisher", "orgadmin", "sync", "admin"] + ([""] if endpoint.anonymous else [])
    return any(
        arena.ask(who, asked).did
        for asked in asks(endpoint, arena.items[OURS], number)
        for who in people
    )


def test_every_route_does_what_it_is_drawn_to_do(arena: Arena) -> None:
    missed = set()
    for number, endpoint in enumerate(endpoints()):
        if not reached(arena, endpoint, 10 * number):
            missed.add(named(endpoint))
        if endpoint.changes:  # what is asked next is asked with what is left
            arena.note()
    assert missed == set(UNREACHED)
