# SPDX-License-Identifier: EUPL-1.2
"""Events of a MISP feed, as this node stores them.

The feed's level, its tags and whether it is published are the feed record's; what hangs on
the event is as the event. What only a partner may say stays out: sightings, proposals, notes,
keys, and that the event is locked. Nobody forges: an event that names an organisation of this
node as its creator, or nobody, is refused, and so is a change to one that a partner brought
or that another created.
"""

from typing import Any, Literal

import msgspec

from brug.formats.misp.reading import read_event
from brug.intel import adding, changing
from brug.intel.adding import EventExists
from brug.intel.changing import NotNewer
from brug.intel.feed.feeds import Feed
from brug.intel.label import tag_collections
from brug.intel.publishing import publish
from brug.intel.vocabulary.capturing import capture
from brug.model.errors import BrugError
from brug.model.event import INHERIT, SHARING_GROUP
from brug.model.new_event import GroupRef, NewEvent, NewTag, Refusal
from brug.store.session import Session

Outcome = Literal["added", "updated", "unchanged"]
_KEPT = (
    "uuid", "info", "date", "threat_level_id", "analysis", "timestamp", "extends_uuid", "Orgc",
    "Tag", "Attribute", "Object", "EventReport", "Galaxy",
)  # fmt: skip
_NOT_THEIRS = ("Sighting", "ShadowAttribute", "Note", "Opinion", "Relationship", "sharing_group_id",
               "SharingGroup", "id", "event_id", "object_id")  # fmt: skip


class NotTheirs(BrugError):
    """A feed brings what it cannot speak for."""

    code = "not_of_the_feed"
    status = 403

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class Taken(msgspec.Struct):
    """What became of one event."""

    outcome: Outcome
    event_id: int
    refused: list[Refusal]


def take(session: Session, feed: Feed, raw: dict[str, Any]) -> Taken:
    """Stores or updates an event of a feed. Raises Refused, NotTheirs and what adding raises."""
    raw = prepared(raw)
    new = read_event(raw)
    _refuse_forged(session, new)
    _mark(session, feed, new, raw)
    try:
        added = adding.add(session, new, keep_empty=True)
    except EventExists as known:
        return _update(session, feed, known.event_id, new, raw)
    capture(session, raw)
    return Taken("added", added.event_id, added.refused)


def prepared(raw: dict[str, Any]) -> dict[str, Any]:
    """What of an event a feed can say, at the event's own level."""
    made = {name: raw[name] for name in _KEPT if name in raw}
    for name in ("Attribute", "Object", "EventReport"):
        if isinstance(made.get(name), list):
            made[name] = [_inside(item) for item in made[name]]
    if isinstance(made.get("Tag"), list):
        made["Tag"] = [t for t in made["Tag"] if not (isinstance(t, dict) and t.get("local"))]
    return made


def _inside(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    made = {name: value for name, value in item.items() if name not in _NOT_THEIRS}
    made["distribution"] = INHERIT
    if isinstance(made.get("Attribute"), list):
        made["Attribute"] = [_inside(one) for one in made["Attribute"]]
    return made


def _refuse_forged(session: Session, new: NewEvent) -> None:
    if new.orgc is None or not new.orgc.uuid:
        raise NotTheirs("The event does not say which organisation created it.")
    local = session.value(
        "SELECT name FROM organisation WHERE uuid = %s AND local", (new.orgc.uuid,)
    )
    if local is not None:
        raise NotTheirs(
            f"The event names {local}, an organisation of this node, as its creator;"
            " no feed speaks for it."
        )


def _mark(session: Session, feed: Feed, new: NewEvent, raw: dict[str, Any]) -> None:
    """Level, tags and publication of the feed's record; `raw` is what an edit looks at."""
    new.distribution = feed.distribution
    new.group = GroupRef(feed.sharing_group_id) if feed.distribution == SHARING_GROUP else None
    new.published, new.publish_timestamp, new.locked = feed.publish, None, False
    known = {tag.name for tag in new.tags}
    more = [name for name in tags_of(session, feed) if name not in known]
    new.tags = [*new.tags, *(NewTag(name) for name in more)]
    raw["Tag"] = [*(raw.get("Tag") or []), *({"name": name} for name in more)]
    for item in (*new.attributes, *(a for o in new.objects for a in o.attributes)):
        if feed.override_ids:
            item.to_ids = False
        elif feed.force_to_ids:
            item.to_ids = True
    if feed.override_ids or feed.force_to_ids:
        _flag(raw, feed.force_to_ids and not feed.override_ids)


def _flag(raw: dict[str, Any], to_ids: bool) -> None:
    for item in raw.get("Attribute") or []:
        if isinstance(item, dict):
            item["to_ids"] = to_ids
    for item in raw.get("Object") or []:
        if isinstance(item, dict):
            _flag(item, to_ids)


def tags_of(session: Session, feed: Feed) -> list[str]:
    """The names of the tags that a feed's events carry here."""
    found: list[str] = []
    if feed.tag_id:
        name = session.value("SELECT name FROM tag WHERE id = %s", (feed.tag_id,))
        found += [name] if name else []
    if feed.tag_collection_id:
        found += [tag.name for tag in tag_collections.view(session, feed.tag_collection_id).tags]
    return list(dict.fromkeys(found))


def _update(
    session: Session, feed: Feed, event_id: int, new: NewEvent, raw: dict[str, Any]
) -> Taken:
    row = session.one(
        "SELECT e.locked, o.uuid::text, e.timestamp FROM event e"
        " JOIN organisation o ON o.id = e.orgc_id WHERE e.id = %s",
        (event_id,),
    )
    locked, creator, timestamp = row or (True, "", 0)
    if new.timestamp is None or new.timestamp <= timestamp:
        return Taken("unchanged", event_id, new.refused)
    if locked:
        raise NotTheirs(
            "The event came from a partner by synchronisation; a feed does not change it."
        )
    if new.orgc is None or creator != new.orgc.uuid.lower():
        raise NotTheirs("The event is held as another organisation's; a feed does not change it.")
    try:
        edited = changing.edit(session, event_id, new, raw)
    except NotNewer:
        return Taken("unchanged", event_id, new.refused)
    if feed.publish:
        publish(session, event_id)
    capture(session, raw)
    return Taken("updated", event_id, edited.refused)
