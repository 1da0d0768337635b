# SPDX-License-Identifier: EUPL-1.2
"""Looking at what a server has, without taking it in: its list of events, and one of them.

Somebody waits for the answer, so it has half a minute. What comes is shown and not stored;
drafts of the other side are in it as far as our key sees them there.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from brug.bridges.misp.asking import Failed, link
from brug.directory.servers import Server
from brug.model.errors import NotFound
from brug.model.naming import is_uuid, number_in
from brug.store.session import Session

SECONDS = 30.0
PER_PAGE = 60
_ORDER = {"sort": "timestamp", "direction": "desc", "page": "1", "limit": str(PER_PAGE)}
_LONGEST = 200


def index(
    session: Session, server: Server, asked: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], int]:
    """A page of its events, and how many there are. Raises Failed, NotReached, NoKey.

    `asked`: page, limit, sort, direction, and filters whose names begin with `search`.
    """
    given = {n: str(v)[:_LONGEST] for n, v in asked.items() if isinstance(v, str)}
    parts = [f"{name}:{_safe(given.get(name, value))}" for name, value in _ORDER.items()]
    searched = sorted(name for name in given if name.startswith("search"))
    parts += [f"{name}:{_safe(given[name])}" for name in searched]
    told = link(session, server, SECONDS).get("/events/index/" + "/".join(parts))
    if not told.is_fine or not isinstance(told.value, list):
        raise Failed(f"events/index: {told.said}", told.status)
    rows = [one for one in told.value if isinstance(one, dict)]
    total = number_in(str(told.headers.get("x-result-count", "")))
    return rows, len(rows) if total is None else total


def _safe(text: str) -> str:
    return quote(text, safe=":,!@%*'")


def event(session: Session, server: Server, key: str) -> dict[str, Any]:
    """One event, by its id there or its UUID. Raises NotFound, Failed, NotReached, NoKey."""
    if number_in(key) is None and not is_uuid(key):
        raise NotFound(f"{key[:40]!r} is no id and no UUID")
    told = link(session, server, SECONDS).get(f"/events/{key}")
    if told.status == 404:
        raise NotFound(f"server {server.id} has no event {key}")
    found = told.value.get("Event") if isinstance(told.value, dict) else None
    if not told.is_fine or not isinstance(found, dict):
        raise Failed(f"events/{key}: {told.said}", told.status)
    return found
