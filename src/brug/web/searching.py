# SPDX-License-Identifier: EUPL-1.2
"""One box for everything. A value is answered first: known, unknown, or a known false alarm."""

from typing import Any

from brug.directory import organisations
from brug.intel import browsing, extraction, taglist
from brug.intel.browsing import EventFilter
from brug.intel.vocabulary.matching import check_values
from brug.web.page import page
from brug.web.visit import Reply, Visit

LONGEST = 2000
HITS = 50
AT_ONCE = 20
# Shorter needles have no trigram: everything would have to be read.
SHORTEST = 3


@page(
    "/search",
    shows=("attribute", "event", "tag", "directory"),
    probe="/search?q={value}",
)
def search(visit: Visit) -> Reply:
    text = visit.query.text("q")[:LONGEST]
    if not text:
        return visit.show("search.html", query="", verdicts=[], groups=None, text="")
    wanted = _values_in(text)
    verdicts = _verdicts(visit, wanted)
    return visit.show(
        "search.html",
        query=text,
        text=text,
        verdicts=verdicts,
        groups=_groups(visit, text) if len(wanted) == 1 else None,
        shortest=SHORTEST,
    )


def _values_in(text: str) -> list[str]:
    """The text itself, or the values in it where several were pasted."""
    if len(text.split()) == 1:
        return [text]
    found = list(dict.fromkeys(one.value for one in extraction.extract(text)))
    return found[:AT_ONCE] if len(found) > 1 else [text]


def _verdicts(visit: Visit, wanted: list[str]) -> list[dict[str, Any]]:
    warned = check_values(visit.session, wanted)
    verdicts = []
    for value in wanted:
        hits, count = browsing.holding(visit.session, value, HITS)
        events = len({hit.event_id for hit in hits})
        lists = warned.get(value, [])
        state = "false" if lists else "known" if count else "unknown"
        verdicts.append({
            "value": value, "state": state, "hits": hits, "count": count, "events": events,
            "lists": lists,
        })  # fmt: skip
    return verdicts


def _groups(visit: Visit, text: str) -> dict[str, Any]:
    session = visit.session
    exact = {hit.id for hit in browsing.holding(session, text, HITS)[0]}
    events, _ = browsing.events(session, EventFilter(text=text), limit=AT_ONCE)
    long_enough = len(text) >= SHORTEST
    containing = browsing.containing(session, text, HITS) if long_enough else []
    return {
        "containing": [hit for hit in containing if hit.id not in exact],
        "events": events,
        "organisations": organisations.listed(session, search=text)[:AT_ONCE],
        "tags": taglist.listed(session, search=text, counted=False)[:AT_ONCE],
    }
