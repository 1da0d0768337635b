# SPDX-License-Identifier: EUPL-1.2
"""Names in filters -> ids, asked before the search itself, so that its plan is simple.

What the session does not see resolves to nothing, as what does not exist.
"""

from typing import NamedTuple

from brug.intel.search.terms import is_pattern, like
from brug.model.naming import is_uuid, number_in
from brug.store.session import Session

# Above these a tag is on so much that walking in the order of ids is quicker.
FEW_EVENTS, FEW_ATTRIBUTES = 1_000, 5_000


def numbers(terms: list[str]) -> list[int]:
    return [number for term in terms if (number := number_in(term)) is not None]


def uuids(terms: list[str]) -> list[str]:
    return [term.lower() for term in terms if is_uuid(term)]


def organisations(session: Session, terms: list[str]) -> list[int]:
    """Organisations by id, UUID or name (`%` is a wildcard, case does not matter)."""
    names = [term.lower() for term in terms if not is_pattern(term) and not is_uuid(term)]
    ids = [number for number in numbers(terms) if number < 2**31]
    patterns = [like(term) for term in terms if is_pattern(term)]
    rows = session.all(
        "SELECT id FROM organisation WHERE id = ANY (%s) OR uuid = ANY (%s::uuid[])"
        " OR lower(name) = ANY (%s) OR name ILIKE ANY (%s)",
        (ids, uuids(terms), names, patterns),
    )
    return [int(row[0]) for row in rows]


def events(session: Session, terms: list[str]) -> list[int]:
    """Events by id or UUID; ids are taken as they are."""
    found = numbers(terms)
    if wanted := uuids(terms):
        rows = session.all("SELECT id FROM event WHERE uuid = ANY (%s::uuid[])", (wanted,))
        found += [int(row[0]) for row in rows]
    return found


def tags(session: Session, terms: list[str]) -> list[int]:
    """Tags by name; case matters, `%` is a wildcard."""
    rows = session.all(
        "SELECT id FROM tag WHERE name = ANY (%s) OR name LIKE ANY (%s)",
        (
            [term for term in terms if not is_pattern(term)],
            [like(term) for term in terms if is_pattern(term)],
        ),
    )
    return [int(row[0]) for row in rows]


class Tagged(NamedTuple):
    """What carries one of some tags, where that is not much."""

    events: list[int]
    attributes: list[int]


def tagged(session: Session, tag_ids: list[int]) -> Tagged | None:
    """The events and attributes with one of these tags; None if there are many."""
    found_events = session.all(
        "SELECT event_id FROM event_tag WHERE tag_id = ANY (%s) LIMIT %s",
        (tag_ids, FEW_EVENTS + 1),
    )
    if len(found_events) > FEW_EVENTS:
        return None
    found_attributes = session.all(
        "SELECT attribute_id FROM attribute_tag WHERE tag_id = ANY (%s) LIMIT %s",
        (tag_ids, FEW_ATTRIBUTES + 1),
    )
    if len(found_attributes) > FEW_ATTRIBUTES:
        return None
    return Tagged(
        sorted({int(row[0]) for row in found_events}),
        sorted({int(row[0]) for row in found_attributes}),
    )
