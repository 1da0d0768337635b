# SPDX-License-Identifier: EUPL-1.2
"""All that decides whether an item may cross, and nothing else.

No value is in here, and no text: an event with a million attributes has as many facts as
there are distinct combinations of what is decided on, and each is decided once.
"""

from datetime import datetime
from typing import Literal

import msgspec

from brug.bridges.gate.markings import NOTHING, Marking
from brug.bridges.terms import Kind

Class = Literal["high", "medium", "text", "low"]
Relation = Literal["client", "community", "public"]
Transport = Literal["native", "misp", "taxii", "feed", "file", "mail"]
# Of these bridges a pseudonym goes over, as a text that no sensor reads.
PSEUDONYMS = frozenset({"native", "file"})


class Permission(msgspec.Struct, frozen=True):
    """A source allowed more than the label says: `label` holds instead, until a time.

    Where `audience` names an organisation it is for that one alone.
    """

    label: str
    audience: str = ""
    valid_until: datetime | None = None


class Part(msgspec.Struct, frozen=True):
    """One combination. For an attribute `kind` is "event", as attributes make the event."""

    kind: Kind = "event"
    what: str = "attribute"
    marking: Marking = NOTHING
    personal: Class = "low"
    found: tuple[str, ...] = ()  # identifiers of people in the value
    around: tuple[str, ...] = ()  # and in the texts beside it
    indicator: bool = False
    file: bool = False
    known_good: tuple[str, ...] = ()  # warninglists of false positives
    expired: bool = False
    permissions: tuple[Permission, ...] = ()
    released_by: tuple[int, ...] = ()  # people, for exactly this version of it
    kept_here: bool = False  # by a person's word


class Facts(msgspec.Struct, frozen=True):
    """An event on its way over one bridge.

    `parts` name each part by its key and the place of its combination in `combinations`.
    """

    sender: str  # UUIDs of organisations
    receiver: str
    transport: Transport
    relation: Relation
    own: bool  # the host created it
    head: Part
    combinations: tuple[Part, ...] = ()
    parts: tuple[tuple[str, int], ...] = ()
    default_purpose: str = "cyber-defence"
    encrypted: bool = True  # nobody on the way can read it
    returning: bool = False  # what is said of an event goes back where it came from
    released_by: tuple[int, ...] = ()  # people, for exactly this version
