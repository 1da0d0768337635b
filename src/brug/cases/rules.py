# SPDX-License-Identifier: EUPL-1.2
"""Whether a participant may do an act in a case as it is now.

Asked before an entry is written, where the error tells a person what would be possible, and
again by whoever folds it, because an entry from another node is only what that node says.
"""

from brug.cases.act_rules import FORMS, MERGED_INTO, Asking, may_join, may_open
from brug.cases.acts import LONGEST_TEXT, AnyAct, Joined, Left, Linked, Opened, Unknown
from brug.cases.case import Case, Machine, Participant, Transition
from brug.cases.declaring import BREAK_GLASS
from brug.cases.entries import Author, Entry, case_of
from brug.cases.forms import text
from brug.cases.taking_part import NotYours, called, includes, is_own, parts_of
from brug.model.errors import Conflict, Invalid


def require(case: Case, author: Author, act: AnyAct) -> None:
    """Raises NotYours, OutOfStep, Blocked, Invalid, Conflict; else the act may be done."""
    if isinstance(act, Opened):
        may_open(case, act)
        return
    if isinstance(act, Unknown):
        raise Invalid("act", f"one that this node knows: {act.name[:60]} is of a later version")
    if not case.id:
        raise Conflict("the case was not opened")
    if isinstance(act, Joined) and act.role == BREAK_GLASS.key:
        _may_break_glass(case, author, act)
        return
    mine = parts_of(case, author) or _node_of_glass(case, author, act)
    if not any(_may(case, one, act) for one in mine):
        tag, roles = act.__struct_config__.tag, ", ".join(sorted({one.role for one in mine}))
        raise NotYours(f"{called(case, author)} may not have this {tag}", roles, f"{tag}")
    text("because", act.because, LONGEST_TEXT, empty=True)
    FORMS[type(act)](Asking(case, author, mine), act)


def require_own(entry: Entry) -> None:
    """A case is opened by the one whose it is, as its UUID says; where it goes on, all are told.

    Raises NotYours, Invalid.
    """
    act = entry.act
    if isinstance(act, Opened) and entry.case != case_of(entry.author, act.kind, act.participant):
        raise NotYours("its author opens a case that is another's")
    if isinstance(act, Linked) and act.kind == MERGED_INTO and entry.to:
        raise Invalid("to", "nobody in particular: all who take part see where it goes on")


def possible(case: Case, author: Author) -> list[tuple[Machine, str, Transition]]:
    """The transitions that an author may choose from now, with whose they are."""
    roles = {one.role for one in parts_of(case, author)}
    return [
        (machine, of, transition)
        for (key, of), position in case.positions.items()
        if not of or case.participants[of].left is None
        for machine in (case.kind.machine(key),)
        for transition in machine.leaving(position.state)
        if roles & transition.roles and is_own(case, author, of, roles)
    ]


def _may(case: Case, one: Participant, act: AnyAct) -> bool:
    if isinstance(act, Left) and act.participant == one.id:
        return True
    return includes(case, one, str(act.__struct_config__.tag))


def _may_break_glass(case: Case, author: Author, act: Joined) -> None:
    """For oneself, with the reason, on a node that an organisation which takes part has."""
    said = (act.org, act.user, act.node)
    if not author.user or not author.in_person or said != (author.org, author.user, author.node):
        raise NotYours("its author breaks the glass for another")
    if not any(one.node == author.node and one.user is None for one in case.present):
        raise NotYours("nobody of the author's node takes part")
    may_join(Asking(case, author, []), act)
    text("because", act.because, LONGEST_TEXT)


def _node_of_glass(case: Case, author: Author, act: AnyAct) -> list[Participant]:
    """The node lets those leave whose time to read is over; it is in their place then."""
    if not isinstance(act, Left) or author.user:
        return []
    one = case.participants.get(act.participant)
    is_ours = one is not None and (one.role, one.node) == (BREAK_GLASS.key, author.node)
    return [one] if one is not None and is_ours and one.left is None else []
