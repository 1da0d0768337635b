# SPDX-License-Identifier: EUPL-1.2
"""The embargo of a case on its events: a tag that the gate obeys (`brug:embargo="until"`).

It is set on events that an organisation of this node made which takes part in the case, and on no
one else's: linking an event must hold nothing of others back. What the case itself set it takes
away, or renews, when the terms change or the embargo ends.
"""

from collections.abc import Sequence
from datetime import datetime

from brug.cases.acts import Embargoed
from brug.cases.case import Case
from brug.cases.embargoes import terms
from brug.intel.label import tags
from brug.model.new_event import NewTag
from brug.store.session import Session


def tag(until: str) -> str:
    return f'brug:embargo="{until}"'


def flag(session: Session, case: Case, linked: Sequence[str], now: datetime) -> int:
    """Makes the tags of linked events what the case says; how many were changed.

    The session is the system's.
    """
    wanted = ""
    if case.embargo is not None and terms.holds(case, now):
        wanted = tag(case.embargo.until)
    ours = {
        tag(one.act.until) for one in case.timeline
        if isinstance(one.act, Embargoed) and one.act.until
    }  # fmt: skip
    if not ours or not linked:
        return 0
    events = [row[0] for row in session.all(
        "SELECT e.id FROM event e JOIN organisation o ON o.id = e.orgc_id"
        " WHERE e.uuid::text = ANY (%s) AND o.local AND EXISTS (SELECT 1 FROM"
        "   organisation_named n WHERE n.id = o.id AND n.uuid::text = ANY (%s))",
        (list(linked), [one.org for one in case.present]),
    )]  # fmt: skip
    gone = session.execute(
        "DELETE FROM event_tag t USING tag g WHERE g.id = t.tag_id AND t.event_id = ANY (%s)"
        " AND g.name = ANY (%s)",
        (events, sorted(ours - {wanted})),
    ).rowcount
    if not wanted or not events:
        return gone
    tags.intern(session, [NewTag(name=wanted)])
    made = session.execute(
        "INSERT INTO event_tag (event_id, tag_id, local, audience)"
        " SELECT e.id, g.id, true, e.audience FROM event e, tag g"
        " WHERE e.id = ANY (%s) AND g.name = %s ON CONFLICT DO NOTHING",
        (events, wanted),
    ).rowcount
    return gone + made
