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
from brug.model.new_event import NewAttribute, Refusal
from brug.store import audit
from brug.store.session import Session

MOST_LINES = 1000
MOST_FILES = 50
LONGEST_LINE = 65_536
# Why a field does not fit; "%s" is the line, or how many are taken.
TEXTS = {
    "missing": "This field is mandatory.",
    "one_file": "This field takes one file.",
    "lines": "This field takes at most %s lines.",
    "files": "This field takes at most %s files.",
    "long": "This field takes at most %s characters.",
    "group": "Nothing in %r is of a type that fits.",
}


class Unfit(msgspec.Struct, frozen=True):
    """Why a field does not fit: one of TEXTS, or "value" for what is wrong in the line `about`."""

    reason: str
    about: str | int = ""
    text: str = ""


class FormRefused(Refused):
    """Fields of a form do not fit; `unfit` says why by field, `errors` in English."""

    def __init__(self, unfit: dict[str, Unfit]) -> None:
        super().__init__({field: [said_of(one)] for field, one in unfit.items()})
        self.unfit = unfit


class _Stop(Exception):
    """One field does not fit. Stays in here."""

    def __init__(self, reason: str, about: str | int = "", text: str = "") -> None:
        self.unfit = Unfit(reason, about, text)


def said_of(one: Unfit) -> str:
    if one.reason == "value":
        return f"{one.about!r}: {one.text}"
    text = TEXTS[one.reason]
    return text % one.about if "%" in text else text


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
    unfit: dict[str, Unfit] = {}


def fill(session: Session, held: Claim, template: Template, given: Given) -> Filled:
    """Fills a claimed event. Raises FormRefused, Invalid, TooLarge, Forbidden."""
    if not session.principal.may("add"):
        raise Forbidden(f"user {session.principal.user_id} may not add attributes")
    read = _read(template, given)
    if read.unfit:
        raise FormRefused(read.unfit)
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
        except _Stop as stop:
            read.unfit[field_of(element)] = stop.unfit
    return read


def _fitting(element: Element, kind: str, value: str, *, to_ids: bool) -> Checked:
    try:
        return check(kind, value, element.category, to_ids)
    except Refused as error:
        raise _Stop("value", value[:120], error.public) from error


def _attributes(element: Element, text: str) -> list[NewAttribute]:
    lines = text.splitlines() if element.batch else [text]
    lines = [line.strip() for line in lines if line.strip()]
    if element.mandatory and not lines:
        raise _Stop("missing")
    if len(lines) > MOST_LINES:
        raise _Stop("lines", MOST_LINES)
    found: dict[tuple[str, str, str], NewAttribute] = {}
    for fine in (fine for line in lines for fine in _checked(element, line)):
        found[fine.type, fine.value1, fine.value2] = NewAttribute(
            None, fine.type, fine.category, element.to_ids, fine.value1, fine.value2,
            comment=element.name,
        )  # fmt: skip
    return list(found.values())


def _checked(element: Element, line: str) -> Iterator[Checked]:
    if not element.complex:
        yield _fitting(element, element.type, line, to_ids=element.to_ids)
        return
    if len(line) > LONGEST_LINE:
        raise _Stop("long", LONGEST_LINE)
    group, any_fits = GROUPS[element.type], False
    for one in freetext.recognise(line, LONGEST_LINE):
        kind = next((kind for kind in one.types if kind in group), None)
        if kind is not None:
            any_fits = True
            yield _fitting(element, kind, one.value, to_ids=element.to_ids)
    if not any_fits:
        raise _Stop("group", line[:120])


def _take_files(element: Element, files: list[File], read: _Read) -> None:
    if element.mandatory and not files:
        raise _Stop("missing")
    if len(files) > 1 and not element.batch:
        raise _Stop("one_file")
    if len(files) > MOST_FILES:
        raise _Stop("files", MOST_FILES)
    for one in files:
        if element.malware:
            _fitting(element, "filename", one.name, to_ids=False)
            told = Told(element.category, comment=element.name)
            read.samples.append((Sample(one.name, one.data), told))
            continue
        fine = _fitting(element, "attachment", one.name, to_ids=False)
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
