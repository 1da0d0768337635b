# SPDX-License-Identifier: EUPL-1.2
"""Storing children of a claimed event, many at a time.

One that cannot be stored never costs the others: it is kept as a refusal, with its place
in what was sent and the reason.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from brug.directory.capturing import capture
from brug.intel import attachments, attributes, objects, reports, twins
from brug.intel.attributes import Placed
from brug.intel.finding import Claim
from brug.intel.label import tags
from brug.intel.levels import RESTRICTED, GroupRefused, Narrowing
from brug.intel.objects import StoredObject
from brug.intel.patterns.applying import kept_out
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Reported
from brug.intel.vocabulary.matching import match
from brug.model.errors import TooLarge
from brug.model.event import (
    NewAttribute,
    NewEvent,
    NewObject,
    NewReport,
    NewTag,
    Refusal,
)
from brug.store.session import Session

Item = NewAttribute | NewObject | NewReport
Where = Callable[[Item], str]
ON_WARNINGLIST = (
    "Attribute could not be saved as it trips over a warninglist and enforceWarninglist is"
    " enforced."
)


def numbered(
    prefix: str, items: Sequence[Item], gone: Collection[str]
) -> Iterable[tuple[str, Item]]:
    """Each item with its place in what was sent, from which the places `gone` were refused."""
    index = 0
    for item in items:
        while f"{prefix}[{index}]" in gone:
            index += 1
        yield f"{prefix}[{index}]", item
        index += 1


def places_in(new: NewEvent) -> Where:
    """Where an item stood in the document that it was read from."""
    gone = frozenset(refusal.place for refusal in new.refused)

    def walk() -> Iterable[tuple[str, Item]]:
        yield from numbered("Attribute", new.attributes, gone)
        yield from numbered("EventReport", new.reports, gone)
        for place, item in numbered("Object", new.objects, gone):
            yield place, item
            if isinstance(item, NewObject):
                yield from numbered(f"{place}.Attribute", item.attributes, gone)

    return lambda wanted: next((place for place, item in walk() if item is wanted), "")


Levelled = TypeVar("Levelled", NewAttribute, NewObject, NewReport)


class Batch:
    """Storing children of one claimed event; what cannot be stored joins `refused`.

    `added` are the attributes that were stored, which the event does not count yet.
    """

    def __init__(
        self,
        session: Session,
        held: Claim,
        narrowing: Narrowing,
        refused: list[Refusal],
        where: Where,
    ) -> None:
        self._session = session
        self._held = held
        self._narrowing = narrowing
        self._refused = refused
        self._where = where
        self.added: list[int] = []

    def store_attributes(self, placed: Sequence[Placed]) -> list[tuple[int, Placed]]:
        """Stores attributes with what hangs on them; those stored, with their ids."""
        admitted = self._admitted(self._nameable([p.new for p in placed]))
        wanted = self._fitting(self._unlisted(admitted))
        if len(wanted) < len(placed):
            kept = {id(new) for new in wanted}
            placed = [p for p in placed if id(p.new) in kept]
        stored = attributes.insert(self._session, self._held, placed, self._narrowing)
        if len(stored) < len(placed):
            there = {id(p) for _, p in stored}
            for item in placed:
                if id(item) not in there:
                    self._refuse(item.new, attributes.NOT_UNIQUE, _as_sent(item.new))
        hang(self._session, self._held, [(i, p.new) for i, p in stored])
        self.added += [attribute_id for attribute_id, _ in stored]
        return stored

    def store_objects(self, new: Sequence[NewObject]) -> list[StoredObject]:
        """Stores objects with their attributes; `link` does their references."""
        wanted = self._new_ones(self._nameable(new))
        stored = objects.insert(self._session, self._held, wanted, self._narrowing)
        if len(stored) < len(wanted):
            there = {id(item.new) for item in stored}
            for left_out in wanted:
                if id(left_out) not in there:
                    sent = {"uuid": left_out.uuid, "name": left_out.name}
                    self._refuse(left_out, attributes.NOT_UNIQUE, sent)
        self.store_attributes(
            [Placed(a, item.id, item.audience) for item in stored for a in item.new.attributes]
        )
        return stored

    def _new_ones(self, items: Sequence[NewObject]) -> Sequence[NewObject]:
        """Those that are not to be left out as twins of others."""
        known = dict(twins.of_new(self._session, self._held, items))
        for place, reason in known.items():
            sent = {"uuid": items[place].uuid, "name": items[place].name}
            self._refuse(items[place], {"value": [reason]}, sent)
        return [one for place, one in enumerate(items) if place not in known]

    def link(self, stored: Sequence[StoredObject]) -> bool:
        """Stores the references of stored objects, once their targets are there; whether any."""
        pairs = [(item.id, reference) for item in stored for reference in item.new.references]
        objects.insert_references(self._session, self._held, pairs)
        return bool(pairs)

    def store_reports(self, new: Sequence[NewReport]) -> list[int]:
        """Stores reports; their ids."""
        stored = reports.insert(self._session, self._held, self._nameable(new), self._narrowing)
        for report, report_id in stored:
            if report_id is None:
                sent = {"uuid": report.uuid, "name": report.name}
                self._refuse(report, attributes.NOT_UNIQUE, sent)
        return [report_id for _, report_id in stored if report_id is not None]

    def _nameable(self, items: Sequence[Levelled]) -> list[Levelled]:
        """Those at a level that the sender may give; the others are refused one by one."""
        allowed = []
        for item in items:
            if item.distribution in RESTRICTED:
                try:
                    self._narrowing.level(item.distribution, item.group)
                except GroupRefused as error:
                    sent = {"uuid": item.uuid, "distribution": item.distribution}
                    self._refuse(item, {error.field: [error.public]}, sent)
                    continue
            allowed.append(item)
        return allowed

    def _admitted(self, items: Sequence[NewAttribute]) -> Sequence[NewAttribute]:
        """Those that the import rules let in."""
        refused = kept_out(self._session, items)
        for place, errors in refused.items():
            self._refuse(items[place], errors, _as_sent(items[place]))
        return [new for place, new in enumerate(items) if place not in refused]

    def _unlisted(self, items: Sequence[NewAttribute]) -> Sequence[NewAttribute]:
        """Without those that their sender does not want where a warninglist has them."""
        asked = [new for new in items if new.unlisted]
        if not asked:
            return items
        known = match(self._session, [(new.type, new.value1, new.value2) for new in asked])
        out = {id(new) for new, lists in zip(asked, known, strict=True) if lists}
        for new in asked:
            if id(new) in out:
                self._refuse(new, {"warninglist": [ON_WARNINGLIST]}, _as_sent(new))
        return [new for new in items if id(new) not in out]

    def _fitting(self, items: Sequence[NewAttribute]) -> Sequence[NewAttribute]:
        """Those whose bytes are within the node's limit."""
        if not any(item.data for item in items):
            return items
        fitting = []
        for item in items:
            try:
                if item.data:
                    attachments.prepare(self._session, item)
            except TooLarge as error:
                self._refuse(item, {"data": [error.public]}, _as_sent(item))
                continue
            fitting.append(item)
        return fitting

    def _refuse(self, item: Item, errors: dict[str, list[str]], sent: dict[str, Any]) -> None:
        self._refused.append(Refusal(self._where(item), errors, sent))


def _as_sent(new: NewAttribute) -> dict[str, Any]:
    value = f"{new.value1}|{new.value2}" if new.value2 else new.value1
    return {"uuid": new.uuid, "type": new.type, "category": new.category, "value": value}


def hang(session: Session, held: Claim, stored: Sequence[tuple[int, NewAttribute]]) -> None:
    """What hangs on stored attributes: tags, sightings, bytes."""
    pairs = [(i, tag) for i, new in stored if new.tags for tag in new.tags]
    if pairs and may_tag(session):
        tags.attach_to_attributes(session, held, pairs)
    sightings.store(session, list(_reported(session, stored)))
    for attribute_id, new in stored:
        if new.data is not None and new.type in attachments.TYPES:
            attachments.prepare(session, new)
            attachments.put(session, attribute_id, new.data)


def _reported(session: Session, stored: Sequence[tuple[int, NewAttribute]]) -> Iterator[Reported]:
    """Sightings with whose they are: what a synchronising user brings keeps its reporter."""
    principal = session.principal
    keeps = principal.may("sync") or principal.is_site_admin
    ids: dict[tuple[str, str], int] = {}
    for attribute_id, new in stored:
        for sighting in new.sightings:
            reporter, org_id = sighting.organisation, principal.org_id
            if reporter is not None and keeps:
                named = reporter.uuid, reporter.name
                if named not in ids:
                    ids[named] = capture(session, reporter)
                org_id = ids[named]
            yield Reported(attribute_id, org_id, sighting)


def may_publish(session: Session) -> bool:
    """Whether what this principal sends may come into the world published."""
    return session.principal.may("publish") or session.principal.is_site_admin


def attach_tags(session: Session, held: Claim, wanted: Sequence[NewTag]) -> None:
    """Tags that come along with an event; who may not tag brings none."""
    if wanted and may_tag(session):
        tags.attach_to_event(session, held, wanted)


def may_tag(session: Session) -> bool:
    return session.principal.may("tagger") or session.principal.is_site_admin


def keep_refused(session: Session, event_uuid: str | None, refused: Sequence[Refusal]) -> None:
    """Keeps what was not taken in, so that it can be replayed after a fix."""
    if not refused:
        return
    session.execute(
        "INSERT INTO refusal (user_id, org_id, event_uuid, place, item, reason)"
        " SELECT %s, %s, %s, n.place, n.item, n.reason"
        " FROM unnest(%s::text[], %s::text[], %s::text[]) AS n (place, item, reason)",
        (
            session.principal.user_id,
            session.principal.org_id,
            event_uuid,
            [item.place for item in refused],
            [json.dumps(item.item) for item in refused],
            [
                "; ".join(f"{f}: {' '.join(texts)}" for f, texts in r.errors.items())
                for r in refused
            ],
        ),
    )
