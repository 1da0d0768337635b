# SPDX-License-Identifier: EUPL-1.2
"""Taking in events that were made elsewhere.

Creator, UUIDs, times, level and published flag stay as they are unless the importer says
otherwise; importing shares nothing with anyone. An event that is held already is updated
where the document's is newer and left alone where it is not, so that importing again
changes nothing.
"""

from typing import Any, Literal

import msgspec

from brug.formats.misp.reading import read_event
from brug.intel.adding import EventExists, add
from brug.intel.changing import NotNewer, edit
from brug.model.event import NewEvent, NewTag, Refusal
from brug.store.session import Session

Outcome = Literal["added", "updated", "unchanged"]


class Overrides(msgspec.Struct, frozen=True):
    """What the importer wants otherwise than the document says."""

    distribution: int | None = None
    unpublished: bool = False
    tags: tuple[str, ...] = ()


class Taken(msgspec.Struct):
    """What became of one event."""

    outcome: Outcome
    event_id: int
    attributes: int
    objects: int
    refused: list[Refusal]


def take_event(session: Session, raw: dict[str, Any], overrides: Overrides) -> Taken:
    """Stores or updates one event. Raises Refused for an event that cannot be one."""
    new = read_event(raw)
    apply(new, overrides)
    try:
        added = add(session, new, keep_empty=True)
    except EventExists as known:
        return _update(session, known.event_id, new, raw)
    return Taken("added", added.event_id, added.attributes, added.objects, added.refused)


def apply(new: NewEvent, overrides: Overrides) -> None:
    if overrides.distribution is not None:
        new.distribution, new.group = overrides.distribution, None
    if overrides.unpublished:
        new.published = False
    known = {tag.name for tag in new.tags}
    new.tags += [NewTag(name) for name in overrides.tags if name not in known]


def _update(session: Session, event_id: int, new: NewEvent, raw: dict[str, Any]) -> Taken:
    try:
        changed = edit(session, event_id, new, raw)
    except NotNewer:
        return Taken("unchanged", event_id, 0, 0, [])
    return Taken("updated", event_id, changed.attributes, changed.objects, changed.refused)
