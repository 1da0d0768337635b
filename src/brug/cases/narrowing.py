# SPDX-License-Identifier: EUPL-1.2
"""Whom something is for that is not for all, where nobody says so.

Whoever says that a task is done, or takes a link back, need not say again whom it is for; left
out, it would tell everybody what was for some. Steps of a machine that is `discreet` are always
for those who lead the case, also for those who do later, and the one whose state it is.
"""

from collections.abc import Callable, Sequence

from brug.cases import taking_part
from brug.cases.acts import AnyAct, Linked, Moved, Planned
from brug.cases.case import Case, Kind
from brug.cases.entries import Author, Entry
from brug.model.errors import Invalid


def recipients(case: Case, doing: AnyAct, to: Sequence[str]) -> Sequence[str]:
    """Those that are named; where nobody is, those who have what the act says anew, of them who
    are still there. Nobody for what is for all. Raises Invalid.
    """
    if isinstance(doing, Moved) and not to:
        return of_step(case, doing)
    before = None if to else _before(case, doing)
    if before is None or not before.to:
        return to
    still = {*before.to, *_parts(case, before.author)} & {one.id for one in case.present}
    if not still:  # nobody named would be everybody
        raise Invalid("to", "participants of the case: of those whom it was for nobody is there")
    return sorted(still)


def roles(kind: Kind, doing: AnyAct) -> list[str]:
    """Whoever has one of these has it as well, from whenever they take part in it: an entry that
    was signed cannot name them any more.
    """
    if not isinstance(doing, Moved) or not _is_discreet(kind, doing):
        return []
    return [one.key for one in kind.roles if one.leads]


def readers(case: Case, entry: Entry) -> list[str]:
    """Those whom an entry that is for some is for: those it names, then those by their role."""
    by_role = roles(case.kind, entry.act) if entry.to else ()
    if not by_role:
        return list(entry.to)
    later = (one.id for one in case.present if one.role in by_role)
    return list(dict.fromkeys((*entry.to, *later)))


def had_by_all(case: Case, by: Author, doing: AnyAct, to: Sequence[str]) -> Callable[[Entry], bool]:
    """Which entries an act may name as known: those that whoever will have it has as well.

    So two who lead and take a step at once are seen to have done so, and who has both steps
    settles it, while nobody learns of an entry that is not for them.
    """
    will_have = {*to, *_parts(case, by)}
    will_have_by_role = set(roles(case.kind, doing))

    def is_had(one: Entry) -> bool:
        if not one.to:
            return True
        if not to or not will_have_by_role.issubset(roles(case.kind, one.act)):
            return False
        return will_have.issubset((*readers(case, one), *_parts(case, one.author)))

    return is_had


def _is_discreet(kind: Kind, doing: Moved) -> bool:
    return bool(doing.of) and any(
        one.key == doing.machine and one.discreet for one in kind.machines
    )


def of_step(case: Case, doing: Moved) -> Sequence[str]:
    """Those who may know of a step; nobody in particular where all do."""
    if not _is_discreet(case.kind, doing):
        return ()
    return sorted({doing.of, *(one.id for one in taking_part.leading(case))})


def _before(case: Case, doing: AnyAct) -> Entry | None:
    """The entry that said the same task or link last."""
    match doing:
        case Planned():
            if doing.task not in case.tasks:
                return None
        case Linked():
            if (doing.kind, doing.uuid) not in case.links:
                return None
        case _:
            return None
    key = _key(doing)
    return next((one for one in reversed(case.timeline) if _key(one.act) == key), None)


def _key(act: AnyAct) -> tuple[str, str, str] | None:
    match act:
        case Planned(task=task):
            return "planned", task, ""
        case Linked(kind=kind, uuid=uuid):
            return "linked", kind, uuid
        case _:
            return None


def _parts(case: Case, author: Author) -> list[str]:
    """As which the author of an entry takes part."""
    users = {author.user} if author.in_person else {None}
    return [one.id for one in case.present if one.org == author.org and one.user in users]
