# SPDX-License-Identifier: EUPL-1.2
"""Agreeing on an embargo: what each step is as acts, for pages, verbs and machines alike.

Whoever takes part proposes, and agrees to what it proposes. Who leads puts one proposal into
force; what was proposed and lasts longer is then proposed again, as other terms, and whoever
agreed to others is asked again (Vultron: the shortest is accepted, the rest are revisions).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from brug.cases import files, keeping
from brug.cases.acts import AnyAct, Embargoed, Moved
from brug.cases.case import Case
from brug.cases.clocks import facts
from brug.cases.embargoes import terms
from brug.cases.embargoes.terms import Terms
from brug.cases.entries import Author, Entry
from brug.cases.forms import instant
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.cases.refusing import Refused
from brug.cases.taking_part import parts_of
from brug.model.errors import Invalid
from brug.model.words import N_
from brug.store.session import Session

STEPS = ("propose", "accept", "reject", "end", "agree", "refuse", "ask_again")
_TRIGGERS = {"reject": "reject_embargo", "end": "terminate"}


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody does about an embargo.

    `until` (2027-01-31T09:00 on the wall of `zone`, or with an offset) is of `propose`; `version`
    is the number of the terms meant, where it is not the only one or the shortest; `of` is whose
    consent it is, where it is not the author's own.
    """

    step: str
    until: str = ""
    zone: str = "UTC"
    version: int = 0
    of: str = ""
    because: str = ""


def take(session: Session, which: str, step: Step) -> list[Entry]:
    """One step; all of its acts, or none. Raises NotFound, Invalid, Conflict, NotYours."""
    file, case = files.view(session, which)
    doing = acts(case, keeping.author(session), step, datetime.now(UTC))
    return keeping.act_several(session, file.uuid, [(one, ()) for one in doing])


def acts(case: Case, author: Author, step: Step, now: datetime) -> Sequence[AnyAct]:
    """What a step is, in a case as its author sees it. Raises Invalid, Conflict."""
    if case.kind is not DISCLOSURE:
        raise Invalid("case", "a disclosure", case.number)
    if step.step == "propose":
        return _propose(case, author, step, now)
    if step.step == "accept":
        return _accept(case, step, now)
    if step.step in _TRIGGERS:
        return _refuse(case, _TRIGGERS[step.step], step.because)
    if step.step in STEPS:
        return [_consent(case, author, step)]
    raise Invalid("step", f"one of {', '.join(STEPS)}", step.step)


def _state(case: Case) -> str:
    return case.positions["embargo", ""].state


def _move(case: Case, trigger: str, because: str, leaves: str = "") -> Moved:
    return Moved(
        machine="embargo", trigger=trigger, leaves=leaves or _state(case), because=because
    )  # fmt: skip


def _propose(case: Case, author: Author, step: Step, now: datetime) -> Sequence[AnyAct]:
    facts.zone_named(step.zone)
    until = facts.read(step.until, step.zone, "until")
    if until.at <= now:
        raise Invalid("until", "a time to come", step.until)
    text = facts.in_text(until)
    doing: list[AnyAct] = [_move(case, "propose", terms.in_words(text, step.zone, step.because))]
    asks = _state(case) in {"none", "proposed"}
    for one in parts_of(case, author):
        position = case.positions.get(("consent", one.id))
        leaves = position.state if position else ""
        if leaves == "no_embargo" and asks:
            leaves = "invited"
        if leaves in {"no_embargo", "invited", "lapsed"}:
            doing.append(_say("agree", leaves, one.id, terms.in_words(text, step.zone)))
    return doing


def _say(trigger: str, leaves: str, of: str, because: str) -> Moved:
    return Moved(machine="consent", trigger=trigger, leaves=leaves, of=of, because=because)


def _accept(case: Case, step: Step, now: datetime) -> Sequence[AnyAct]:
    waiting = terms.waiting(case)
    if not waiting:
        raise Refused(N_("No terms are proposed."))
    chosen = _of_number(waiting, step.version) if step.version else waiting[0]
    if instant("until", chosen.until) <= now:
        raise Refused(
            N_("Version %(number)s ended on %(until)s: propose another end."),
            number=chosen.number, until=chosen.until,
        )  # fmt: skip
    is_first = _state(case) == "proposed"
    doing: list[AnyAct] = []
    if case.embargo is None or case.embargo.until != chosen.until:
        doing.append(Embargoed(until=chosen.until, zone=chosen.zone, because=step.because))
    doing.append(_move(case, "accept_embargo", step.because))
    if is_first:
        doing += _asked_again(case, chosen)
    return [*doing, *_longer(case, chosen, waiting)]


def _asked_again(case: Case, chosen: Terms) -> Sequence[AnyAct]:
    """Who agreed, but not to these: of a revision the engine's own rule asks everybody."""
    return [
        _say("revise", "signatory", one.id, terms.in_words(chosen.until, chosen.zone))
        for one in case.present
        if one.id not in chosen.agreed
        and ("consent", one.id) in case.positions
        and case.positions["consent", one.id].state == "signatory"
    ]


def _longer(case: Case, chosen: Terms, waiting: Sequence[Terms]) -> Sequence[AnyAct]:
    leaves, found = "active", []
    for one in waiting:
        if instant("until", one.until) > instant("until", chosen.until):
            words = terms.in_words(one.until, one.zone, one.why)
            found.append(_move(case, "propose", words, leaves))
            leaves = "revise"
    return found


def _of_number(waiting: Sequence[Terms], number: int) -> Terms:
    found = next((one for one in waiting if one.number == number), None)
    if found is None:
        known = ", ".join(str(one.number) for one in waiting)
        raise Invalid("version", f"one of those that are proposed: {known}", str(number))
    return found


def _refuse(case: Case, trigger: str, because: str) -> Sequence[AnyAct]:
    """Ends it, or refuses what is proposed; an end that was set only for that goes with it."""
    moved = _move(case, trigger, because)
    is_over = trigger == "terminate" or (
        _state(case) == "proposed"
        and case.embargo is not None
        and any(
            one.until == case.embargo.until and one.state == terms.PROPOSED
            for one in terms.versions(case)
        )
    )
    return [moved, Embargoed(until="", zone="UTC", because=because)] if is_over else [moved]


def _require_unsaid(case: Case, of: str, step: str) -> None:
    """Raises Invalid where a participant has answered so already."""
    state, name = case.positions["consent", of].state, case.participants[of].name
    if (step, state) == ("agree", "signatory"):
        asked = "is asked about other terms once they are in force"
        raise Invalid("step", f"another: {name} has agreed already, and {asked}", step)
    if (step, state) == ("refuse", "declined"):
        raise Invalid("step", f"another: {name} has refused already", step)


def _consent(case: Case, author: Author, step: Step) -> Moved:
    """Of oneself, or of whom who leads heard it from; which terms are meant is said."""
    mine = [one.id for one in parts_of(case, author) if ("consent", one.id) in case.positions]
    of = step.of or (mine[0] if len(mine) == 1 else "")
    position = case.positions.get(("consent", of))
    if position is None:
        raise Invalid("of", "the participant whose consent it is", step.of)
    if step.step == "ask_again":
        return _say("ask_again", position.state, of, step.because)
    _require_unsaid(case, of, step.step)
    every = terms.versions(case)
    standing = [one for one in every if one.state in {*terms.OPEN, terms.IN_FORCE}]
    meant = _of_number(standing, step.version) if step.version else terms.current(case)
    words = step.because
    if meant is not None and meant.state in {*terms.OPEN, terms.IN_FORCE}:
        words = terms.in_words(meant.until, meant.zone, step.because)
    return _say(step.step, position.state, of, words)
