# SPDX-License-Identifier: EUPL-1.2
"""Settling proposals: whoever may change the event accepts, they and the proposer discard.

An accepted one is stored as its acceptor's edit would be, by the same rules; the proposal
stays behind, marked, so that partners who hold it learn that it is settled.
"""

import time

from brug.formats.misp.writing import moment
from brug.intel import attachments, attributes
from brug.intel.deleting import delete_attributes
from brug.intel.editing import edit_attribute
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim, claim
from brug.intel.proposal import proposals
from brug.model.attribute_types import Refused
from brug.model.errors import BrugError, Forbidden, NotFound
from brug.model.event import Proposal
from brug.model.new_event import NewAttribute
from brug.store import audit
from brug.store.session import Session


class CannotAccept(BrugError):
    """What is proposed does not fit the event any more."""

    code = "cannot_accept"
    status = 403

    def __init__(self, errors: dict[str, list[str]]) -> None:
        texts = " ".join(text for several in errors.values() for text in several)
        super().__init__(f"proposal cannot be accepted: {errors}")
        self.public = f"Could not accept the proposal. {texts}"


def accept(session: Session, key: str | int) -> Proposal:
    """Does what a proposal says. Raises NotFound, Forbidden, CannotAccept."""
    found = _open(session, key, data=True)
    held = claim(session, found.event_id)
    if found.attribute_id == 0:
        _add(session, held, found)
    elif found.is_deletion:
        delete_attributes(session, held, [found.attribute_id], hard=False)
    else:
        _change(session, found)
    _mark(session, found, "accept")
    return found


def discard(session: Session, key: str | int) -> Proposal:
    """Sets a proposal aside. Raises NotFound, Forbidden."""
    found = _open(session, key)
    if session.principal.org_id not in {found.org.id, found.brought_by}:
        claim(session, found.event_id)
    elif not session.principal.may("add"):
        raise Forbidden(f"user {session.principal.user_id} may not discard proposals")
    _mark(session, found, "discard")
    return found


def _open(session: Session, key: str | int, *, data: bool = False) -> Proposal:
    found = proposals.one(session, key, data=data)
    if found.deleted:
        raise NotFound(f"proposal {found.id} is settled")
    return found


def _mark(session: Session, found: Proposal, verb: str) -> None:
    # Two who settle at once: the second finds it settled, and what it did is undone.
    marked = session.value(
        "UPDATE proposal SET deleted = true, timestamp = %s WHERE id = %s AND NOT deleted"
        " RETURNING id",
        (int(time.time()), found.id),
    )
    if marked is None:
        raise NotFound(f"proposal {found.id} was settled meanwhile")
    audit.record(
        session, verb, "ShadowAttribute", found.id, found.value1[:200], {"org_id": found.org.id}
    )


def _add(session: Session, held: Claim, found: Proposal) -> None:
    new = NewAttribute(
        found.uuid, found.type, found.category, found.to_ids, found.value1, found.value2,
        found.timestamp, comment=found.comment, disable_correlation=found.disable_correlation,
        first_seen=found.first_seen, last_seen=found.last_seen, data=found.data,
    )  # fmt: skip
    outcome = add_attributes(session, held, [(0, new)], [])
    if not outcome.stored:
        raise CannotAccept(outcome.refused[0].errors)


def _change(session: Session, found: Proposal) -> None:
    stored = attributes.by_ids(session, [found.attribute_id])[0]
    said = {
        "type": found.type,
        "category": found.category,
        "value": f"{found.value1}|{found.value2}" if found.value2 else found.value1,
        "to_ids": found.to_ids,
        "comment": found.comment,
        "disable_correlation": found.disable_correlation,
        "first_seen": moment(found.first_seen),
        "last_seen": moment(found.last_seen),
    }
    try:
        edit_attribute(session, stored.id, said)
    except Refused as error:
        raise CannotAccept(error.errors) from error
    if found.data is not None and found.type in attachments.TYPES:
        attachments.put(session, stored.id, found.data)
