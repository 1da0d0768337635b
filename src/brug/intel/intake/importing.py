# SPDX-License-Identifier: EUPL-1.2
"""Taking in events that were made elsewhere, and values out of CSV and texts.

Creator, UUIDs, times, level and published flag stay as they are unless the importer says
otherwise; importing shares nothing with anyone. An event that is held already is updated
where the document's is newer and left alone where it is not, so that importing again
changes nothing; values of a file without UUIDs are told by the file's content.
"""

import hashlib
from typing import Any, Literal
from uuid import UUID

import msgspec

from brug.formats.csv_reading import Row, read_rows
from brug.formats.misp.reading import read_event
from brug.formats.misp.reading_attributes import read_attribute
from brug.intel.adding import EventExists, add
from brug.intel.changing import NotNewer, edit
from brug.intel.intake.extraction import extract, type_of
from brug.intel.vocabulary.capturing import capture
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid
from brug.model.new_event import NewAttribute, NewEvent, NewReport, NewTag, Refusal
from brug.store import settings
from brug.store.session import Session

Outcome = Literal["added", "updated", "unchanged"]
NO_TYPE = "The type of this value cannot be told; give it in a column named type."


class Overrides(msgspec.Struct, frozen=True):
    """What the importer wants otherwise than the document says."""

    distribution: int | None = None
    unpublished: bool = False
    tags: tuple[str, ...] = ()
    # Whether bridges carry what comes in as published; otherwise nothing is shared by it.
    share: bool = False


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
    _apply(new, overrides)
    if not overrides.share:
        session.execute("SELECT set_config('brug.not_shared', 'on', true)")
    taken = _store(session, new, raw)
    if taken.outcome != "unchanged":
        capture(session, raw)
    return taken


def take_values(session: Session, text: str, title: str, overrides: Overrides) -> Taken:
    """Stores the values of a CSV as one event. Raises Invalid for what is no CSV."""
    new = _event_of(text, title, overrides)
    for row in read_rows(text):
        try:
            new.attributes.append(_attribute_of(row))
        except Refused as error:
            new.refused.append(Refusal("row", error.errors, row.fields, row.line, 1))
    return _store(session, new, {})


def take_text(session: Session, text: str, title: str, overrides: Overrides) -> Taken:
    """Stores the values found in a text as one event, with the text as a report."""
    new = _event_of(text, title, overrides)
    longest = int(settings.get(session, "limits.text_characters"))
    for found in extract(text, longest):
        c = found.checked
        to_ids = c.to_ids and found.certain
        made = NewAttribute(None, c.type, c.category, to_ids, c.value1, c.value2)
        new.attributes.append(made)
    if not new.attributes:
        raise Invalid("file", "a text with values in it (none was found)")
    new.reports.append(NewReport(None, title, text))
    return _store(session, new, {})


def _apply(new: NewEvent, overrides: Overrides) -> None:
    if overrides.distribution is not None:
        new.distribution, new.group = overrides.distribution, None
    if overrides.unpublished:
        new.published = False
    known = {tag.name for tag in new.tags}
    new.tags += [NewTag(name) for name in overrides.tags if name not in known]


def _store(session: Session, new: NewEvent, raw: dict[str, Any]) -> Taken:
    try:
        added = add(session, new, keep_empty=True)
    except EventExists as known:
        return _update(session, known.event_id, new, raw)
    return Taken("added", added.event_id, added.attributes, added.objects, added.refused)


def _update(session: Session, event_id: int, new: NewEvent, raw: dict[str, Any]) -> Taken:
    """Without a time of its own, a document cannot be newer than what is held."""
    if new.timestamp is not None:
        try:
            changed = edit(session, event_id, new, raw)
        except NotNewer:
            pass
        else:
            attributes, objects = changed.attributes, changed.objects
            return Taken("updated", event_id, attributes, objects, changed.refused)
    # What did not fit the first time still does not: say so again.
    return Taken("unchanged", event_id, 0, 0, new.refused)


def _event_of(text: str, title: str, overrides: Overrides) -> NewEvent:
    """An event whose UUID follows from the content, so that the same file is the same event."""
    digest = hashlib.sha256(text.encode()).digest()
    new = NewEvent(str(UUID(bytes=digest[:16], version=4)), title)
    _apply(new, overrides)
    return new


def _attribute_of(row: Row) -> NewAttribute:
    """Raises Refused."""
    if "type" not in row.fields:
        told = type_of(row.fields["value"])
        if told is None:
            raise Refused({"type": [NO_TYPE]})
        row.fields["type"] = told.type
    return read_attribute(row.fields)
