# SPDX-License-Identifier: EUPL-1.2
"""What a participant does to a case: one act an entry, in the form in which it is signed.

Nothing is ever changed or taken away: a field that is filled again, a fact that is recorded
again, a marking that is set again replaces what was said before and leaves it readable.
"""

from typing import Any

import msgspec

LONGEST_TITLE = 300
LONGEST_TEXT = 50_000


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="what", forbid_unknown_fields=True):
    """The root of all acts; `because` is the reason, where one is given or asked for."""

    because: str = ""


class Opened(Act, tag="opened", frozen=True):
    """The first entry of a case; the author's organisation is its first participant."""

    kind: str
    title: str
    number: str  # as the opening node's people say it
    participant: str
    name: str


class Renamed(Act, tag="renamed", frozen=True):
    title: str


class Filled(Act, tag="filled", frozen=True):
    """Some fields of the kind, by name; null empties one."""

    fields: dict[str, Any]


class Recorded(Act, tag="recorded", frozen=True):
    """A fact with the time at which it was so, which may start a clock.

    `at` is an instant in UTC (RFC 3339, ending in Z); `zone` the IANA zone in which it was
    stated; `of` the participant of whom it is so, where it is not so of all: each becomes
    aware at its own time. Recorded again it corrects the earlier one; with an empty `at` it is
    taken back, and `because` says why.
    """

    fact: str
    at: str
    zone: str
    source: str = ""
    of: str = ""


class Joined(Act, tag="joined", frozen=True):
    """Somebody takes part: an organisation, or one person of it where `user` is given.

    `node` is the one that speaks for it; nothing that another one says is its word.
    """

    participant: str
    org: str
    name: str
    role: str
    user: int | None = None
    node: str = ""


class Left(Act, tag="left", frozen=True):
    """Left, or was removed: sees nothing of the case from then on."""

    participant: str


class Moved(Act, tag="moved", frozen=True):
    """A transition. It names the state it leaves, so that two that left the same one show.

    `of` is the participant whose state it is, where the machine runs once for each.
    """

    machine: str
    trigger: str
    leaves: str
    of: str = ""


class Said(Act, tag="said", frozen=True):
    """A message to all, or to those whom the entry names."""

    text: str


class Decided(Act, tag="decided", frozen=True):
    """`replaces` is the entry of an earlier decision, `basis` those of what it rests on.

    Without them they are left out of what is signed: older nodes know neither.
    """

    question: str
    outcome: str
    replaces: str | msgspec.UnsetType = msgspec.UNSET
    basis: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


class Planned(Act, tag="planned", frozen=True):
    """A task; the same one again changes it."""

    task: str
    title: str
    assignee: str = ""  # a participant
    due: str = ""  # as in Recorded
    is_done: bool = False


class Linked(Act, tag="linked", frozen=True):
    """An event, an attribute or another case that has to do with it, by UUID.

    Of the kind `merged_into` it is the case in which this one goes on, as whoever leads it says
    to all; this one is over then.
    """

    kind: str
    uuid: str
    title: str = ""
    is_undone: bool = False


class Attached(Act, tag="attached", frozen=True):
    """A document. Its content travels beside the entry and is known by its SHA-256.

    `media_type` is what the content begins like, `said_type` what its sender says of it.
    `sealed_for` names for whom it was encrypted (age) before it came: no node can read it.
    `sample` is the SHA-256 of the malware inside, where the content is a box of it (ZIP,
    password `infected`). `is_undone` takes a document back, and repeats all else of it.
    """

    document: str
    name: str
    size: int
    sha256: str
    media_type: str
    said_type: str = ""
    sealed_for: tuple[str, ...] = ()
    sample: str = ""
    is_undone: bool = False


class Marked(Act, tag="marked", frozen=True):
    """TLP and PAP labels, in lower case; empty for none."""

    tlp: str = ""
    pap: str = ""


class Embargoed(Act, tag="embargoed", frozen=True):
    """Until when nothing may be published; empty ends it."""

    until: str
    zone: str


class Asked(Act, tag="asked", frozen=True):
    """Those who have an entry (a message, a decision, a document) shall say when they read it."""

    entry: str


class Acknowledged(Act, tag="acknowledged", frozen=True):
    """Whoever writes this has read an entry, for the parts that they have in the case."""

    entry: str


class Unknown(Act, tag="unknown", frozen=True):
    """An act of a later version, as it came: kept and passed on, and it changes nothing here."""

    name: str
    said: dict[str, Any]


AnyAct = (
    Opened | Renamed | Filled | Recorded | Joined | Left | Moved | Said | Decided | Planned
    | Linked | Attached | Marked | Embargoed | Asked | Acknowledged
)  # fmt: skip
