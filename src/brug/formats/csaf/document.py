# SPDX-License-Identifier: EUPL-1.2
"""The document part of an advisory: title, publisher, tracking, notes (3.2.1)."""

from typing import Annotated, Literal

from msgspec import field

from brug.formats.csaf.parts import (
    Category,
    Distinct,
    Language,
    Moment,
    Part,
    Some,
    Text,
    Unspaced,
    Uri,
    Version,
)

Status = Literal["draft", "final", "interim"]
Label = Literal["AMBER", "GREEN", "RED", "WHITE"]


class Acknowledgment(Part):
    least = 1

    names: Annotated[list[Text], Some] = field(default_factory=list)
    organization: Text | None = None
    summary: Text | None = None
    urls: Annotated[list[Uri], Some] = field(default_factory=list)


class Note(Part):
    category: Literal[
        "description", "details", "faq", "general", "legal_disclaimer", "other", "summary"
    ]
    text: Text
    audience: Text | None = None
    title: Text | None = None


class Reference(Part):
    """`category` is external where it is not said."""

    summary: Text
    url: Uri
    category: Literal["external", "self"] | None = None


class AggregateSeverity(Part):
    text: Text
    namespace: Uri | None = None


class Tlp(Part):
    label: Label
    url: Uri | None = None


class Distribution(Part):
    least = 1

    text: Text | None = None
    tlp: Tlp | None = None


class Publisher(Part):
    """(namespace, tracking id) is what an advisory is known by, for ever."""

    category: Literal["coordinator", "discoverer", "other", "translator", "user", "vendor"]
    name: Text
    namespace: Uri
    contact_details: Text | None = None
    issuing_authority: Text | None = None


class Engine(Part):
    name: Text
    version: Text | None = None


class Generator(Part):
    engine: Engine
    date: Moment | None = None


class Revision(Part):
    date: Moment
    number: Version
    summary: Text
    legacy_version: Text | None = None


class Tracking(Part):
    current_release_date: Moment
    id: Unspaced
    initial_release_date: Moment
    revision_history: Annotated[list[Revision], Some]
    status: Status
    version: Version
    aliases: Annotated[list[Text], Distinct] = field(default_factory=list)
    generator: Generator | None = None


class Document(Part):
    category: Category
    csaf_version: Literal["2.0"]
    publisher: Publisher
    title: Text
    tracking: Tracking
    acknowledgments: Annotated[list[Acknowledgment], Some] = field(default_factory=list)
    aggregate_severity: AggregateSeverity | None = None
    distribution: Distribution | None = None
    lang: Language | None = None
    notes: Annotated[list[Note], Some] = field(default_factory=list)
    references: Annotated[list[Reference], Some] = field(default_factory=list)
    source_lang: Language | None = None
