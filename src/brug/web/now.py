# SPDX-License-Identifier: EUPL-1.2
"""The start page: what waits for the reader, what is new on the node, and what concerns them."""

from datetime import UTC, datetime

from brug.bridges import waiting
from brug.cases import listing
from brug.intel import browsing
from brug.intel.browsing import EventFilter
from brug.intel.counting import noticing
from brug.web import markings
from brug.web.page import page
from brug.web.visit import Reply, Visit


@page("/", shows=("event", "tag", "sighting"), probe="/")
def start(visit: Visit) -> Reply:
    session = visit.session
    new, _ = browsing.events(session, EventFilter(published=True), limit=10)
    drafts, _ = browsing.events(session, EventFilter(published=False, mine=True), limit=5)
    return visit.show(
        "now.html",
        new=[(row, markings.read(row.tags)) for row in new],
        drafts=drafts,
        waiting=waiting.for_reader(session),
        due=listing.due(session) if visit.takes_part else [],
        now=datetime.now(UTC),
        touching=noticing.sharing_with(session, session.principal.org_id, 8),
        sightings=noticing.sightings_of_own(session, 8),
    )
