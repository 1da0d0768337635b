# SPDX-License-Identifier: EUPL-1.2
"""Editing one attribute, object or report by itself."""

import json
import time
from typing import Any

from brug.formats.misp import overlaying
from brug.formats.misp.reading_attributes import read_attribute
from brug.formats.misp.reading_fields import Fields
from brug.intel import attributes, objects, reports
from brug.intel.attribute_rows import Placed
from brug.intel.attributes import Change, likeness
from brug.intel.changing import NotNewer
from brug.intel.children import Children, as_list, without_lost_tags
from brug.intel.extending import SIMILAR, ObjectRefused
from brug.intel.finding import Claim, claim_parent
from brug.intel.label import tags
from brug.intel.patterns.applying import changed
from brug.intel.publishing import touch
from brug.model.attribute_types import Refused
from brug.model.errors import BrugError, Invalid, NotFound
from brug.model.event import Attribute
from brug.model.new_event import NewAttribute
from brug.store import audit
from brug.store.session import Session


class AttributeNotNewer(NotNewer):
    """The same for one attribute."""

    public = "Attribute could not be saved: Attribute in the request not newer than the local copy."


def edit_attribute(session: Session, attribute_id: int, raw: Fields) -> Claim:
    """Changes an attribute. Raises NotFound, Forbidden, Refused, AttributeNotNewer."""
    found = attributes.by_ids(session, [attribute_id])
    if not found or found[0].deleted:
        raise NotFound(f"attribute {attribute_id} is absent or deleted")
    stored = found[0]
    held = claim_parent(session, "attribute", attribute_id)
    sent = overlaying.timestamp_of(raw)
    if sent is not None and sent <= stored.timestamp:
        raise AttributeNotNewer(f"attribute {attribute_id} is of {stored.timestamp}")
    raw, gone = without_lost_tags(raw)
    new = changed(session, stored, raw)
    _refuse_alike(session, stored, new)
    children = Children(session, held)
    children.store([Change(stored, new, children.level(stored, new))], [])
    tags.detach_from_attribute(session, held, attribute_id, gone)
    if stored.object_id:
        _touch_object(session, held, stored.object_id)
    children.finish()
    touch(session, held)
    audit.record(
        session, "edit", "Attribute", attribute_id, stored.value1, {"fields": sorted(raw)[:50]}
    )
    return held


def _refuse_alike(session: Session, stored: Attribute, new: NewAttribute) -> None:
    if stored.object_id or likeness(stored) == likeness(new):
        return
    if likeness(new) in attributes.alike(session, stored.event_id, [new]):
        raise Refused({"value": [SIMILAR]})


def _touch_object(session: Session, held: Claim, object_id: int) -> None:
    session.execute(
        "UPDATE object SET timestamp = %s WHERE id = %s AND event_id = %s",
        (int(time.time()), object_id, held.event_id),
    )


def edit_object(session: Session, object_id: int, raw: Fields) -> Claim:
    """Changes an object; where attributes are sent, they are all that it has from now on.

    Raises NotFound, Forbidden, Refused, GroupRefused, ObjectRefused: one attribute that
    does not fit refuses the edit.
    """
    held = claim_parent(session, "object", object_id)
    stored = objects.by_ids(session, [object_id])[object_id]
    children = Children(session, held)
    children.change_object_fields(stored, {k: v for k, v in raw.items() if k != "timestamp"})
    if raw.get("Attribute"):
        _replace_attributes(session, children, held, object_id, as_list(raw["Attribute"]))
    if children.edited.refused:
        first = children.edited.refused[0]
        raise ObjectRefused(f"Could not save object: {first.place} {first.errors}")
    children.finish()
    touch(session, held)
    audit.record(session, "edit", "Object", object_id, stored.name, {"fields": sorted(raw)[:50]})
    return held


def _replace_attributes(
    session: Session, children: Children, held: Claim, object_id: int, items: list[Any]
) -> None:
    audience = int(session.value("SELECT audience FROM object WHERE id = %s", (object_id,)))
    present = {a.uuid: a for a in attributes.of_object(session, object_id)}
    changes: list[Change] = []
    placed: list[Placed] = []
    kept: set[str] = set()
    for index, item in enumerate(items):
        stored = present.get(overlaying.uuid_of(item) or "")
        try:
            if stored is None:
                placed.append(Placed(read_attribute(item), object_id, audience))
                continue
            kept.add(stored.uuid)
            sent, gone = without_lost_tags(_timeless(item))
            new = changed(session, stored, sent)
            tags.detach_from_attribute(session, held, stored.id, gone)
            level = children.level(stored, new)
            if _differs(stored, new, level):
                changes.append(Change(stored, new, level))
        except (Refused, Invalid) as error:
            raise invalid_inside(item, error, index) from error
    for place, one in enumerate(placed):
        children.name_place(one.new, f"Attribute[{place}]")
    children.store(changes, placed)
    left = [a.id for uuid, a in present.items() if uuid not in kept and not a.deleted]
    attributes.mark_deleted(session, held, left)


def _timeless(item: Any) -> Any:
    """An object's attributes come back with their old times, changed or not."""
    return {k: v for k, v in item.items() if k != "timestamp"} if isinstance(item, dict) else item


def _differs(stored: Attribute, new: NewAttribute, level: tuple[int, int | None]) -> bool:
    if level != (stored.distribution, stored.sharing_group_id) or likeness(stored) != likeness(new):
        return True
    fields = ("to_ids", "comment", "deleted", "disable_correlation", "first_seen", "last_seen",
              "object_relation")  # fmt: skip
    return bool(new.tags or new.data) or any(getattr(stored, f) != getattr(new, f) for f in fields)


def invalid_inside(item: Any, error: BrugError, index: int) -> ObjectRefused:
    """MISP's text for an object that an attribute of it spoils."""
    relation = item.get("object_relation") if isinstance(item, dict) else None
    errors = error.errors if isinstance(error, Refused) else {"Attribute": [error.public]}
    return ObjectRefused(
        "Could not save object as at least one attribute has failed validation"
        f" ({relation or index}). {json.dumps(errors, separators=(',', ':'))}",
        unread=True,
    )


def edit_report(session: Session, report_id: int, raw: Fields) -> Claim:
    """Changes a report. Raises NotFound, Forbidden, Refused, GroupRefused."""
    held = claim_parent(session, "event_report", report_id)
    stored = reports.by_ids(session, [report_id])[report_id]
    children = Children(session, held)
    children.change_report(stored, {k: v for k, v in raw.items() if k != "timestamp"})
    children.finish()
    touch(session, held)
    audit.record(session, "edit", "EventReport", report_id, stored.name)
    return held
