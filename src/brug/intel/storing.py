# SPDX-License-Identifier: EUPL-1.2
"""Storing children of a claimed event, many at a time.

One that cannot be stored never costs the others: it is kept as a refusal, with its place
in what was sent and the reason.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from brug.directory.capturing import Capturing
from brug.intel import attachments, attributes, objects, reports, twins
from brug.intel.attribute_rows import Placed
from brug.intel.attributes import Stored
from brug.intel.finding import Claim
from brug.intel.label import tags
from brug.intel.levels import RESTRICTED, GroupRefused, Narrowing
from brug.intel.objects import StoredObject
from brug.intel.patterns.applying import Errors, kept_out
from brug.intel.sighting import sightings
from brug.intel.sighting.sightings import Reported
from brug.intel.vocabulary.matching import match
from brug.model.errors import TooLarge
from brug.model.new_event import NewAttribute, NewEvent, NewObject, NewReport, NewTag, Refusal
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
        self.held = held
        self.narrowing = narrowing
        self._refused = refused
        self._where = where
        self.added: list[int] = []

    def store_attributes(self, placed: Sequence[Placed]) -> Stored:
        """Stores attributes with what hangs on them; those stored, with their ids."""
        return store_attributes(self._session, [(self, placed)])[0]

    def nameable(self, placed: Sequence[Placed]) -> Sequence[Placed]:
        """Those at a level that the sender may give."""
        return _only(placed, self._nameable([one.new for one in placed]))

    def fitting(self, placed: Sequence[Placed], out: Mapping[int, Errors]) -> Sequence[Placed]:
        """Those that may be stored; `out` says by identity why the import rules keep some out."""
        for one in placed:
            if id(one.new) in out:
                self._refuse(one.new, out[id(one.new)], _as_sent(one.new))
        admitted = [one.new for one in placed if id(one.new) not in out]
        return _only(placed, self._fitting(self._unlisted(admitted)))

    def note_stored(self, placed: Sequence[Placed], stored: Stored) -> None:
        """What became of those that were to be stored."""
        if len(stored) < len(placed):
            there = {id(p) for _, p in stored}
            for item in placed:
                if id(item) not in there:
                    self._refuse(item.new, attributes.NOT_UNIQUE, _as_sent(item.new))
        self.added += [attribute_id for attribute_id, _ in stored]

    def store_objects(self, new: Sequence[NewObject]) -> list[StoredObject]:
        """Stores objects with their attributes; `link` does their references."""
        wanted = self._new_ones(self._nameable(new))
        stored = objects.insert(self._session, self.held, wanted, self.narrowing)
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
        known = dict(twins.of_new(self._session, self.held, items))
        for place, reason in known.items():
            sent = {"uuid": items[place].uuid, "name": items[place].name}
            self._refuse(items[place], {"value": [reason]}, sent)
        return [one for place, one in enumerate(items) if place not in known]

    def link(self, stored: Sequence[StoredObject]) -> bool:
        """Stores the references of stored objects, once their targets are there; whether any."""
        pairs = [(item.id, reference) for item in stored for reference in item.new.references]
        objects.insert_references(self._session, self.held, pairs)
        return bool(pairs)

    def store_reports(self, new: Sequence[NewReport]) -> list[int]:
        """Stores reports; their ids."""
        stored = reports.insert(self._session, self.held, self._nameable(new), self.narrowing)
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
                    self.narrowing.level(item.distribution, item.group)
                except GroupRefused as error:
                    sent = {"uuid": item.uuid, "distribution": item.distribution}
                    self._refuse(item, {error.field: [error.public]}, sent)
                    continue
            allowed.append(item)
        return allowed

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


def store_attributes(
    session: Session, several: Sequence[tuple[Batch, Sequence[Placed]]]
) -> list[Stored]:
    """Stores attributes of claimed events with what hangs on them; of each event those stored."""
    several = [(batch, batch.nameable(placed)) for batch, placed in several]
    sent = [one.new for _, placed in several for one in placed]
    out = {id(sent[place]): errors for place, errors in kept_out(session, sent).items()}
    fitting = [(batch, batch.fitting(placed, out)) for batch, placed in several]
    found = attributes.insert(session, [(b.held, placed, b.narrowing) for b, placed in fitting])
    for (batch, placed), stored in zip(fitting, found, strict=True):
        batch.note_stored(placed, stored)
    claims = [batch.held for batch, _ in fitting]
    hang(session, claims, [(number, one.new) for stored in found for number, one in stored])
    return found


def _only(placed: Sequence[Placed], wanted: Sequence[NewAttribute]) -> Sequence[Placed]:
    if len(wanted) == len(placed):
        return placed
    kept = {id(new) for new in wanted}
    return [one for one in placed if id(one.new) in kept]


def _as_sent(new: NewAttribute) -> dict[str, Any]:
    value = f"{new.value1}|{new.value2}" if new.value2 else new.value1
    return {"uuid": new.uuid, "type": new.type, "category": new.category, "value": value}


def hang(
    session: Session, claims: Sequence[Claim], stored: Sequence[tuple[int, NewAttribute]]
) -> None:
    """What hangs on stored attributes of claimed events: tags, sightings, bytes."""
    pairs = [(i, tag) for i, new in stored if new.tags for tag in new.tags]
    if pairs and may_tag(session):
        tags.attach_to_attributes(session, claims, pairs)
    sightings.store(session, list(_reported(session, stored)))
    for attribute_id, new in stored:
        if new.data is not None and new.type in attachments.TYPES:
            attachments.prepare(session, new)
            attachments.put(session, attribute_id, new.data)


def _reported(session: Session, stored: Sequence[tuple[int, NewAttribute]]) -> Iterator[Reported]:
    """Sightings with whose they are: what a synchronising user brings keeps its reporter."""
    principal = session.principal
    keeps = principal.may("sync") or principal.is_site_admin
    capturing = Capturing(session)
    for attribute_id, new in stored:
        for sighting in new.sightings:
            reporter, org_id = sighting.organisation, principal.org_id
            if reporter is not None and keeps:
                org_id = capturing.of(reporter)
            yield Reported(attribute_id, org_id, sighting)


def may_publish(session: Session) -> bool:
    """Whether what this principal sends may come into the world published."""
    return session.principal.may("publish") or session.principal.is_site_admin


def attach_tags(session: Session, wanted: Sequence[tuple[Claim, Sequence[NewTag]]]) -> None:
    """Tags that come along with events; who may not tag brings none."""
    if any(of_event for _, of_event in wanted) and may_tag(session):
        tags.attach_to_events(session, wanted)


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
