# SPDX-License-Identifier: EUPL-1.2
"""The rules of sharing between nodes, stated a second time and plainly, for tests to compare with.

Of a copy as one node holds it: what another may have of it under some terms, and in which form.
Nothing of the gate is used here.
"""

from dataclasses import dataclass, field
from typing import Literal

from brug.bridges.terms import KINDS

TLP = ("clear", "green", "amber", "amber+strict", "red")
PAP = ("clear", "green", "amber", "red")
PERSONAL = frozenset({"target-user"})
RECALLED, KEPT = "brug:recalled", "brug:kept"
PSEUDONYM = "brug:pseudonym"
STRICT = {"pass": 0, "redact": 1, "hold": 2, "refuse": 3}

Outcome = Literal["pass", "redact", "hold", "refuse"]
Form = Literal["whole", "pseudonym", "none"]


@dataclass(frozen=True)
class Agreed:
    """What two organisations agreed, as far as the rules here go."""

    senders: frozenset[str]
    ceiling: str = "amber"
    pap: str = "red"
    unmarked: str = "green"
    handling: str = "share"
    when: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset({"cyber-defence"})
    by_itself: bool = False
    kinds: frozenset[str] = frozenset(KINDS)
    node_users: tuple[str, ...] = ()  # of the node that proposes


@dataclass
class Item:
    """An attribute of a copy."""

    uuid: str
    type: str
    value: str
    level: int = 5
    deleted: bool = False
    tags: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)


@dataclass
class Copy:
    """An event as a node holds it. `tags` are told to others, `local` are not."""

    uuid: str
    creator: str
    info: str
    level: int
    published: bool
    members: frozenset[str] = frozenset()
    tags: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)


@dataclass(frozen=True)
class Crosses:
    """What was decided: of the event, at which level, and the form of each attribute."""

    outcome: Outcome
    level: int = 0
    forms: dict[str, Form] = field(default_factory=dict)

    @property
    def goes(self) -> bool:
        return self.outcome in {"pass", "redact"}


NOTHING = Crosses("refuse")


def crosses(copy: Copy, sender: str, receiver: str, agreed: Agreed | None, *,
            released: bool = False) -> Crosses:  # fmt: skip
    """What the receiver may have of the sender's copy."""
    level = lowered(copy.level, copy.members, receiver)
    if not copy.published or level is None:
        return NOTHING
    if {RECALLED, KEPT} & (copy.tags | copy.local):
        return NOTHING
    if agreed is None or sender not in agreed.senders:
        return NOTHING
    own = copy.creator == sender
    marks = copy.tags | copy.local
    head = judged(marks, own=own, agreed=agreed)
    head = "pass" if released and head == "hold" and not controlled(marks) else head
    verdicts: dict[str, tuple[Outcome, Form]] = {}
    for item in copy.items.values():
        if lowered(item.level, copy.members, receiver) is None:
            continue
        verdicts[item.uuid] = _item(item, marks, own=own, agreed=agreed, released=released)
    outcomes = [outcome for outcome, _ in verdicts.values()]
    whole: Outcome = "pass"
    if any(outcome != "pass" for outcome in outcomes):
        whole = "redact"
        if all(form == "none" for _, form in verdicts.values()):
            whole = min(outcomes, key=lambda one: STRICT[one])
    outcome = max(head, whole, key=lambda one: STRICT[one])
    return Crosses(outcome, level, {uuid: form for uuid, (_, form) in verdicts.items()})


def comes_back(agreed: Agreed, sender: str, marks: set[str]) -> bool:
    """Whether what is said of an event goes back to who made it: no marking of it keeps that."""
    unhindered = all(tag.startswith(("tlp:", "pap:", "brug:redacted")) for tag in marks)
    return sender in agreed.senders and not agreed.when and unhindered


def lowered(level: int, members: frozenset[str], receiver: str) -> int | None:
    """The level at the other end; None for what stays."""
    if level == 4:
        return 4 if receiver in members else None
    return {2: 1, 3: 3, 5: 5}.get(level)


def judged(marks: set[str], *, own: bool, agreed: Agreed) -> Outcome:
    """Of anything that carries these tags, its parents' among them."""
    found: list[Outcome] = ["pass"]
    people: Outcome = "hold" if own else "refuse"
    label = marked(marks, "tlp:", TLP)
    counts = label or agreed.unmarked
    if counts in {"refuse", "hold"}:
        found.append("refuse" if counts == "refuse" else people)
    else:
        if not own and counts not in {"clear", "green"}:
            found.append("refuse")
        if TLP.index(counts) > TLP.index(agreed.ceiling):
            found.append(people)
    pap = marked(marks, "pap:", PAP)
    if pap and PAP.index(pap) > PAP.index(agreed.pap):
        found.append(people)
    purposes = {tag.split('"')[1] for tag in marks if tag.startswith("brug:purpose=")}
    if not (purposes or {"cyber-defence"}) & agreed.purposes:
        found.append("refuse")
    if "brug:embargo" in marks:
        found.append("refuse")
    if controlled(marks):
        found.append("hold")
    if _wants_a_person(label, own=own, agreed=agreed):
        found.append("hold")
    return max(found, key=lambda one: STRICT[one])


def controlled(marks: set[str]) -> bool:
    return "brug:export-control" in marks


def marked(marks: set[str], prefix: str, order: tuple[str, ...]) -> str | None:
    """The strictest label of a kind."""
    labels = [tag.removeprefix(prefix) for tag in marks if tag.startswith(prefix)]
    return max(labels, key=order.index, default=None)


def _wants_a_person(label: str | None, *, own: bool, agreed: Agreed) -> bool:
    above = [TLP.index(w) for w in agreed.when if w in TLP]
    return (
        "always" in agreed.when
        or ("received" in agreed.when and not own)
        or ("unmarked" in agreed.when and label is None)
        or any(label is not None and TLP.index(label) >= place for place in above)
    )


def _item(
    item: Item, marks: set[str], *, own: bool, agreed: Agreed, released: bool
) -> tuple[Outcome, Form]:
    both = marks | item.tags | item.local
    outcome = judged(both, own=own, agreed=agreed)
    if released and outcome == "hold" and not controlled(both):
        outcome = "pass"
    if outcome != "pass":
        return outcome, "none"
    if PSEUDONYM in item.tags:
        return "redact", "none"
    if item.type in PERSONAL and agreed.handling != "share":
        return "redact", "pseudonym" if agreed.handling == "pseudonymise" else "none"
    return "pass", "whole"
