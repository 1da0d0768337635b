# SPDX-License-Identifier: EUPL-1.2
"""What an edit of an event or object does to the items inside.

Items are found by their UUID and changed where the edit is newer, or added; each that
cannot be is refused with its place in what was sent, and costs no other.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from brug.formats.misp import overlaying
from brug.formats.misp.reading import read_object, read_report
from brug.formats.misp.reading_attributes import read_attribute
from brug.formats.misp.reading_fields import Fields, read_tags
from brug.intel import attributes, objects, reports
from brug.intel.attribute_rows import Placed
from brug.intel.attributes import Change
from brug.intel.finding import Claim
from brug.intel.label import tags
from brug.intel.levels import GroupRefused, Narrowing
from brug.intel.patterns.applying import changed
from brug.intel.publishing import reaudience
from brug.intel.storing import Batch, hang, keep_refused, numbered
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid
from brug.model.new_event import NewAttribute, NewObject, NewReport, Refusal
from brug.store import settings
from brug.store.rows import array
from brug.store.session import Session


class Edited(msgspec.Struct):
    """What an edit did: how many attributes and objects were added or changed."""

    event_id: int
    attributes: int = 0
    objects: int = 0
    refused: list[Refusal] = []


def deletions(sent: Any) -> list[Any]:
    """The items of a list that are sent to be deleted."""
    return [item for item in sent if overlaying.is_deletion(item)] if isinstance(sent, list) else []


def without_lost_tags(item: Any) -> tuple[Any, list[str]]:
    """An attribute as it was sent, without the tags that it is to lose, and their names."""
    if not isinstance(item, dict):
        return item, []
    sent = item.get("Tag")
    gone = sorted({tag.name for tag in read_tags(deletions(sent))})
    if not gone or sent is None:
        return item, []
    return item | {"Tag": [tag for tag in sent if not overlaying.is_deletion(tag)]}, gone


def as_list(raw: Any) -> list[Any]:
    """One item is a list of one; nothing is none."""
    if raw is None:
        return []
    return raw if isinstance(raw, list) else [raw]


class Children:
    """The items of a claimed event that an edit brings."""

    def __init__(self, session: Session, held: Claim) -> None:
        self._session = session
        self._held = held
        default = int(settings.get(session, "events.default_attribute_distribution"))
        self.narrowing = Narrowing(session, held.org_id, default)
        self.edited = Edited(held.event_id, refused=[])
        self._places: dict[int, str] = {}
        self._moved = False
        self.batch = Batch(
            session, held, self.narrowing, self.edited.refused, lambda i: self._places[id(i)]
        )

    def _numbered(self, raw: Any, place: str) -> Iterator[tuple[str, Any]]:
        for index, item in enumerate(as_list(raw)):
            yield f"{place}[{index}]", item

    def _refuse(self, place: str, error: Invalid | GroupRefused, item: Any) -> None:
        errors = error.errors if isinstance(error, Refused) else {error.field: [error.public]}
        self.edited.refused.append(Refusal(place, errors, item))

    def level(
        self, stored: Any, new: NewAttribute | NewObject | NewReport
    ) -> tuple[int, int | None]:
        """Where a changed item stands; what it had may stay, whoever may name that group."""
        if overlaying.keeps_group(stored, new):
            return stored.distribution, stored.sharing_group_id
        level = self.narrowing.level(new.distribution, new.group)
        self._moved = self._moved or level != (stored.distribution, stored.sharing_group_id)
        return level

    def take_attributes(self, raw: Any, place: str, object_id: int, audience: int) -> None:
        """Attributes of the event (object 0) or of one of its objects."""
        items = list(self._numbered(raw, place))
        known = self._known(attributes.by_uuids, items)
        changes: list[Change] = []
        placed: list[Placed] = []
        for where, item in items:
            stored = known.get(overlaying.uuid_of(item) or "")
            try:
                if stored is None:
                    new = read_attribute(item)
                    self._places[id(new)] = where
                    placed.append(Placed(new, object_id, audience))
                elif _is_newer(item, stored.timestamp):
                    kept, gone = without_lost_tags(item)
                    new = changed(self._session, stored, kept)
                    changes.append(Change(stored, new, self.level(stored, new)))
                    tags.detach_from_attribute(self._session, self._held, stored.id, gone)
            except (Invalid, GroupRefused) as error:
                self._refuse(where, error, item)
        self.store(changes, placed)

    def store(self, changes: Sequence[Change], placed: Sequence[Placed]) -> list[int]:
        """Stores changed and new attributes; the ids of the new ones."""
        attributes.update(self._session, self._held, changes)
        hang(self._session, [self._held], [(c.stored.id, c.new) for c in changes])
        added = self.batch.store_attributes(placed)
        self._count()
        self.edited.attributes += len(changes) + len(added)
        return [attribute_id for attribute_id, _ in added]

    def _count(self) -> None:
        """At once, since what comes later in the edit may delete what came before."""
        if self.batch.added:
            self._session.execute(
                "SELECT count_added(%s, %s::bigint[])",
                (self._held.event_id, array(self.batch.added)),
            )
            self.batch.added = []

    def _known(self, how: Any, items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        uuids = [uuid for _, item in items if (uuid := overlaying.uuid_of(item))]
        found: dict[str, Any] = how(self._session, self._held.event_id, uuids) if uuids else {}
        return found

    def take_objects(self, raw: Any) -> None:
        items = list(self._numbered(raw, "Object"))
        known = self._known(objects.by_uuids, items)
        new: list[NewObject] = []
        for where, item in items:
            stored = known.get(overlaying.uuid_of(item) or "")
            try:
                if stored is None:
                    made = read_object(item, where, self.edited.refused)
                    self._place_object(made, where)
                    new.append(made)
                elif _is_newer(item, stored.timestamp):
                    self._change_object(stored, item, where)
            except (Invalid, GroupRefused) as error:
                self._refuse(where, error, item)
        added = self.batch.store_objects(new)
        self._count()
        self.batch.link(added)
        self.edited.objects += len(added)
        self.edited.attributes += sum(len(one.new.attributes) for one in added)

    def _place_object(self, made: NewObject, where: str) -> None:
        self._places[id(made)] = where
        gone = frozenset(refusal.place for refusal in self.edited.refused)
        for place, attribute in numbered(f"{where}.Attribute", made.attributes, gone):
            self._places[id(attribute)] = place

    def _change_object(self, stored: Any, item: Fields, where: str) -> None:
        if overlaying.is_deletion(item) and not stored.deleted:
            objects.delete(self._session, self._held, stored.id, hard=False)
            self.edited.objects += 1
            return
        self.change_object_fields(stored, item)
        audience = int(
            self._session.value("SELECT audience FROM object WHERE id = %s", (stored.id,))
        )
        self.take_attributes(item.get("Attribute"), f"{where}.Attribute", stored.id, audience)
        brought = read_object({"name": stored.name} | _references(item), where, self.edited.refused)
        pairs = [(stored.id, reference) for reference in brought.references]
        objects.insert_references(self._session, self._held, pairs)
        self.edited.objects += 1

    def change_object_fields(self, stored: Any, item: Fields) -> None:
        """Stores the object's own fields. Raises Refused, GroupRefused."""
        new = overlaying.object_over(stored, item)
        objects.update(self._session, self._held, stored.id, new, self.level(stored, new))

    def name_place(self, item: NewAttribute, where: str) -> None:
        """Says where an item stood, should it be refused."""
        self._places[id(item)] = where

    def take_reports(self, raw: Any) -> None:
        items = list(self._numbered(raw, "EventReport"))
        known = self._known(reports.by_uuids, items)
        new: list[NewReport] = []
        for where, item in items:
            stored = known.get(overlaying.uuid_of(item) or "")
            try:
                if stored is None:
                    made = read_report(item)
                    self._places[id(made)] = where
                    new.append(made)
                elif _is_newer(item, stored.timestamp):
                    self.change_report(stored, item)
            except (Invalid, GroupRefused) as error:
                self._refuse(where, error, item)
        self.batch.store_reports(new)

    def change_report(self, stored: Any, item: Fields) -> None:
        """Stores a report's changed fields. Raises Refused, GroupRefused."""
        new = overlaying.report_over(stored, item)
        reports.update(self._session, self._held, stored.id, new, self.level(stored, new))

    def finish(self) -> None:
        """What follows from all that was taken: audiences, where it points, kept refusals."""
        if self._moved:
            reaudience(self._session, self._held)
        else:
            self._session.execute("SELECT settle_event(%s)", (self._held.event_id,))
        keep_refused(self._session, self._held.uuid, self.edited.refused)


def _references(item: Fields) -> Fields:
    return {k: v for k, v in item.items() if k == "ObjectReference"}


def _is_newer(item: Any, stored: int) -> bool:
    """Whether an edit applies: it names no time, or a later one than what is stored."""
    sent = overlaying.timestamp_of(item)
    return sent is None or sent > stored
