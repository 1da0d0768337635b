# SPDX-License-Identifier: EUPL-1.2
"""What the routes for many cases together take and give."""

from datetime import datetime
from typing import Annotated

import msgspec

from brug.api.cases.forms import Row
from brug.cases import templates
from brug.cases.bulk import MOST, AnyStep
from brug.cases.listing import Wanted
from brug.cases.merging import Take
from brug.cases.statistics import MOST_MONTHS, USUAL_MONTHS

# Taken ------------------------------------------------------------------------------------


class Bulk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`do` in each of `cases` (numbers, UUIDs or ids), or in all that `find` finds."""

    do: AnyStep
    cases: Annotated[list[str], msgspec.Meta(max_length=MOST)] = []
    find: Wanted | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version that was read, where nothing newer is to be replaced."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None


class Span(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many months, this one among them."""

    months: Annotated[int, msgspec.Meta(ge=1, le=MOST_MONTHS)] = USUAL_MONTHS


class Merging(Take, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which case is merged, and what of it comes along, of what was said to all in it."""

    merged: str


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What fills the blanks of a template's title, by their names."""

    words: dict[str, str] = {}


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a template is to be called."""

    name: str


# Given ------------------------------------------------------------------------------------


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one case; `case` is how it was asked for, `code` and `message` say why not."""

    case: str
    number: str
    done: bool
    code: str = ""
    message: str = ""


class Outcomes(msgspec.Struct, frozen=True):
    """In the order in which they were asked for; what was done in one case stays."""

    done: int
    refused: int
    cases: list[Outcome]


class Shared(msgspec.Struct, frozen=True):
    """A value that two cases have, what it is, and how much it counts for."""

    kind: str
    value: str
    weight: int


class Alike(msgspec.Struct, frozen=True):
    """A case with what it shares; `score` is the sum of the weights."""

    case: Row
    score: int
    shared: list[Shared]


class Duplicates(msgspec.Struct, frozen=True):
    """The one that shares most first, of those that the key's owner takes part in."""

    cases: list[Alike]


class Merged(msgspec.Struct, frozen=True):
    """The case that goes on, the one that is over, and how much came along."""

    into: Row
    merged: Row
    links: int
    documents: int
    tasks: int
    fields: int
    messages: int
    participants: int


class Template(msgspec.Struct, frozen=True):
    """A template as it is stored; `blanks` are the names of what its title asks for."""

    id: int
    version: int
    changed: datetime
    blanks: list[str]
    template: templates.Template


class Templates(msgspec.Struct, frozen=True):
    """Those of the key's organisation, by name."""

    templates: list[Template]
