# SPDX-License-Identifier: EUPL-1.2
"""The terms of an embargo, version by version, and who agreed to which. A value of values.

Only who leads may set an end (`embargoed`); anyone who may propose says in the reason of the step
until when: `until 2027-01-31T09:00:00Z Europe/Amsterdam; why`. Somebody whose node was away when
terms changed agreed to what it knew of, and to nothing later.
"""

import re
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


class Terms(msgspec.Struct):
    """One version: until when, in the zone in which it was said, by which entry."""

    number: int
    until: str
    zone: str
    entry: Entry
    why: str = ""
    state: str = SET


class Agreed(msgspec.Struct, frozen=True):
    """Where somebody stands: their state, and the newest terms that they agreed to, and when."""

    participant: str
    state: str
    terms: Terms | None
    at: str
    why: str = ""


def in_words(until: str, zone_name: str, why: str) -> str:
    """The reason of a step that proposes these terms; `until` as entries have it."""
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


def versions(case: Case) -> list[Terms]:
    """All terms that there were, the oldest first."""
    found: list[Terms] = []
    for entry in case.timeline:
        act = entry.act
        if isinstance(act, Embargoed):
            _set(found, entry, act)
        elif isinstance(act, Moved) and act.machine == "embargo":
            _moved(found, entry, act)
        elif isinstance(act, Moved) and act.machine == "exposure" and act.trigger != "attack":
            _turn(found, {PROPOSED, IN_FORCE}, ENDED)
    return found


def _set(found: list[Terms], entry: Entry, act: Embargoed) -> None:
    if not act.until:
        _turn(found, {SET}, ENDED)
    elif not (found and found[-1].until == act.until and found[-1].state in {SET, PROPOSED}):
        _turn(found, {SET}, REPLACED)
        found.append(Terms(len(found) + 1, act.until, act.zone, entry, act.because))


def _moved(found: list[Terms], entry: Entry, act: Moved) -> None:
    if act.trigger == "propose":
        proposed = said(act.because)
        if proposed and not (found and found[-1].until == proposed[0]):
            _turn(found, {PROPOSED, SET}, REPLACED)
            found.append(Terms(len(found) + 1, *proposed[:2], entry, proposed[2], PROPOSED))
        elif found and found[-1].state == SET:
            found[-1].state = PROPOSED
    elif act.trigger == "accept_embargo":
        _turn(found, {IN_FORCE}, REPLACED)
        if found:
            found[-1].state = IN_FORCE
    elif act.trigger == "reject_embargo":
        _turn(found, {PROPOSED}, REJECTED)
    elif act.trigger == "terminate":
        _turn(found, {SET, PROPOSED, IN_FORCE}, ENDED)


def _turn(found: list[Terms], states: set[str], to: str) -> None:
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
    act = entry.act
    known = [one for one in every if knew(entry, one.entry) and one.state != REJECTED]
    terms = known[-1] if known and act.trigger == "agree" else None
    return Agreed(of, state, terms, entry.at, act.because)


def current(case: Case) -> Terms | None:
    """Those in force, or else those that were set and wait."""
    every = versions(case)
    return next(
        (one for state in (IN_FORCE, PROPOSED, SET) for one in every[::-1] if one.state == state),
        None,
    )


def waiting(case: Case) -> Terms | None:
    """Those that are proposed."""
    return next((one for one in versions(case)[::-1] if one.state in {PROPOSED, SET}), None)


def holds(case: Case, now: datetime) -> bool:
    """Whether nothing may leave: in force, or set for a time to come, and nothing is public."""
    exposure = case.positions.get(("exposure", ""))
    if exposure is None or exposure.state not in {"pxa", "pxA"}:
        return False
    if case.positions["embargo", ""].state in {"active", "revise"}:
        return True
    return case.embargo is not None and instant("embargo", case.embargo.until) > now
