# SPDX-License-Identifier: EUPL-1.2
"""The terms of an embargo, version by version, and who agreed to which. A value of values.

Whoever takes part proposes terms in the reason of the step (`until 2027-01-31T09:00:00Z
Europe/Amsterdam; why`), and a proposal binds nobody: who leads sets that end (`embargoed`) when
it is put into force. Who agrees, or does not, may name the terms in the same words; else they
are those that the author's node knew of then, and nothing later.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from brug.cases.acts import Embargoed, Moved
from brug.cases.case import Case
from brug.cases.entries import Entry, knew
from brug.cases.forms import instant, zone
from brug.model.errors import Invalid

_SAID = re.compile(r"until (\S{20,40}) ([A-Za-z0-9_+/-]{1,60})(?:; (.*))?", re.DOTALL)
SET, PROPOSED, IN_FORCE = "set", "proposed", "in_force"
REJECTED, REPLACED, ENDED = "rejected", "replaced", "ended"
OPEN = frozenset({SET, PROPOSED})


class Terms(msgspec.Struct):
    """One version: until when, in the zone in which it was said, by which entry.

    `agreed` and `refused` are the participants who last said so of this version.
    """

    number: int
    until: str
    zone: str
    entry: Entry
    why: str = ""
    state: str = SET
    agreed: list[str] = []
    refused: list[str] = []


class Agreed(msgspec.Struct, frozen=True):
    """Where somebody stands: their state, and the newest terms that they agreed to, and when."""

    participant: str
    state: str
    terms: Terms | None
    at: str
    why: str = ""


def in_words(until: str, zone_name: str, why: str = "") -> str:
    """The reason of a step that is about these terms; `until` as entries have it."""
    text = f"until {until} {zone_name}"
    return f"{text}; {why}" if why else text


def said(because: str) -> tuple[str, str, str] | None:
    """Until when, in which zone, and why, of such a reason."""
    found = _SAID.fullmatch(because)
    if found is None:
        return None
    try:
        instant("until", found[1])
        zone("zone", found[2])
    except Invalid:
        return None
    return found[1], found[2], found[3] or ""


def lacking(case: Case, because: str) -> str:
    """What a proposal does not say: an unambiguous end, unless who leads has set one for it."""
    until = case.embargo.until if case.embargo else ""
    is_set = any(one.until == until and one.state in OPEN for one in versions(case))
    if is_set or said(because):
        return ""
    return "the terms, such as: until 2027-01-31T09:00:00Z Europe/Amsterdam; why"


def versions(case: Case) -> list[Terms]:
    """All terms that there were, the oldest first, with who agreed to each."""
    told = [one for one in case.timeline if _is_of_terms(one)]
    found = _told(told)
    for entry in case.timeline:
        act = entry.act
        if isinstance(act, Moved) and act.machine == "consent":
            meant = _meant(entry, act, found, told)
            for one in found:
                _say(one.agreed, act.of, is_so=act.trigger == "agree" and one is meant)
                _say(one.refused, act.of, is_so=act.trigger == "refuse" and one is meant)
    return found


def _say(of: list[str], participant: str, *, is_so: bool) -> None:
    if is_so and participant not in of:
        of.append(participant)
    elif not is_so and participant in of:
        of.remove(participant)


def _is_of_terms(entry: Entry) -> bool:
    act = entry.act
    return isinstance(act, Embargoed) or (
        isinstance(act, Moved) and act.machine in {"embargo", "exposure"}
    )


def _meant(entry: Entry, act: Moved, found: Sequence[Terms], told: Sequence[Entry]) -> Terms | None:
    """Which version somebody speaks of: as they name it, or else as their node knew it."""
    known = _told([one for one in told if knew(entry, one)])
    named = said(act.because)
    same = [one for one in known if named and one.until == named[0]]
    meant = same[-1] if same else _current(known)
    if meant is None:
        return None
    return next((one for one in found if one.entry.id == meant.entry.id), None)


def _told(told: Iterable[Entry]) -> list[Terms]:
    """From entries in the order of the case."""
    found: list[Terms] = []
    last = ""  # the end that who leads set last
    for entry in told:
        act = entry.act
        if isinstance(act, Embargoed):
            last = act.until
            _set(found, entry, act)
        elif isinstance(act, Moved) and act.machine == "embargo":
            _moved(found, entry, act, last)
        elif isinstance(act, Moved) and act.trigger != "attack":
            _turn(found, {SET, PROPOSED, IN_FORCE}, ENDED)
    return found


def _set(found: list[Terms], entry: Entry, act: Embargoed) -> None:
    if not act.until:
        _turn(found, {SET, IN_FORCE}, ENDED)
    elif not any(one.until == act.until and one.state in OPEN for one in found):
        _turn(found, {SET}, REPLACED)
        found.append(Terms(len(found) + 1, act.until, act.zone, entry, act.because))


def _moved(found: list[Terms], entry: Entry, act: Moved, last: str) -> None:
    if act.trigger == "propose":
        _proposed(found, entry, act)
    elif act.trigger == "accept_embargo":
        chosen = [one for one in found if one.until == last and one.state in OPEN]
        _turn([one for one in found if knew(entry, one.entry)], {*OPEN, IN_FORCE}, REPLACED)
        if chosen:
            chosen[-1].state = IN_FORCE
        elif found:
            found[-1].state = IN_FORCE
    elif act.trigger == "reject_embargo":
        _turn([one for one in found if knew(entry, one.entry)], {PROPOSED}, REJECTED)
    elif act.trigger == "terminate":
        _turn(found, {SET, PROPOSED, IN_FORCE}, ENDED)


def _proposed(found: list[Terms], entry: Entry, act: Moved) -> None:
    """Several stand beside each other until one is put into force, or all are rejected."""
    proposed = said(act.because)
    if proposed is None:
        if found and found[-1].state == SET:
            found[-1].state = PROPOSED
        return
    same = [one for one in found if one.until == proposed[0] and one.state in OPEN]
    if same:
        same[-1].state = PROPOSED
    else:
        found.append(Terms(len(found) + 1, *proposed[:2], entry, proposed[2], PROPOSED))


def _turn(found: Iterable[Terms], states: set[str], to: str) -> None:
    for one in found:
        if one.state in states:
            one.state = to


def agreed(case: Case) -> list[Agreed]:
    """Everybody whose consent counts, as they are now."""
    every = versions(case)
    last: dict[str, Entry] = {}
    for entry in case.timeline:
        act = entry.act
        if isinstance(act, Moved) and act.machine == "consent":
            last[act.of] = entry
    return [
        _agreed(one.id, case.positions["consent", one.id].state, every, last.get(one.id))
        for one in case.present
        if ("consent", one.id) in case.positions
    ]


def _agreed(of: str, state: str, every: list[Terms], entry: Entry | None) -> Agreed:
    if entry is None or not isinstance(entry.act, Moved):
        return Agreed(of, state, None, "")
    named = said(entry.act.because)
    why = named[2] if named else entry.act.because
    return Agreed(of, state, next((t for t in every[::-1] if of in t.agreed), None), entry.at, why)


def current(case: Case) -> Terms | None:
    """Those in force, or else those that were proposed or set and wait."""
    return _current(versions(case))


def _current(every: Sequence[Terms]) -> Terms | None:
    return next(
        (one for state in (IN_FORCE, PROPOSED, SET) for one in every[::-1] if one.state == state),
        None,
    )


def waiting(case: Case) -> list[Terms]:
    """Those that could be put into force, the shortest first (Vultron: it is accepted first)."""
    found = [one for one in versions(case) if one.state in OPEN]
    return sorted(found, key=lambda one: (instant("until", one.until), one.number))


def holds(case: Case, now: datetime) -> bool:
    """Whether nothing may leave: who leads set an end that is to come, and nothing is public."""
    return _is_set(case) and case.embargo is not None and _until(case) > now


def ran_out(case: Case, now: datetime) -> bool:
    """Whether it has ended by its date, and not before that by anybody's word."""
    if case.embargo is None or _until(case) > now:
        return False
    ends = [one for one in case.timeline
            if isinstance(one.act, Moved) and one.act.trigger == "terminate"]  # fmt: skip
    return _is_set(case) or (bool(ends) and instant("at", ends[-1].at) >= _until(case))


def _is_set(case: Case) -> bool:
    """Whether an end holds, by its state and while nothing is public."""
    exposure = case.positions.get(("exposure", ""))
    if exposure is None or exposure.state not in {"pxa", "pxA"}:
        return False
    # One that was ended holds nothing back any more, unless an end was set after that.
    ended = case.positions["embargo", ""].state == "exited"
    return not ended or any(one.state == SET for one in versions(case))


def _until(case: Case) -> datetime:
    assert case.embargo is not None  # noqa: S101 — who asks has looked
    return instant("embargo", case.embargo.until)
