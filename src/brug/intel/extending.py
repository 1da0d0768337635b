# SPDX-License-Identifier: EUPL-1.2
"""Adding attributes, objects, references and reports to an event that is there already.

Outside objects, an event holds an attribute (type, category, value) once; who cannot see
the first one may add a second, and learns nothing.
"""

import time
from collections.abc import Sequence

import msgspec

from brug.intel import attributes, objects, reports
from brug.intel.attribute_rows import Placed
from brug.intel.attributes import Likeness, likeness
from brug.intel.finding import Claim
from brug.intel.levels import Narrowing
from brug.intel.patterns.applying import kept_out
from brug.intel.publishing import touch
from brug.intel.storing import Batch, keep_refused
from brug.intel.vocabulary.templates import Template, find_template
from brug.model.attribute_types import Refused
from brug.model.errors import BrugError, NotFound
from brug.model.new_event import NewAttribute, NewObject, NewReference, NewReport, Refusal
from brug.store import audit, settings
from brug.store.session import Session

SIMILAR = "A similar attribute already exists for this event."
UUID_TAKEN = "The UUID provided is not unique"


class Outcome(msgspec.Struct):
    """What became of attributes, by their place in what was sent."""

    stored: dict[int, int] = {}
    refused: list[Refusal] = []


def _narrowing(session: Session, held: Claim) -> Narrowing:
    default = int(settings.get(session, "events.default_attribute_distribution"))
    return Narrowing(session, held.org_id, default)


def add_attributes(
    session: Session,
    held: Claim,
    items: Sequence[tuple[int, NewAttribute]],
    refused: Sequence[Refusal],
    *,
    renew_alike: bool = False,
) -> Outcome:
    """Adds attributes to a claimed event; `renew_alike` renews the time of one that is there.

    `refused` are those that were not readable; all refusals name their place as
    `attribute_N` and are kept.
    """
    outcome = Outcome({}, list(refused))
    added: list[int] = []
    items = _admitted(session, items, outcome)
    alike = _alike(session, held, [new for _, new in items])
    fresh: list[tuple[int, NewAttribute]] = []
    for index, new in items:
        known = alike.get(likeness(new))
        if known is None or new.deleted:
            fresh.append((index, new))
            alike[likeness(new)] = 0
        elif renew_alike and known:
            _renew(session, held, known)
            outcome.stored[index] = known
        else:
            item = {"type": new.type, "category": new.category, "value": new.value1}
            outcome.refused.append(Refusal(f"attribute_{index}", {"value": [SIMILAR]}, item))
    places = {id(new): index for index, new in fresh}
    batch = Batch(
        session,
        held,
        _narrowing(session, held),
        outcome.refused,
        lambda item: f"attribute_{places[id(item)]}",
    )
    for attribute_id, placed in batch.store_attributes(
        [Placed(new, 0, held.audience) for _, new in fresh]
    ):
        outcome.stored[places[id(placed.new)]] = attribute_id
        added.append(attribute_id)
    keep_refused(session, held.uuid, outcome.refused)
    if outcome.stored:
        touch(session, held, added=added)
        title = f"{len(outcome.stored)} attributes"
        change = {"attributes": sorted(outcome.stored.values())[:100]}
        audit.record(session, "add", "Attribute", min(outcome.stored.values()), title, change)
    return outcome


def _admitted(
    session: Session, items: Sequence[tuple[int, NewAttribute]], outcome: Outcome
) -> Sequence[tuple[int, NewAttribute]]:
    """Those that the import rules let in, with the values that the rules make of theirs."""
    out = kept_out(session, [new for _, new in items])
    for place, errors in out.items():
        index, new = items[place]
        item = {"type": new.type, "category": new.category, "value": new.value1}
        outcome.refused.append(Refusal(f"attribute_{index}", errors, item))
    return [item for place, item in enumerate(items) if place not in out] if out else items


def _alike(session: Session, held: Claim, wanted: Sequence[NewAttribute]) -> dict[Likeness, int]:
    if not wanted:
        return {}
    found = attributes.alike(session, held.event_id, wanted)
    return {like: attribute.id for like, attribute in found.items()}


def _renew(session: Session, held: Claim, attribute_id: int) -> None:
    session.execute(
        "UPDATE attribute SET timestamp = %s WHERE id = %s AND event_id = %s",
        (int(time.time()), attribute_id, held.event_id),
    )


class ObjectRefused(BrugError):
    """An object was not taken; `public` is MISP's text for it.

    `unread`: already its attributes could not be read.
    """

    code = "object_refused"
    status = 403

    def __init__(self, public: str, *, unread: bool = False) -> None:
        super().__init__(public)
        self.public = public
        self.unread = unread


def template_of(session: Session, new: NewObject, reference: str | None) -> Template | None:
    """The template that an object names by UUID and version, or that the path named."""
    if reference:
        return find_template(session, reference)
    found = find_template(session, new.template_uuid) if new.template_uuid else None
    return found if found is not None and str(found.version) == new.template_version else None


def add_object(session: Session, held: Claim, new: NewObject, template: Template | None) -> int:
    """Adds an object with its attributes to a claimed event; its id. Raises ObjectRefused.

    A template that the node knows gives name and description and says what the object
    must have; without one the object has to say what it is itself.
    """
    if not new.attributes:
        raise ObjectRefused("Could not save the object as no attributes were set.")
    if template is None:
        _require_description(new)
    else:
        new.name, new.meta_category = template.name, template.meta_category
        new.description = template.description
        new.template_uuid, new.template_version = template.uuid, str(template.version)
        _require_complete(new, template)
    for attribute in new.attributes:
        attribute.first_seen = attribute.first_seen or new.first_seen
        attribute.last_seen = attribute.last_seen or new.last_seen
    refused: list[Refusal] = []
    batch = Batch(session, held, _narrowing(session, held), refused, lambda _: "Object")
    stored = batch.store_objects([new])
    batch.link(stored)
    if refused:
        texts = (
            f"{field}: {' '.join(text)}" for one in refused for field, text in one.errors.items()
        )
        raise ObjectRefused("Object could not be saved.\n" + "\n".join(texts))
    touch(session, held, added=batch.added)
    audit.record(session, "add", "Object", stored[0].id, new.name)
    return stored[0].id


def _require_description(new: NewObject) -> None:
    for field, value in (
        ("name", new.name),
        ("meta-category", new.meta_category),
        ("description", new.description),
        ("template_uuid", new.template_uuid),
    ):
        if not value:
            raise ObjectRefused(
                "Object could not be saved.\ntemplate: No valid template found and object"
                f" lacking template information. ({field})"
            )


def _require_complete(new: NewObject, template: Template) -> None:
    relations = {attribute.object_relation or "" for attribute in new.attributes}
    unmet = template.missing(relations)
    if "required" in unmet:
        raise ObjectRefused(
            "Could not save the object as a required attribute is not set"
            f" ({', '.join(unmet['required'])})."
        )
    if "requiredOneOf" in unmet:
        raise ObjectRefused(
            "Could not save the object as it requires at least one of the following"
            f" attributes to be set: {', '.join(unmet['requiredOneOf'])}"
        )


def add_reference(session: Session, held: Claim, object_id: int, new: NewReference) -> int:
    """Adds a reference from an object of a claimed event. Raises NotFound for its target."""
    known = session.value(
        "SELECT EXISTS (SELECT 1 FROM object WHERE uuid = %(uuid)s AND event_id = %(event)s"
        "   AND NOT deleted)"
        " OR EXISTS (SELECT 1 FROM attribute WHERE uuid = %(uuid)s AND event_id = %(event)s"
        "   AND NOT deleted)",
        {"uuid": new.referenced_uuid, "event": held.event_id},
    )
    if not known:
        raise NotFound(f"no target {new.referenced_uuid} in event {held.event_id}")
    (reference_id,) = objects.insert_references(session, held, [(object_id, new)])
    if reference_id is None:
        raise Refused({"uuid": [UUID_TAKEN]})
    touch(session, held)
    audit.record(session, "add", "ObjectReference", reference_id, new.relationship_type)
    return reference_id


def add_report(session: Session, held: Claim, new: NewReport) -> int:
    """Adds a report to a claimed event; its id. Raises Refused, GroupRefused."""
    ((_, report_id),) = reports.insert(session, held, [new], _narrowing(session, held))
    if report_id is None:
        raise Refused({"uuid": [UUID_TAKEN]})
    touch(session, held)
    audit.record(session, "add", "EventReport", report_id, new.name)
    return report_id
