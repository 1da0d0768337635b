# SPDX-License-Identifier: EUPL-1.2
"""The start page: what waits for the reader, what is new on the node, and what concerns them."""

from datetime import UTC, datetime

from brug.bridges import waiting
from brug.cases import files, listing
from brug.cases.catalogue import finding
from brug.cases.crisis import receipts
from brug.cases.embargoes import alarms
from brug.cases.files import File
from brug.cases.persons import quarantine
from brug.intel import browsing
from brug.intel.browsing import EventFilter
from brug.intel.counting import noticing
from brug.web import markings
from brug.web.cases import room, standing
from brug.web.cases.embargo import ALARMS
from brug.web.page import page
from brug.web.visit import Reply, Visit


def crises(visit: Visit) -> list[tuple[File, str, str]]:
    """Cases at a level of crisis that the reader has part in: each with level and address."""
    found = listing.crises(visit.session) if visit.takes_part else []
    return [(one, standing.crisis_title(visit, one), room.place(one)) for one in found]


def to_read(visit: Visit) -> list[tuple[File, int, str]]:
    """Cases in which something waits for the reader to say that it was read."""
    waiting = receipts.reminders(visit.session) if visit.takes_part else []
    known = {one.id: one for one in files.of_ids(visit.session, [one.case_id for one in waiting])}
    return [
        (file, one.count, room.place(file) + "/reading")
        for one in waiting
        if (file := known.get(one.case_id)) is not None
    ]


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
        advisories=finding.concerns(session, org_id=session.principal.org_id, limit=5),
        crises=crises(visit),
        to_read=to_read(visit),
        alarms=alarms.open_ones(session) if visit.takes_part else [],
        alarm_titles=ALARMS,
        held_mail=quarantine.waiting(session) if visit.takes_part else 0,
        now=datetime.now(UTC),
        touching=noticing.sharing_with(session, session.principal.org_id, 8),
        sightings=noticing.sightings_of_own(session, 8),
    )
