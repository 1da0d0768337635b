# SPDX-License-Identifier: EUPL-1.2
"""Who gets a letter for a cause, and which: one table.

Recipients are chosen broadly, by the system; what each may read is decided when the letter
is made, in the recipient's own session (`as_system` are those that say nothing of events).
"""

from collections.abc import Callable, Mapping
from typing import LiteralString

import msgspec

from brug.mail import account_letters, advisory_letters, event_letters, summary_letters
from brug.mail.content import Cause, Content, Reader
from brug.store.session import Session

Render = Callable[[Session, Cause, Reader], Content | None]


class Kind(msgspec.Struct, frozen=True):
    """`to` selects account `a` (joined with role `r`) by the cause's values."""

    to: LiteralString
    render: Render
    as_system: bool = False


_OPEN: LiteralString = (
    "SELECT a.id FROM account a JOIN role r ON r.id = a.role_id"
    " WHERE NOT a.disabled AND coalesce(a.expiration > now(), true) AND "
)
# Unless the organisation wants its people to hear less often.
_OFTEN: LiteralString = (
    " AND NOT EXISTS (SELECT 1 FROM mail_choice c WHERE c.org_id = a.org_id"
    " AND NOT (coalesce(nullif(%(period)s, ''), 'immediately') = ANY (c.frequencies)))"
)
KINDS: Mapping[str, Kind] = {
    "alert": Kind(
        _OPEN + "a.autoalert AND ('site_admin' = ANY (r.rights) OR EXISTS (SELECT 1 FROM event e"
        " WHERE e.id = %(event)s AND is_in_audience(e.audience, a.org_id)))" + _OFTEN,
        event_letters.alert,
    ),
    # Those of the creator who answer for it, and whoever made it.
    "contact": Kind(
        _OPEN + "EXISTS (SELECT 1 FROM event e WHERE e.id = %(event)s AND a.org_id = e.orgc_id"
        " AND (a.id = e.user_id OR (a.contactalert AND NOT %(person)s)))",
        event_letters.contact,
    ),
    "proposal": Kind(
        _OPEN + "a.contactalert AND a.id <> %(by)s"
        " AND a.org_id = (SELECT e.orgc_id FROM event e WHERE e.id = %(event)s)",
        event_letters.proposed,
    ),
    "delegation": Kind(
        _OPEN + "a.contactalert AND 'add' = ANY (r.rights)"
        " AND a.org_id = (SELECT d.org_id FROM event_delegation d WHERE d.event_id = %(event)s)",
        event_letters.delegated,
    ),
    "password": Kind(_OPEN + "a.id = %(user)s", account_letters.password, as_system=True),
    "text": Kind(_OPEN + "a.id = %(user)s", account_letters.text, as_system=True),
    "registration": Kind(
        _OPEN + "'site_admin' = ANY (r.rights)", account_letters.registration, as_system=True
    ),
    "clock": Kind(_OPEN + "a.id = %(user)s", account_letters.clock, as_system=True),
    "glass": Kind(_OPEN + "a.id = %(user)s", account_letters.glass, as_system=True),
    "held_mail": Kind(_OPEN + "a.id = %(user)s", account_letters.held_mail, as_system=True),
    "advisory": Kind(_OPEN + "a.id = %(user)s", advisory_letters.concerning),
    "summary": Kind(
        _OPEN + "CASE %(period)s WHEN 'daily' THEN a.notification_daily WHEN 'weekly'"
        " THEN a.notification_weekly WHEN 'monthly' THEN a.notification_monthly END" + _OFTEN,
        summary_letters.summary,
    ),
}


def recipients(session: Session, cause: Cause) -> list[int]:
    """Users who may get a letter for a cause, in a system session."""
    rows = session.all(
        KINDS[cause.kind].to,
        {
            "event": cause.event_id,
            "user": cause.user_id,
            "by": cause.by_user,
            "person": bool(cause.details.get("person")),
            "period": str(cause.details.get("period", "")),
        },
    )
    return [int(row[0]) for row in rows]
