# SPDX-License-Identifier: EUPL-1.2
"""Who has a report that was sent: partners' nodes, by their signed receipts, and authorities.

Told of organisations that take part in the case, to whoever has the entry that keeps the report.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from brug.cases import notified
from brug.cases.case import Case, Document, Participant
from brug.cases.reports import telling
from brug.cases.reports.filling import Filled
from brug.store.pieces import PIECE
from brug.store.session import Session

State = Literal["received", "under_way", "held", "refused"]
_STOPPED: tuple[State, ...] = ("refused", "held")


class Receipt(msgspec.Struct, frozen=True):
    """Of one partner that takes part: whether its node has all of it, and since when."""

    org: str
    name: str
    state: State
    at: datetime | None


class Confirmed(msgspec.Struct, frozen=True):
    """An authority says when the notification came to it."""

    name: str
    at: str


def told(session: Session, case: Case, form: Filled) -> dict[str, Any]:
    """A form for machines, with the receipts of what was sent of it."""
    had = [one for each in form.sent for one in of(session, case, each)]
    return telling.document(form) | {"receipts": msgspec.to_builtins(had)}


def of(session: Session, case: Case, document: Document) -> list[Receipt]:
    """Of the bridges that it crossed, by name."""
    orgs = [one.org for one in case.present]
    with session.as_system():
        rows = session.all(
            "SELECT o.uuid::text, c.kind, c.state, c.received FROM crossing c"
            " JOIN bridge b ON b.id = c.bridge_id JOIN partner p ON p.id = b.partner_id"
            " JOIN organisation o ON o.id = p.org_id"
            " WHERE c.event_uuid = %s AND c.outward AND c.kind IN ('case', 'document')"
            " AND c.state <> 'replaced' AND o.uuid = ANY (%s::uuid[])",
            (document.entry, orgs),
        )
    names = {one.org: one.name for one in case.present}
    wanted = 1 + max(1, -(-document.act.size // PIECE))  # the entry, and the pieces of its content
    found = []
    for org in sorted({row[0] for row in rows}, key=lambda one: names[one]):
        mine = [row for row in rows if row[0] == org]
        found.append(_receipt(org, names[org], mine, wanted))
    return found


def _receipt(org: str, name: str, rows: Sequence[Sequence[Any]], wanted: int) -> Receipt:
    for state in _STOPPED:
        if any(row[2] == state for row in rows):
            return Receipt(org, name, state, None)
    came = [row[3] for row in rows if row[2] == "received" and row[3] is not None]
    if len(came) < wanted:
        return Receipt(org, name, "under_way", None)
    return Receipt(org, name, "received", max(came))


def confirmed(case: Case, entity: Participant) -> list[Confirmed]:
    """By those whom law binds to answer its notification (NIS2 art. 23(5))."""
    own = case.own_facts.get((notified.RECEIVED, entity.id))
    by = own[-1].author.org if own else ""
    found = []
    for one in case.present:
        fact = notified.said(case, notified.RECEIVED, one, entity)
        if one.role in notified.ROLES and fact is not None and by in {"", one.org}:
            found.append(Confirmed(one.name, fact.at))
    return found
