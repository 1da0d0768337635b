# SPDX-License-Identifier: EUPL-1.2
"""Editing events, with what hangs on them.

An edit that names its time has to be newer than what is stored; one that names none is of
now. Items inside are found by UUID and changed under the same rule, or added; what an edit
does not name stays. Every edit makes the event a draft again unless it says otherwise.
"""

import time

from brug.formats.misp.analyst_inside import inside, name_carriers
from brug.formats.misp.reading_attributes import read_proposals
from brug.formats.misp.reading_fields import Fields, read_tags
from brug.intel.analysis.analyst_taking import take_inside
from brug.intel.children import Children, Edited, deletions
from brug.intel.finding import Claim, claim
from brug.intel.label import tags
from brug.intel.levels import GroupRefused, group_id
from brug.intel.proposal import bringing_proposals
from brug.intel.protecting import take_keys
from brug.intel.publishing import reaudience, touch
from brug.intel.storing import attach_tags, may_publish
from brug.model.errors import Conflict
from brug.model.event import SHARING_GROUP
from brug.model.new_event import NewEvent
from brug.store import audit
from brug.store.session import Session


class NotNewer(Conflict):
    """The edit is older than, or as old as, what is stored."""

    code = "not_newer"
    public = "Event in the request not newer than the local copy."


def edit(session: Session, event_id: int, new: NewEvent, raw: Fields) -> Edited:
    """Edits an event: its own fields as in `new`, what hangs on it as in `raw`.

    Raises NotFound, Forbidden, NotNewer, GroupRefused.
    """
    held = claim(session, event_id)
    if new.timestamp is not None and new.timestamp <= held.timestamp:
        raise NotNewer(f"event {event_id} is of {held.timestamp}, the edit of {new.timestamp}")
    held = _store_head(session, held, new, raw)
    name_carriers(raw)
    children = Children(session, held)
    children.take_attributes(raw.get("Attribute"), "Attribute", 0, held.audience)
    children.take_objects(raw.get("Object"))
    children.take_reports(raw.get("EventReport"))
    _take_tags(session, held, new, raw)
    take_keys(session, held, new.keys)
    bringing_proposals.bring(session, event_id, read_proposals(raw, children.edited.refused))
    children.edited.refused += take_inside(session, inside(raw))
    children.finish()
    audit.record(session, "edit", "Event", event_id, new.info[:200], {"fields": sorted(raw)[:50]})
    edited = children.edited
    return Edited(event_id, edited.attributes, edited.objects, edited.refused)


_HEAD = """
UPDATE event SET info = coalesce(%(info)s, info), date = coalesce(%(date)s::date, date),
    threat_level_id = coalesce(%(threat)s, threat_level_id),
    analysis = coalesce(%(analysis)s, analysis), distribution = %(level)s,
    sharing_group_id = %(group)s, published = %(published)s, timestamp = %(timestamp)s,
    publish_timestamp = coalesce(%(publish_timestamp)s, publish_timestamp),
    extends_uuid = CASE WHEN %(says_extends)s THEN %(extends)s ELSE extends_uuid END,
    disable_correlation = coalesce(%(disable_correlation)s, disable_correlation),
    protected = coalesce(%(protected)s, protected)
WHERE id = %(id)s
"""


def _store_head(session: Session, held: Claim, new: NewEvent, raw: Fields) -> Claim:
    level, group, moved = _level(session, held, new)
    published = bool(new.published) and may_publish(session)
    foreign = session.principal.may("sync") or session.principal.is_site_admin
    given = new.publish_timestamp if foreign else None
    now = int(time.time())
    session.execute(
        _HEAD,
        {
            "id": held.event_id,
            "info": new.info or None,
            "date": new.date,
            "threat": new.threat_level_id,
            "analysis": new.analysis,
            "level": level,
            "group": group,
            "published": published,
            "timestamp": new.timestamp or now,
            "publish_timestamp": given or (now if published else None),
            "says_extends": "extends_uuid" in raw,
            "extends": new.extends_uuid,
            "disable_correlation": new.disable_correlation,
            "protected": new.protected,
        },
    )
    if moved or published != held.published:
        return reaudience(session, held)
    return held


def _level(session: Session, held: Claim, new: NewEvent) -> tuple[int, int | None, bool]:
    """Level and group of the event after the edit, and whether they are other ones."""
    row = session.one(
        "SELECT distribution, sharing_group_id FROM event WHERE id = %s", (held.event_id,)
    )
    before: tuple[int, int | None] = row or (0, None)
    level = before[0] if new.distribution is None else new.distribution
    if level != SHARING_GROUP:
        return level, None, level != before[0]
    group = before[1]
    if new.group is not None and new.group.id != before[1]:
        group = group_id(session, new.group)
    if group is None:
        raise GroupRefused("level 4 needs a sharing group")
    return level, group, (level, group) != before


def _take_tags(session: Session, held: Claim, new: NewEvent, raw: Fields) -> None:
    sent = raw.get("Tag") or raw.get("EventTag")
    gone = {tag.name for tag in read_tags(deletions(sent))}
    wanted = {tag.name: tag for tag in (*new.tags, *read_tags(sent)) if tag.name not in gone}
    attach_tags(session, [(held, list(wanted.values()))])
    if gone:
        tags.detach_from_event(session, held, sorted(gone))


def set_correlation_off(session: Session, held: Claim, off: bool | None) -> bool:
    """Whether the values of a claimed event relate to others; None turns it. Whether it is off."""
    now_off = session.value(
        "UPDATE event SET disable_correlation = coalesce(%s, NOT disable_correlation)"
        " WHERE id = %s RETURNING disable_correlation",
        (off, held.event_id),
    )
    touch(session, held)
    audit.record(session, "edit", "Event", held.event_id, "", {"disable_correlation": now_off})
    return bool(now_off)
