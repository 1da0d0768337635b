# SPDX-License-Identifier: EUPL-1.2
"""Storing what a module found about a value: attributes and objects in MISP's format.

What the event holds already is not added again, what does not fit is refused and named.
"""

from typing import Any

from brug.formats.misp.reading_attributes import read_attribute
from brug.intel import attributes
from brug.intel.attributes import likeness
from brug.intel.children import Children
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim
from brug.intel.publishing import touch
from brug.model.errors import Invalid
from brug.model.new_event import NewAttribute
from brug.store import audit
from brug.store.session import Session

MOST = 5_000


def take_in(session: Session, held: Claim, found: dict[str, list[Any]], source: str) -> int:
    """Stores results in a claimed event; how many items came."""
    new: list[tuple[int, NewAttribute]] = []
    for index, item in enumerate(found.get("Attribute", [])[:MOST]):
        try:
            made = read_attribute(_own(item))
        except Invalid:
            continue
        made.comment = made.comment or f"{source}: enriched"
        new.append((index, made))
    known = attributes.alike(session, held.event_id, [made for _, made in new])
    fresh = [(i, made) for i, made in new if likeness(made) not in known]
    count = len(add_attributes(session, held, fresh, []).stored) if fresh else 0
    children = Children(session, held)
    children.take_objects([_own(item) for item in found.get("Object", [])[:MOST]])
    children.finish()
    count += children.edited.objects
    if count:
        touch(session, held)
        audit.record(session, "enrich", "Event", held.event_id, source, {"items": count})
    return count


def _own(item: Any) -> Any:
    """Without what only this node says of its items; times would make them unchangeable."""
    if not isinstance(item, dict):
        return item
    return {k: v for k, v in item.items() if k not in {"id", "event_id", "timestamp", "deleted"}}
