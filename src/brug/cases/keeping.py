# SPDX-License-Identifier: EUPL-1.2
"""Opening cases and acting in them: each act becomes one signed entry, or nothing happens.

Writers of a case come one after another, so each has before it all that its author may read.
The rules are asked of what the author sees; the state that lists show is of the whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from brug.cases import act_rules, files, narrowing, people, projecting, rules, writing
from brug.cases.acts import (
    Acknowledged,
    AnyAct,
    Asked,
    Attached,
    Decided,
    Filled,
    Joined,
    Linked,
    Moved,
    Opened,
    Planned,
    Said,
)
from brug.cases.case import Case
from brug.cases.entries import Author, Entry, Speaker, case_of
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kind_fields import read_fields
from brug.cases.kinds import named
from brug.cases.taking_part import NotYours
from brug.model.errors import BrugError, Forbidden, Invalid
from brug.store import settings
from brug.store.session import Session

# What may be for some participants only; what makes the case what it is, all of them see, but for
# steps of machines that are `discreet`.
NARROW = (Said, Planned, Linked, Attached, Asked, Acknowledged)


def open_case(
    session: Session, kind_key: str, title: str, fields: Mapping[str, Any] | None = None
) -> File:
    """A new case, led by the principal's organisation. Raises Invalid, Forbidden."""
    kind = named(kind_key)
    me = session.principal
    if not me.may("case") or me.read_only:
        raise Forbidden(f"{me.email} may not open cases")
    given = read_fields(kind, fields or {})
    (by, *_), participant = author(session).as_one_of(), str(uuid4())
    case_uuid = case_of(by, kind.key, participant)
    row = session.one(
        "SELECT id, number FROM open_case(%s, %s, %s, %s, %s)",
        (case_uuid, kind.key, kind.prefix, participant, kind.opener),
    )
    assert row is not None  # noqa: S101 — the function answers one row or raises
    file_id, number = row
    opened = Opened(
        kind=kind.key, title=title, number=number, participant=participant, name=me.org_name
    )
    rules.require(Case(kind), by, opened)
    with files.whole(session, file_id):
        here = (file_id, case_uuid)
        entries = [writing.write(session, here, [], by, opened)]
        if given:
            filled = Filled(fields=given)
            entries.append(writing.write(session, here, entries, by, filled))
        projecting.project(session, file_id, fold(kind, entries), entries)
    return files.find(session, str(file_id))


def act(
    session: Session,
    which: str,
    doing: AnyAct,
    to: Sequence[str] = (),
    *,
    who_may: AnyAct | None = None,
) -> Entry:
    """One act in a case, by the principal; as somebody who may do `who_may` as well.

    `to` are the participants that it is for. Raises NotFound, and what `rules.require` does.
    """
    return act_several(session, which, [(doing, to)], who_may=who_may)[0]


def act_several(
    session: Session,
    which: str,
    doing: Sequence[tuple[AnyAct, Sequence[str]]],
    *,
    several: bool = False,
    who_may: AnyAct | None = None,
) -> list[Entry]:
    """Acts one after another, each with whom it is for; all of them, or the session fails.

    With `several` an error's `place` says which act it was.
    """
    me = session.principal
    if me.read_only:
        raise Forbidden("the key reads only")
    file = held(session, which)
    mine = files.known(session, file)
    with files.whole(session, file.id):
        before = files.folded(session, file)
    every = [*before.entries.values()]
    done: list[Entry] = []
    for number, (given, named_to) in enumerate(doing):
        one = _with_node(session, given)
        try:
            case = mine.case
            by = speaking(case, author(session), one, who_may)
            to = narrowing.recipients(case, one, named_to)
            require_recipients(case, one, to)
            _require_known(case, one)
            people.require(session, one)
        except BrugError as error:
            error.place = f"[{number}]" if several else ""
            raise
        with files.whole(session, file.id):
            may_name = narrowing.had_by_all(case, by, one, to)
            entry = writing.write(session, (file.id, file.uuid), every, by, one, to, may_name)
        mine = mine.with_more([entry])
        every.append(entry)
        done.append(entry)
    with files.whole(session, file.id):
        projecting.project(session, file.id, before.with_more(done).case, every)
    return done


def held(session: Session, which: str) -> File:
    """A case in which nobody else writes until the transaction ends. Raises NotFound.

    Whoever was before has committed now: what is read of it after this is what it replaces.
    """
    file = files.find(session, which)
    with files.whole(session, file.id):
        files.lock(session, file.id)
    return files.find(session, file.uuid)


def _with_node(session: Session, doing: AnyAct) -> AnyAct:
    """Whoever joins speaks by the node of the partner that it is, or else by this one."""
    if not isinstance(doing, Joined) or doing.node:
        return doing
    theirs = None
    if not people.is_here(session, doing):
        theirs = session.value("SELECT node_of_organisation(%s)", (doing.org,))
    node = theirs or settings.get(session, "node.uuid")
    return msgspec.structs.replace(doing, node=str(node))


def author(session: Session) -> Speaker:
    """The principal, for its organisation and those that became part of it."""
    me = session.principal
    node = str(settings.get(session, "node.uuid"))
    return Speaker(node, me.org_uuid, me.user_id, not me.may("case"), me.former_orgs)


def speaking(case: Case, by: Speaker, *doing: AnyAct | None) -> Author:
    """As whom somebody may do acts in a case: for their own organisation, or else for one that
    became part of it, whose UUID the case's entries have. Raises what `rules.require` does.
    """
    refused: BrugError | None = None
    for one in by.as_one_of():
        try:
            for each in doing:
                if each is not None:
                    rules.require(case, one, each)
        except BrugError as error:
            # What is told is of the part that they have, where they have one.
            if refused is None or isinstance(refused, NotYours):
                refused = error
        else:
            return one
    assert refused is not None  # noqa: S101 — there is one at least, and it was refused
    raise refused


def _require_known(case: Case, doing: AnyAct) -> None:
    """What a decision names is there for all who take part; others may not have it yet, and the
    rules do not ask for it. Raises Invalid.
    """
    if not isinstance(doing, Decided):
        return
    if doing.replaces is not msgspec.UNSET and doing.replaces not in {
        one.id for one in case.decisions
    }:
        raise Invalid("replaces", "the entry of an earlier decision", doing.replaces)
    if doing.basis is not msgspec.UNSET:
        known = {one.id for one in case.timeline if not one.to}
        for one in doing.basis:
            if one not in known:
                raise Invalid("basis", "entries that all who take part have", one)


def require_recipients(case: Case, doing: AnyAct, to: Sequence[str]) -> None:
    """Raises Invalid where an act is for all, or for others than those who take part."""
    is_for_all = isinstance(doing, Linked) and doing.kind == act_rules.MERGED_INTO
    is_discreet = isinstance(doing, Moved) and list(to) == narrowing.of_step(case, doing)
    if to and (is_for_all or not (isinstance(doing, NARROW) or is_discreet)):
        raise Invalid("to", "nobody in particular: this concerns all who take part", ", ".join(to))
    known = {one.id for one in case.present}
    for one in to:
        if one not in known:
            raise Invalid("to", "participants of the case", one)
