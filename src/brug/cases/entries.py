# SPDX-License-Identifier: EUPL-1.2
"""The entries of a case: signed, immutable, in an order that depends on the set of them alone.

An entry says what its author's node had of the case before: of each node the number of its last
entry for all, or for all whom this one is for (`knows`). The order is causal, and where that leaves
a choice by number and UUID; never by arrival. Naming the entries before it would not do: who is not
to have one of them could not tell any more what came before the next. Nor would counting them:
whoever has the third and the fifth knows of a fourth (docs/decisions/0016-casework.md).
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, get_args
from uuid import UUID

import msgspec

from brug.cases.acts import AnyAct, Unknown
from brug.formats.canonical import canonical
from brug.model.errors import Invalid
from brug.model.naming import is_uuid

FORM = "brug-case-entry/1"
MOST = 2**31
HIGHEST = 2**53  # what canonical JSON can hold
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # so much another node's clock may be before this one's


class Author(msgspec.Struct, frozen=True):
    """Who speaks: a person of an organisation on a node. User 0 is the node itself.

    `in_person`: for nobody else; whoever may work on cases speaks for the organisation too.
    """

    node: str
    org: str
    user: int
    in_person: bool = False

    def is_of(self, org: str) -> bool:
        """Whether they speak for an organisation, by its UUID."""
        return org == self.org


class Speaker(Author, frozen=True):
    """Who asks on this node: for their organisation, and for those that became part of it.

    An entry names one of them, under which its author takes part (`as_one_of`).
    """

    also: tuple[str, ...] = ()

    def is_of(self, org: str) -> bool:
        return org == self.org or org in self.also

    def as_one_of(self) -> list[Author]:
        """The authors that they may be in an entry, their own organisation first."""
        return [Author(self.node, org, self.user, self.in_person) for org in (self.org, *self.also)]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act in a case. `at` is the author's clock, to be read and never to be relied on.

    `knows` is by node; of the author's own it is the number of this entry, of others that of the
    last one that its author's node had and that whoever has this one has. `to` are the participants
    that it is for, besides its author; empty is all of them.
    """

    form: str = FORM
    id: str
    case: str
    author: Author
    at: str
    knows: dict[str, int]
    to: tuple[str, ...] = ()
    act: AnyAct

    @property
    def number(self) -> int:
        """Higher than that of all that its author's node had; microseconds of a node's clock,
        so that nobody can count what they have not got.
        """
        return self.knows[self.author.node]


def case_of(author: Author, kind: str, participant: str) -> str:
    """The UUID of a case that an author opens: nobody else can open one that has it."""
    named = f"{FORM} {author.node} {author.org} {kind} {participant}"
    return str(UUID(bytes=sha256(named.encode()).digest()[:16], version=5))


def encoded(entry: Entry) -> bytes:
    """The bytes that are signed and kept (RFC 8785). Raises Invalid."""
    try:
        return canonical(_plain(entry))
    except ValueError as error:  # half of a surrogate pair, a number beyond 2**53
        raise Invalid("entry", f"what canonical JSON can hold ({error})") from error


def decoded(data: bytes) -> Entry:
    """Raises Invalid, naming the field."""
    try:
        found = msgspec.json.decode(data, type=Entry)
    except msgspec.ValidationError as error:
        later = _of_later_version(data)
        if later is None:
            said, _, where = str(error).partition(" - at ")
            raise Invalid(where.strip("`$.") or "entry", said) from error
        found = later
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("entry", f"JSON ({error})") from error
    if found.form != FORM:
        raise Invalid("form", FORM, found.form)
    _require_names(found)
    return found


def read_again(data: bytes) -> Entry:
    """Of bytes that were decoded before they were stored: what was checked then still holds."""
    try:
        return msgspec.json.decode(data, type=Entry)
    except msgspec.ValidationError:
        return decoded(data)


class _Loose(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry whose act is not looked at."""

    act: dict[str, Any]  # type: ignore[assignment]


_FIELDS = {
    str(form.__struct_config__.tag): frozenset(form.__struct_fields__) | {"what"}
    for form in get_args(AnyAct)
}


def _of_later_version(data: bytes) -> Entry | None:
    """An entry with an act, or a field of one, that this node does not know, and nothing amiss."""
    try:
        loose = msgspec.json.decode(data, type=_Loose)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
    name = loose.act.get("what")
    if not isinstance(name, str) or (name in _FIELDS and loose.act.keys() <= _FIELDS[name]):
        return None
    said = {one: getattr(loose, one) for one in Entry.__struct_fields__}
    return Entry(**said | {"act": Unknown(name=name, said=loose.act)})


def _plain(entry: Entry) -> Any:
    """In plain form; what is not known, as it came."""
    if not isinstance(entry.act, Unknown):
        return entry
    return msgspec.to_builtins(entry) | {"act": entry.act.said}


def _require_names(entry: Entry) -> None:
    named = {
        "id": (entry.id,),
        "case": (entry.case,),
        "author.node": (entry.author.node,),
        "author.org": (entry.author.org,),
        "knows": tuple(entry.knows),
        "to": entry.to,
    }
    for field, several in named.items():
        for one in several:
            if not is_uuid(one) or one != one.lower():
                raise Invalid(field, "a UUID in lower case", one)
    counts = entry.knows.values()
    if entry.author.node not in entry.knows or not all(0 < one < HIGHEST for one in counts):
        raise Invalid("knows", f"numbers below {HIGHEST}, among them the entry's own", entry.at)


def require_not_ahead(entry: Entry, now: datetime) -> None:
    """A node's clock is not a day ahead, or its entries would come after all others for as long.

    Raises Invalid.
    """
    if max(entry.knows.values()) > number_at(now + AHEAD):
        raise Invalid("knows", "numbers of a clock that is at most a day ahead", entry.at)


def number_at(now: datetime) -> int:
    """The number of an entry that is written then, unless its node has a higher one."""
    return (now - _EPOCH) // timedelta(microseconds=1)


def ordered(entries: Collection[Entry]) -> list[Entry]:
    """Each once, after all that its author's node had before it, else by number and UUID."""
    known = {entry.id: entry for entry in entries}
    return sorted(known.values(), key=place)


def place(entry: Entry) -> tuple[int, str]:
    """Where it stands among others."""
    return entry.number, entry.id


def knew(later: Entry, earlier: Entry) -> bool:
    """Whether whoever wrote one had the other before, which was for all whom this one is for."""
    node = earlier.author.node
    return later.id != earlier.id and later.knows.get(node, 0) >= earlier.number


def is_for_all(entry: Entry) -> bool:
    return not entry.to


def next_of(
    node: str,
    entries: Collection[Entry],
    now: datetime | None = None,
    may_name: Callable[[Entry], bool] = is_for_all,
) -> Mapping[str, int]:
    """What the next entry of a node knows that has these.

    What is for some is not named to others, and neither is what it names: it only has a lower
    number than what comes after.
    """
    known: dict[str, int] = {}
    last = 0
    for entry in entries:
        last = max(last, entry.number)
        if may_name(entry):
            for one, number in entry.knows.items():
                known[one] = max(known.get(one, 0), number)
    return known | {node: max(last + 1, number_at(now or datetime.now(UTC)))}
