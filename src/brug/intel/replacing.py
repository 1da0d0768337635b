# SPDX-License-Identifier: EUPL-1.2
"""All values of one category and type of an event, replaced by others.

What is in the new list already stays as it is, with all that hangs on it; attributes of
objects are left alone, as an object may not be complete without them. One value that does
not fit stops all of it: nothing is deleted for a list that could not be stored.
"""

from collections.abc import Sequence

import msgspec

from brug.intel import attributes
from brug.intel.deleting import delete_attributes
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim
from brug.intel.gathering import never_published
from brug.model.attribute_types import Refused, check
from brug.model.new_event import NewAttribute
from brug.store.session import Session


class Wanted(msgspec.Struct, frozen=True):
    """Which attributes are meant, and what there is to be of them."""

    type: str
    category: str
    to_ids: bool | None
    values: list[str]


class Replaced(msgspec.Struct, frozen=True):
    created: int
    deleted: int
    untouched: int


def replace(session: Session, held: Claim, wanted: Wanted) -> Replaced:
    """Raises Refused, with the texts by the place of a value in the list."""
    present = {
        (a.value1, a.value2): a.id
        for a in attributes.of_event(session, held.event_id)
        if not a.object_id and (a.type, a.category) == (wanted.type, wanted.category)
    }
    new = _checked(wanted)
    fresh = [(place, one) for place, one in new if (one.value1, one.value2) not in present]
    outcome = add_attributes(session, held, fresh, [])
    if outcome.refused:
        raise Refused({one.place: _texts(one.errors) for one in outcome.refused})
    kept = {(one.value1, one.value2) for _, one in new}
    gone = [attribute_id for value, attribute_id in present.items() if value not in kept]
    hard = never_published(session, held)
    deleted = len(delete_attributes(session, held, gone, hard=hard)) if gone else 0
    return Replaced(len(outcome.stored), deleted, len(present) - deleted)


def _checked(wanted: Wanted) -> Sequence[tuple[int, NewAttribute]]:
    """Each value once, with its place in the list."""
    found: dict[tuple[str, str], tuple[int, NewAttribute]] = {}
    errors: dict[str, list[str]] = {}
    for place, value in enumerate(wanted.values):
        try:
            c = check(wanted.type, value, wanted.category, wanted.to_ids)
        except Refused as error:
            errors[f"attribute_{place}"] = _texts(error.errors)
            continue
        one = NewAttribute(None, c.type, c.category, c.to_ids, c.value1, c.value2)
        found.setdefault((c.value1, c.value2), (place, one))
    if errors:
        raise Refused(errors)
    return list(found.values())


def _texts(errors: dict[str, list[str]]) -> list[str]:
    return [f"{field}: {text}" for field, several in errors.items() for text in several]
