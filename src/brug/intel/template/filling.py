# SPDX-License-Identifier: EUPL-1.2
"""Filling an event from a template: values and files become attributes, its tags are attached.

All fields are looked at before anything is stored; one that does not fit stops all of it.
A value that the event has already, and a tag that may not be attached, cost nothing else.
"""

from collections.abc import Iterator, Mapping

import msgspec

from brug.formats.form_files import File
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim
from brug.intel.intake import freetext
from brug.intel.label import tagging, taglist
from brug.intel.samples import Sample, Told, add_sample
from brug.intel.template.elements import GROUPS, Element
from brug.intel.template.templates import Template
from brug.model.attribute_types import Checked, Refused, check
from brug.model.errors import Conflict, Forbidden, Invalid, NotFound
from brug.model.event import NewAttribute, Refusal
from brug.store import audit
from brug.store.session import Session

MANDATORY = "This field is mandatory."
ONE_FILE = "This field takes one file."
MOST_LINES = 1000
MOST_FILES = 50
LONGEST_LINE = 65_536


class Given(msgspec.Struct, frozen=True):
    """What somebody filled in, by the number of the element."""

    values: Mapping[int, str] = {}
    files: Mapping[int, list[File]] = {}


class Filled(msgspec.Struct):
    """What became of it: attributes by number, what was there already, tags left off."""

    attributes: list[int]
    samples: int
    refused: list[Refusal]
    tags: list[str]
    tags_left: list[str]


class _Read(msgspec.Struct):
    """What a form gives, and what is wrong with it by field."""

    attributes: list[NewAttribute] = []
    samples: list[tuple[Sample, Told]] = []
    errors: dict[str, list[str]] = {}


def fill(session: Session, held: Claim, template: Template, given: Given) -> Filled:
    """Fills a claimed event. Raises Refused with the fields, Invalid, TooLarge, Forbidden."""
    if not session.principal.may("add"):
        raise Forbidden(f"user {session.principal.user_id} may not add attributes")
    read = _read(template, given)
    if read.errors:
        raise Refused(read.errors)
    if not (read.attributes or read.samples):
        raise Invalid("Template", "at least one field that is filled in")
    outcome = add_attributes(session, held, list(enumerate(read.attributes)), [])
    for sample, told in read.samples:
        add_sample(session, held, sample, told)
    tags, left = _tag(session, held, template)
    change = {"template": template.name}
    audit.record(session, "edit", "Event", held.event_id, template.name, change)
    stored = [outcome.stored[place] for place in sorted(outcome.stored)]
    return Filled(stored, len(read.samples), outcome.refused, tags, left)


def field_of(element: Element) -> str:
    """What a form calls the field of an element, as MISP's does."""
    return f"{'file' if element.kind == 'file' else 'value'}_{element.id}"


def _read(template: Template, given: Given) -> _Read:
    read = _Read([], [], {})
    for element in template.elements:
        try:
            if element.kind == "attribute":
                read.attributes += _attributes(element, given.values.get(element.id, ""))
            elif element.kind == "file":
                _take_files(element, given.files.get(element.id, []), read)
        except Refused as error:
            read.errors[field_of(element)] = [
                text for texts in error.errors.values() for text in texts
            ]
    return read


def _refused(text: str) -> Refused:
    return Refused({"value": [text]})


def _attributes(element: Element, text: str) -> list[NewAttribute]:
    """Raises Refused."""
    lines = text.splitlines() if element.batch else [text]
    lines = [line.strip() for line in lines if line.strip()]
    if element.mandatory and not lines:
        raise _refused(MANDATORY)
    if len(lines) > MOST_LINES:
        raise _refused(f"This field takes at most {MOST_LINES} lines.")
    found: dict[tuple[str, str, str], NewAttribute] = {}
    for line in lines:
        try:
            for fine in _checked(element, line):
                new = NewAttribute(
                    None, fine.type, fine.category, element.to_ids, fine.value1, fine.value2,
                    comment=element.name,
                )  # fmt: skip
                found[fine.type, fine.value1, fine.value2] = new
        except Refused as error:
            said = " ".join(text for texts in error.errors.values() for text in texts)
            raise _refused(f"{line[:60]!r}: {said}" if element.batch else said) from error
    return list(found.values())


def _checked(element: Element, line: str) -> Iterator[Checked]:
    if not element.complex:
        yield check(element.type, line, element.category, element.to_ids)
        return
    if len(line) > LONGEST_LINE:
        raise _refused(f"This field takes at most {LONGEST_LINE} characters.")
    group, any_fits = GROUPS[element.type], False
    for one in freetext.recognise(line, LONGEST_LINE):
        kind = next((kind for kind in one.types if kind in group), None)
        if kind is not None:
            any_fits = True
            yield check(kind, one.value, element.category, element.to_ids)
    if not any_fits:
        raise _refused(f"Expected one of {', '.join(group)}.")


def _take_files(element: Element, files: list[File], read: _Read) -> None:
    """Raises Refused."""
    if element.mandatory and not files:
        raise _refused(MANDATORY)
    if len(files) > 1 and not element.batch:
        raise _refused(ONE_FILE)
    if len(files) > MOST_FILES:
        raise _refused(f"This field takes at most {MOST_FILES} files.")
    for one in files:
        if element.malware:
            check("filename", one.name, element.category, to_ids=False)
            told = Told(element.category, comment=element.name)
            read.samples.append((Sample(one.name, one.data), told))
            continue
        fine = check("attachment", one.name, element.category, to_ids=False)
        new = NewAttribute(
            None, fine.type, fine.category, False, fine.value1, "", comment=element.name
        )
        new.data = one.data
        read.attributes.append(new)


def _tag(session: Session, held: Claim, template: Template) -> tuple[list[str], list[str]]:
    """The tags that were attached, and those that may not be."""
    target = tagging.Target("event", held.event_id, held.event_id)
    known = tagging.carried(session, target)
    attached, left = [], []
    for tag in template.tags:
        if tag.name in known:
            continue
        try:
            tagging.attach(session, target, taglist.find(session, tag.tag_id))
        except (Conflict, Forbidden, NotFound):
            left.append(tag.name)
        else:
            attached.append(tag.name)
    return attached, left
