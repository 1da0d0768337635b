# SPDX-License-Identifier: EUPL-1.2
"""Files that other tools wrote become attributes of an event: OpenIOC, ThreatConnect's CSV.

One value that does not fit costs the others nothing; what an event has already is not added
again, so that the same file can be taken twice.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from brug.formats.misp.reading_attributes import read_attribute
from brug.formats.openioc_reading import read_openioc
from brug.formats.threatconnect import read_threatconnect
from brug.intel import attributes
from brug.intel.attributes import Likeness, likeness
from brug.intel.extending import add_attributes
from brug.intel.finding import Claim
from brug.model.attribute_types import Refused
from brug.model.errors import Invalid
from brug.model.new_event import NewAttribute, Refusal
from brug.store.session import Session

MOST = 100_000
LONGEST_NOTE = 10_000


class Taken(msgspec.Struct):
    """The ids of new attributes, how many were there already, and what was not taken."""

    ids: list[int]
    known: int
    refused: list[Refusal]
    left: list[str]


def take_openioc(session: Session, held: Claim, text: str) -> Taken:
    """Raises Invalid for what is no OpenIOC document."""
    read = read_openioc(text)
    about = ". ".join(filter(None, (read.title, read.about)))[:LONGEST_NOTE]
    note = {"type": "comment", "category": "Other", "value": about, "comment": "OpenIOC import"}
    return _take(session, held, [*read.items, note] if read.items else [], read.left)


def take_threatconnect(session: Session, held: Claim, text: str) -> Taken:
    """Raises Invalid for what is no such CSV."""
    read = read_threatconnect(text)
    return _take(session, held, read.items, read.left)


def _take(session: Session, held: Claim, items: Sequence[dict[str, Any]], left: list[str]) -> Taken:
    if len(items) > MOST:
        raise Invalid("file", f"at most {MOST} values: split it")
    read, refused = [], []
    for place, item in enumerate(items):
        try:
            read.append((place, read_attribute(item)))
        except Refused as error:
            refused.append(Refusal(f"attribute_{place}", error.errors, item))
        except Invalid as error:
            refused.append(Refusal(f"attribute_{place}", {error.field: [error.public]}, item))
    present = attributes.alike(session, held.event_id, [new for _, new in read])
    fresh: dict[Likeness, tuple[int, NewAttribute]] = {}
    for place, new in read:
        if likeness(new) not in present:
            fresh.setdefault(likeness(new), (place, new))
    outcome = add_attributes(session, held, list(fresh.values()), refused)
    known = len(read) - len(fresh)
    return Taken(sorted(outcome.stored.values()), known, outcome.refused, left)
