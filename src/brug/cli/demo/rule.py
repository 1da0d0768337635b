# SPDX-License-Identifier: EUPL-1.2
"""Who should see what of the campaign: the sharing rule, written a second time.

It knows nothing of the node, so that the two can be compared.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from brug.cli.demo.campaign import Campaign, Event
from brug.model.event import OWN_ORGANISATION, SHARING_GROUP


class Share(msgspec.Struct, frozen=True):
    """What an organisation should find: keys of events, and how many attributes in each."""

    attributes: dict[str, int]

    @property
    def events(self) -> int:
        return len(self.attributes)

    @property
    def total(self) -> int:
        return sum(self.attributes.values())


def sees(campaign: Campaign, viewer: str, owner: str, level: int) -> bool:
    """Whether an item of the owner's at this level is for the viewer (both on this node)."""
    if viewer == owner:
        return True
    if level == SHARING_GROUP:
        return viewer in campaign.group.members
    return level != OWN_ORGANISATION


def sees_event(campaign: Campaign, viewer: str, event: Event) -> bool:
    """Drafts are private on this node."""
    if event.draft and viewer != event.org:
        return False
    return sees(campaign, viewer, event.org, event.level)


def share_of(campaign: Campaign, viewer: str, events: Iterable[Event]) -> Share:
    found = {}
    for event in events:
        if sees_event(campaign, viewer, event):
            found[event.key] = _attributes(campaign, viewer, event)
    return Share(found)


def _attributes(campaign: Campaign, viewer: str, event: Event) -> int:
    def mine(level: int) -> bool:
        return sees(campaign, viewer, event.org, level)

    inside = sum(
        1 if isinstance(value, str) else len(value)
        for thing in event.things
        if mine(thing.level)
        for value in thing.of.values()
    )
    return inside + sum(mine(fact.more.level) for fact in event.facts)


# An attribute as the node answered when it took it in, with the key of its event and the
# levels that hold for it.
Stored = dict[str, Any]


def stored_of(event: Event, answer: Mapping[str, Any]) -> list[Stored]:
    """The attributes in the node's answer to an event, as the owner gets them."""
    plain = [(item, ()) for item in answer["Attribute"]]
    inside = [
        (item, (int(thing["distribution"]),))
        for thing in answer["Object"]
        for item in thing["Attribute"]
    ]
    return [
        item | {"event": event.key, "levels": (*outer, int(item["distribution"]))}
        for item, outer in (*plain, *inside)
    ]


def shown_of(
    campaign: Campaign, viewer: str, stored: Mapping[str, tuple[Event, list[Stored]]]
) -> list[Stored]:
    """Those of the stored attributes that are for the viewer."""
    return [
        item
        for event, items in stored.values()
        if sees_event(campaign, viewer, event)
        for item in items
        if all(sees(campaign, viewer, event.org, level) for level in item["levels"])
    ]
