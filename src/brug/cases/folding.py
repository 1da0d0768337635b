# SPDX-License-Identifier: EUPL-1.2
"""What a case is, from the entries that there are of it: a fold in their order.

What an entry may not do (its author has no such role, it leaves a state that the case is not
in) changes nothing and is kept under `ignored` with the reason, so that a node that lies is seen
and followed by nobody. Two that did not know of each other and cannot both hold are a `Conflict`:
one holds until somebody who knows of both says what it shall be.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from brug.cases import act_rules, acts, rules, taking_part
from brug.cases.case import Case, Conflict, Document, Ignored, Kind, Participant, Position
from brug.cases.declaring import Effect
from brug.cases.entries import Entry, knew, ordered, place
from brug.cases.kind_fields import read_fields
from brug.model.errors import BrugError


def fold(kind: Kind, entries: Collection[Entry]) -> Case:
    """The same whatever the order in which the entries came."""
    return _folded(Case(kind), {}, ordered(entries))


def continued(case: Case, entries: Mapping[str, Entry], more: Collection[Entry]) -> Case:
    """The fold of some entries, and of more than it was made of; the case itself stays as it is."""
    order, last = ordered(more), max(entries.values(), key=place, default=None)
    if last is not None and order and place(order[0]) < place(last):
        return fold(case.kind, [*entries.values(), *more])  # something came late
    return _folded(_copied(case), entries, order)


def _copied(value: Any) -> Any:
    """A value of its own where it can be changed."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    if isinstance(value, list):
        # Of one kind each; those of entries are long.
        can_change = value and _copied(value[0]) is not value[0]
        return [_copied(inner) for inner in value] if can_change else list(value)
    if isinstance(value, msgspec.Struct) and not value.__struct_config__.frozen:
        names = value.__struct_fields__
        return type(value)(**{name: _copied(getattr(value, name)) for name in names})
    return value


def _folded(case: Case, before: Mapping[str, Entry], order: Sequence[Entry]) -> Case:
    """`before` are entries that the case is made of already."""
    folded = _Fold(case, {**before, **{entry.id: entry for entry in order}})
    for entry in order:
        doing = entry.act
        try:
            rules.require_own(entry)
            try:
                rules.require(case, entry.author, doing)
            except act_rules.OutOfStep as error:
                doing = _from_here(folded, entry, error)
        except act_rules.OutOfStep as error:
            if not _is_conflict(folded, entry, error.by):
                case.ignored.append(Ignored(entry.id, str(error)))
        except BrugError as error:
            case.ignored.append(Ignored(entry.id, str(error)))
        else:
            # A message, say, is no more than its place in the timeline.
            _DOING.get(type(doing), _nothing)(folded, entry, doing)
            case.timeline.append(entry)
    return case


class _Fold(msgspec.Struct, frozen=True):
    case: Case
    entries: Mapping[str, Entry]

    def knew(self, entry: Entry, earlier: str) -> bool:
        """Whether its author had the one with that UUID before."""
        return knew(entry, self.entries[earlier])


def _from_here(folded: _Fold, entry: Entry, error: act_rules.OutOfStep) -> acts.AnyAct:
    """The same step from the state that the case is in, where both hold beside each other.

    Raises the error where they do not, and what `rules.require` does.
    """
    act = entry.act
    if not isinstance(act, acts.Moved) or error.by is None or folded.knew(entry, error.by):
        raise error
    transition = error.machine.find(error.now, act.trigger)
    if transition is None or not transition.beside:
        raise error
    found = msgspec.structs.replace(act, leaves=error.now)
    rules.require(folded.case, entry.author, found)
    return found


def _is_conflict(folded: _Fold, entry: Entry, by: str | None) -> bool:
    """Notes it where whoever left the same state did not know of this, nor this of that."""
    if by is None or folded.knew(entry, by):
        return False
    folded.case.conflicts.append(Conflict(_about(entry.act), by, entry.id))
    return True


def _about(act: acts.AnyAct) -> str:
    return f"{act.machine} {act.of}".strip() if isinstance(act, acts.Moved) else ""


def _nothing(_: _Fold, __: Entry, ___: Any) -> None:
    """For acts that are only to be read."""


def _opened(folded: _Fold, entry: Entry, act: acts.Opened) -> None:
    case = folded.case
    case.id, case.number, case.title, case.opened = entry.case, act.number, act.title, entry.at
    _begin(case, "", "")
    _take_in(
        case,
        Participant(
            act.participant,
            entry.author.org,
            None,
            act.name,
            case.kind.opener,
            entry.id,
            entry.author.node,
        ),
    )


def _renamed(folded: _Fold, _: Entry, act: acts.Renamed) -> None:
    folded.case.title = act.title


def _recorded(folded: _Fold, entry: Entry, act: acts.Recorded) -> None:
    """The last in the order holds; two that did not know of each other are a conflict."""
    case = folded.case
    said = (
        case.own_facts.setdefault((act.fact, act.of), [])
        if act.of
        else case.facts.setdefault(act.fact, [])
    )
    about = f"{act.fact} {act.of}".strip()
    before = said[-1] if said else None
    if before is None or folded.knew(entry, before.id):
        _settle(folded, entry, about)
    elif isinstance(before.act, acts.Recorded) and before.act.at != act.at:
        case.conflicts.append(Conflict(about, entry.id, before.id))
    said.append(entry)


def _joined(folded: _Fold, entry: Entry, act: acts.Joined) -> None:
    _take_in(
        folded.case,
        Participant(act.participant, act.org, act.user, act.name, act.role, entry.id, act.node),
    )


def _take_in(case: Case, one: Participant) -> None:
    case.participants[one.id] = one
    _begin(case, one.id, one.role)


def _begin(case: Case, participant: str, role: str) -> None:
    """The machines of the case, or of a participant in a role."""
    for machine in case.kind.machines:
        if role in machine.each if participant else not machine.each:
            case.positions[machine.key, participant] = Position(machine.initial)


def _left(folded: _Fold, entry: Entry, act: acts.Left) -> None:
    folded.case.participants[act.participant].left = entry.id


def _decided(folded: _Fold, entry: Entry, _: acts.Decided) -> None:
    folded.case.decisions.append(entry)


def _planned(folded: _Fold, _: Entry, act: acts.Planned) -> None:
    folded.case.tasks[act.task] = act


def _linked(folded: _Fold, entry: Entry, act: acts.Linked) -> None:
    case = folded.case
    case.links[act.kind, act.uuid] = act
    if act.kind != act_rules.MERGED_INTO:
        return
    before = case.merged
    if before and before[1] != act.uuid and not folded.knew(entry, before[0]):
        case.conflicts.append(Conflict(act.kind, before[0], entry.id))
        return
    _settle(folded, entry, act.kind)
    if not act.is_undone:
        case.merged = (entry.id, act.uuid)
    elif case.merged_into == act.uuid:
        case.merged = None


def _attached(folded: _Fold, entry: Entry, act: acts.Attached) -> None:
    documents = folded.case.documents
    if act.is_undone:
        documents[act.document] = msgspec.structs.replace(documents[act.document], act=act)
    else:
        speaks_for = taking_part.speaks_for(folded.case, entry.author)
        documents[act.document] = Document(
            act, entry.id, entry.author, entry.at, entry.to, speaks_for
        )


def _asked(folded: _Fold, entry: Entry, act: acts.Asked) -> None:
    folded.case.asked[act.entry] = entry


def _acknowledged(folded: _Fold, entry: Entry, act: acts.Acknowledged) -> None:
    for one in taking_part.parts_of(folded.case, entry.author):
        folded.case.read.setdefault((act.entry, one.id), entry)


def _marked(folded: _Fold, _: Entry, act: acts.Marked) -> None:
    folded.case.marking = act


def _embargoed(folded: _Fold, _: Entry, act: acts.Embargoed) -> None:
    folded.case.embargo = act if act.until else None


def _filled(folded: _Fold, entry: Entry, act: acts.Filled) -> None:
    case = folded.case
    for name, value in read_fields(case.kind, act.fields).items():
        before = case.filled.get(name)
        if before is None or folded.knew(entry, before):
            _settle(folded, entry, name)
        elif case.fields.get(name) != value:
            case.conflicts.append(Conflict(name, entry.id, before))
        case.fields[name], case.filled[name] = value, entry.id


def _moved(folded: _Fold, entry: Entry, act: acts.Moved) -> None:
    position = folded.case.positions[act.machine, act.of]
    transition = folded.case.kind.machine(act.machine).find(position.state, act.trigger)
    assert transition is not None, act  # noqa: S101 — `rules` has seen to it
    position.left[position.state] = entry.id
    position.state = transition.target
    for effect in transition.also:
        _follow(folded.case, entry, effect)
    _settle(folded, entry, _about(act))


def _follow(case: Case, entry: Entry, effect: Effect) -> None:
    """What another machine does by itself; whoever left takes no part in it."""
    for (key, of), position in case.positions.items():
        is_there = not of or case.participants[of].left is None
        if key == effect.machine and is_there and position.state in effect.source:
            position.left[position.state] = entry.id
            position.state = effect.target


def _settle(folded: _Fold, entry: Entry, about: str) -> None:
    """Whoever knew of both sides of a conflict says what it shall be."""
    for one in folded.case.open_conflicts:
        both = (one.holds, one.beside)
        if one.about == about and all(folded.knew(entry, earlier) for earlier in both):
            one.settled = entry.id


_DOING: dict[type, Callable[[_Fold, Entry, Any], None]] = {
    acts.Opened: _opened,
    acts.Renamed: _renamed,
    acts.Filled: _filled,
    acts.Recorded: _recorded,
    acts.Joined: _joined,
    acts.Left: _left,
    acts.Moved: _moved,
    acts.Decided: _decided,
    acts.Planned: _planned,
    acts.Linked: _linked,
    acts.Attached: _attached,
    acts.Marked: _marked,
    acts.Embargoed: _embargoed,
    acts.Asked: _asked,
    acts.Acknowledged: _acknowledged,
}
