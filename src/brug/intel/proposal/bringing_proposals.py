# SPDX-License-Identifier: EUPL-1.2
"""Proposals that come from elsewhere: with an imported event, or pushed by a partner.

The same ones may come any number of times, also back to where they were made: one is known
by its UUID and, since all changes of an attribute share that, by what it says. A known one
is only ever settled by a newer copy, and only for whom the database lets do that. What
would change an attribute that is not here is left, and so is a value that is kept out.
"""

import time
from collections.abc import Sequence

from brug.directory.capturing import capture
from brug.intel import attachments, attributes
from brug.intel.attribute_rows import new_uuid
from brug.intel.patterns.applying import kept_out
from brug.intel.proposal.proposing import check_size, tell_owner
from brug.model.event import OrganisationRef
from brug.model.new_event import NewProposal
from brug.store.session import Session

Saying = tuple[str, bool, str, str, str, str, bool, str, int | None, int | None, bool]

_INSERT = """
INSERT INTO proposal (uuid, event_id, attribute_id, holder_id, org_id, brought_by, user_id,
    audience, timestamp, first_seen, last_seen, to_ids, is_deletion, disable_correlation, deleted,
    type, category, value1, value2, comment, data)
SELECT %(uuid)s, e.id, a.id, e.org_id, %(org)s, %(brought_by)s, %(user)s,
    coalesce(a.audience, e.audience), %(timestamp)s, %(first_seen)s, %(last_seen)s, %(to_ids)s,
    %(is_deletion)s, %(disable_correlation)s, %(deleted)s, %(type)s, %(category)s, %(value1)s,
    %(value2)s, %(comment)s, %(data)s
FROM event e LEFT JOIN attribute a ON a.event_id = e.id AND a.id = %(attribute)s
WHERE e.id = %(event)s
"""


def bring(session: Session, event_id: int, sent: Sequence[NewProposal]) -> int:
    """Stores the proposals of an event that are new, settles known ones; how many of both."""
    sent = _admitted(session, sent)
    if not sent:
        return 0
    uuids = sorted({u for one in sent for u in (one.uuid, one.attribute_uuid) if u})
    targets = attributes.by_uuids(session, event_id, uuids)
    stored = known(session, event_id, uuids)
    changed = 0
    for one in sent:
        uuid = one.attribute_uuid or one.uuid or new_uuid()
        found = stored.get(saying(uuid, one))
        if found is not None:
            changed += _settle(session, one, *found)
        elif one.attribute_uuid is None or one.attribute_uuid in targets:
            target = targets.get(one.attribute_uuid or "")
            _insert(session, event_id, target.id if target else None, uuid, one)
            stored[saying(uuid, one)] = (0, one.timestamp or 0, one.deleted)
            changed += 1
            if not one.deleted:
                tell_owner(session, event_id)
    return changed


def _admitted(session: Session, sent: Sequence[NewProposal]) -> Sequence[NewProposal]:
    """Without what the import rules keep out; they do not look at what takes something back."""
    looked_at = [one for one in sent if not (one.is_deletion or one.deleted)]
    out = {id(looked_at[place]) for place in kept_out(session, looked_at)}
    return [one for one in sent if id(one) not in out] if out else sent


def saying(uuid: str, one: NewProposal) -> Saying:
    """What it says, by which it is known; `uuid` is the attribute's where it changes one."""
    return (
        uuid, one.attribute_uuid is not None, one.type, one.category, one.value1, one.value2,
        one.to_ids, one.comment, one.first_seen, one.last_seen, one.is_deletion,
    )  # fmt: skip


def known(
    session: Session, event_id: int, uuids: Sequence[str]
) -> dict[Saying, tuple[int, int, bool]]:
    """Id, time and whether it is settled, by what each says."""
    rows = session.all(
        "SELECT uuid::text, attribute_id IS NOT NULL, type, category, value1, value2, to_ids,"
        " comment, first_seen, last_seen, is_deletion, id, timestamp, deleted FROM proposal"
        " WHERE event_id = %s AND uuid = ANY (%s::uuid[])",
        (event_id, list(uuids)),
    )
    return {row[:11]: (row[11], row[12], row[13]) for row in rows}


def _settle(session: Session, one: NewProposal, known: int, timestamp: int, settled: bool) -> int:
    if settled or not one.deleted or (one.timestamp or 0) <= timestamp:
        return 0
    marked = session.value(
        "UPDATE proposal SET deleted = true, timestamp = %s WHERE id = %s RETURNING id",
        (one.timestamp, known),
    )
    return int(marked is not None)


def _insert(
    session: Session, event_id: int, attribute_id: int | None, uuid: str, one: NewProposal
) -> None:
    check_size(session, one.data)
    session.execute(
        _INSERT,
        {
            "uuid": uuid,
            "event": event_id,
            "attribute": attribute_id,
            "org": _proposer(session, one.organisation),
            "brought_by": session.principal.org_id,
            "user": session.principal.user_id,
            "timestamp": one.timestamp or int(time.time()),
            "first_seen": one.first_seen,
            "last_seen": one.last_seen,
            "to_ids": one.to_ids,
            "is_deletion": one.is_deletion,
            "disable_correlation": one.disable_correlation,
            "deleted": one.deleted,
            "type": one.type,
            "category": one.category,
            "value1": one.value1,
            "value2": one.value2,
            "comment": one.comment,
            "data": one.data if one.type in attachments.TYPES else None,
        },
    )


def _proposer(session: Session, organisation: OrganisationRef | None) -> int:
    """Whose proposal it is; a stock partner's numbers of organisations mean nothing here."""
    principal = session.principal
    if organisation is None or not (principal.may("sync") or principal.is_site_admin):
        return principal.org_id
    return capture(session, organisation)
