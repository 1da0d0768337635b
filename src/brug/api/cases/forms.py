# SPDX-License-Identifier: EUPL-1.2
"""What the interface takes and gives, as Structs; the OpenAPI document is drawn from them."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from brug.cases import listing
from brug.cases.reaching import Reached

FARTHEST = listing.FARTHEST

# Taken ------------------------------------------------------------------------------------


class Wanted(listing.Wanted, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cases, and which page of them."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=listing.MOST)] = 50
    offset: Annotated[int, msgspec.Meta(ge=0, le=FARTHEST)] = 0


MOST_ENTRIES = 1000


class Timeline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a timeline: its newest `latest` entries, or those before an entry.

    Without `latest` it is all of it.
    """

    latest: Annotated[int, msgspec.Meta(ge=1, le=MOST_ENTRIES)] | None = None
    before: str = ""  # UUID of an entry


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries: at most `limit`, that came after one. Without `limit` it is all of them."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_ENTRIES)] | None = None
    after: str = ""  # UUID of an entry


class Opening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new case; `fields` as its kind describes them."""

    kind: str
    title: str
    fields: dict[str, Any] = {}


# Given ------------------------------------------------------------------------------------


class Row(msgspec.Struct, frozen=True):
    """A case as lists have it. `severity` is a level of the node's scheme, as of the last change;
    `crisis` is 0, or higher the higher the level of the crisis.
    """

    id: int
    uuid: str
    number: str
    kind: str
    title: str
    state: str
    is_over: bool
    tlp: str
    pap: str
    embargo: datetime | None
    due: datetime | None
    conflicts: int
    opened: datetime
    changed: datetime
    severity: str
    crisis: int


class Cases(msgspec.Struct, frozen=True):
    """A page of cases, the last changed first, and how many there are in all.

    `total` is counted up to 10,000, by words up to 200: with `total_is_at_least` there may be
    more. Pages go on behind it all the same.
    """

    total: int
    total_is_at_least: bool
    cases: list[Row]


class Participant(msgspec.Struct, frozen=True):
    """`user` is one person of the organisation; `left` the entry by which it left.

    `node` is the one that speaks for it, where that is said.
    """

    id: str
    org: str
    user: int | None
    name: str
    role: str
    joined: str
    node: str
    left: str | None


class State(msgspec.Struct, frozen=True):
    """Where a machine is; `of` the participant whose it is, empty for the case's own."""

    machine: str
    of: str
    state: str


class Step(msgspec.Struct, frozen=True):
    """A transition that the key's owner may choose now.

    `missing` is what it needs first, in words; with `asks` the act must say `because`.
    """

    machine: str
    trigger: str
    leaves: str
    of: str
    title: str
    asks: bool
    missing: list[str]


class Conflict(msgspec.Struct, frozen=True):
    """Two entries that did not know of each other; `holds` counts until one settles it."""

    about: str
    holds: str
    beside: str
    settled: str | None


class Ignored(msgspec.Struct, frozen=True):
    """An entry that changes nothing, and why."""

    entry: str
    reason: str


class CaseFile(msgspec.Struct, frozen=True):
    """A case as the key's owner has it; `timeline` are its entries in their order, or as many of
    them as were asked for. `earlier` is how many come before these. `number` is what this node
    calls the case, `opened_as` what the node does that opened it. `reached` counts, of participants
    on other nodes, the entries that their nodes have, and those that they have not.
    """

    id: int
    uuid: str
    number: str
    opened_as: str
    kind: str
    title: str
    state: str
    is_over: bool
    opened: str
    changed: datetime
    marking: dict[str, Any]
    embargo: dict[str, Any] | None
    fields: dict[str, Any]
    facts: dict[str, dict[str, Any]]
    own_facts: list[dict[str, Any]]
    participants: list[Participant]
    states: list[State]
    tasks: list[dict[str, Any]]
    links: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    conflicts: list[Conflict]
    ignored: list[Ignored]
    timeline: list[dict[str, Any]]
    earlier: int
    next: list[Step]
    reached: list[Reached]


class Clock(msgspec.Struct, frozen=True):
    """A deadline, whom it binds and by which rule; times are UTC.

    `soft` is how the rule says when, where it sets no period; `met_by` the fact that ends it.
    """

    participant: str
    of: str
    rule: str
    title: str
    source: str
    is_verified: bool
    status: str
    started_by: str
    strict: datetime | None
    legal: datetime | None
    soft: str
    met_by: str
    zone: str
    remarks: list[str]


class Clocks(msgspec.Struct, frozen=True):
    """The first that ends first; those without an end last."""

    clocks: list[Clock]


class Signed(msgspec.Struct, frozen=True):
    """An entry as it was signed.

    The signature (Ed25519, base64) is over the canonical JSON (RFC 8785) of `entry`, whose
    SHA-256 is `digest` in hexadecimal; `key` is the public key (base64) named `key_id`, or
    null where this node does not know it any more.
    """

    entry: Any
    digest: str
    key_id: str
    key: str | None
    signature: str


class Entries(msgspec.Struct, frozen=True):
    """Those that the key's owner may read, in the order in which they came here.

    `more`: others came after these.
    """

    entries: list[Signed]
    more: bool = False


class Refusal(msgspec.Struct, frozen=True):
    """`field` is what does not fit, where it is one; acts of a list begin with `[place]`."""

    code: str
    message: str
    field: str | None
