# SPDX-License-Identifier: EUPL-1.2
"""Taking over: what another partner passed on becomes the creator's own copy once it brings one.

From then on the creator's changes, withdrawals and recalls are what counts here. What people
here said of the event and how they marked it stays.
"""

from brug.bridges.crossing import reading
from brug.formats.misp.reading_fields import Fields
from brug.intel.finding import claim
from brug.intel.publishing import reaudience
from brug.store.session import Session


def takes_over(session: Session, event_id: int, holder: int, raw: Fields) -> bool:
    """Whether the session's organisation brings what it made and another partner brought first,
    and now holds it.

    What an organisation of this node holds, as after an import, it goes on holding.
    """
    me = session.principal
    if holder == me.org_id or reading.creator(raw) != me.org_uuid:
        return False
    with session.as_system():
        passed_on = session.value(
            "SELECT EXISTS (SELECT 1 FROM event e JOIN partner p ON p.org_id = e.org_id"
            " WHERE e.id = %s AND e.orgc_id = %s)",
            (event_id, me.org_id),
        )
        if passed_on:
            session.execute("SELECT take_over_event(%s, %s, %s)", (event_id, me.org_id, me.user_id))
    if passed_on:
        reaudience(session, claim(session, event_id))
    return bool(passed_on)
