# SPDX-License-Identifier: EUPL-1.2
"""Who should see what of the campaign: the sharing rule, written a second time.

It knows nothing of the node, so that the two can be compared.
"""

from collections.abc import Iterable

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


def reports_of(campaign: Campaign, viewer: str, event: Event) -> int:
    return sum(sees(campaign, viewer, event.org, report.level) for report in event.reports)
