# SPDX-License-Identifier: EUPL-1.2
"""One box for everything. A value is answered first: known, unknown, or a known false alarm."""

from typing import Any

from brug.cases import listing
from brug.cases.listing import Wanted
from brug.cases.searching import words
from brug.directory import organisations
from brug.intel import browsing
from brug.intel.browsing import EventFilter
from brug.intel.containing import containing
from brug.intel.intake import extraction
from brug.intel.label import taglist
from brug.intel.search.looking_up import look_up
from brug.model.errors import Invalid
from brug.web.cases import room
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
        return visit.show("search.html", query="", verdicts=[], groups=None, text="", problem="")
    wanted = _values_in(text)
    try:
        verdicts = _verdicts(visit, wanted)
    except Invalid as error:
        # A % stands for any text, and what is left of this one is too short to look for.
        problem = visit.sentence(error)
        return visit.show(
            "search.html", 400, query=text, verdicts=[], groups=None, text=text, problem=problem
        )
    return visit.show(
        "search.html",
        query=text,
        text=text,
        problem="",
        verdicts=verdicts,
        creators=_creators(visit, verdicts),
        groups=_groups(visit, text, verdicts) if len(wanted) == 1 else None,
        shortest=SHORTEST,
    )


def _values_in(text: str) -> list[str]:
    """The text itself, or the values in it where several were pasted."""
    if len(text.split()) == 1:
        return [text]
    found = list(dict.fromkeys(one.value for one in extraction.extract(text)))
    return found[:AT_ONCE] if len(found) > 1 else [text]


def _verdicts(visit: Visit, wanted: list[str]) -> list[dict[str, Any]]:
    verdicts = []
    for one in look_up(visit.session, wanted):
        state = "false" if one.false_positive else "known" if one.known else "unknown"
        events = len({hit.event_id for hit in one.hits})
        verdicts.append({"one": one, "state": state, "events": events})
    return verdicts


def _creators(visit: Visit, verdicts: list[dict[str, Any]]) -> dict[int, str]:
    """The names of those who created the events of all hits."""
    ids = {
        hit.event_orgc_id
        for verdict in verdicts
        for hit in (*verdict["one"].hits, *verdict["one"].networks)
    }
    return dict(
        visit.session.all("SELECT id, name FROM organisation WHERE id = ANY (%s)", (list(ids),))
    )


def _groups(visit: Visit, text: str, verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    session = visit.session
    exact = {hit.id for verdict in verdicts for hit in verdict["one"].hits}
    events, _ = browsing.events(session, EventFilter(text=text), limit=AT_ONCE)
    long_enough = len(text) >= SHORTEST
    contained = containing(session, text, HITS) if long_enough else []
    return {
        "containing": [hit for hit in contained if hit.id not in exact],
        "events": events,
        "cases": _cases(visit, text),
        "organisations": organisations.listed(session, search=text)[:AT_ONCE],
        "tags": taglist.listed(session, search=text, counted=False)[:AT_ONCE],
    }


def _cases(visit: Visit, text: str) -> list[dict[str, str]]:
    """Those in which all words of it stand, or that have it as their number."""
    if not visit.takes_part or not any(words(text)):
        return []
    files, _ = listing.listed(visit.session, Wanted(text=text), limit=AT_ONCE)
    return [
        {
            "title": one.title or one.number,
            "href": room.place(one),
            "about": " · ".join((one.number, room.state_title(visit, one))),
        }
        for one in files
    ]
