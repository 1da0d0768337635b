# SPDX-License-Identifier: EUPL-1.2
"""Opening cases and acting in them: each act becomes one signed entry, or nothing happens.

Writers of a case come one after another, so each has before it all that its author may read.
The rules are asked of what the author sees; the state that lists show is of the whole.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from brug.cases import files, rules
from brug.cases.acts import AnyAct, Attached, Filled, Linked, Opened, Planned, Said
from brug.cases.case import Case
from brug.cases.declaring import read_fields
from brug.cases.entries import Author, Entry, encoded, next_of
from brug.cases.files import File
from brug.cases.folding import fold
from brug.cases.kinds import named
from brug.directory import signing
from brug.model.errors import BrugError, Forbidden, Invalid
from brug.store import settings
from brug.store.session import Session

# What may be for some participants only; what makes the case what it is, all of them see.
NARROW = (Said, Planned, Linked, Attached)


def open_case(
    session: Session, kind_key: str, title: str, fields: Mapping[str, Any] | None = None
) -> File:
    """A new case, led by the principal's organisation. Raises Invalid, Forbidden."""
    kind = named(kind_key)
    me = session.principal
    if not me.may("case") or me.read_only:
        raise Forbidden(f"{me.email} may not open cases")
    given = read_fields(kind, fields or {})
    case_uuid, participant = str(uuid4()), str(uuid4())
    row = session.one(
        "SELECT id, number FROM open_case(%s, %s, %s, %s, %s)",
        (case_uuid, kind.key, kind.prefix, participant, kind.opener),
    )
    assert row is not None  # noqa: S101 — the function answers one row or raises
    file_id, number = row
    opened = Opened(
        kind=kind.key, title=title, number=number, participant=participant, name=me.org_name
    )
    rules.require(Case(kind), author(session), opened)
    with files.whole(session, file_id):
        entries = [_write(session, file_id, case_uuid, [], (), opened)]
        if given:
            filled = Filled(fields=given)
            entries.append(_write(session, file_id, case_uuid, entries, (), filled))
        files.project(session, file_id, fold(kind, entries))
    return files.find(session, str(file_id))


def act(session: Session, which: str, doing: AnyAct, to: Sequence[str] = ()) -> Entry:
    """One act in a case, by the principal.

    `to` are the participants that it is for. Raises NotFound, and what `rules.require` does.
    """
    return act_several(session, which, [(doing, to)])[0]


def act_several(
    session: Session,
    which: str,
    doing: Sequence[tuple[AnyAct, Sequence[str]]],
    *,
    several: bool = False,
) -> list[Entry]:
    """Acts one after another, each with whom it is for; all of them, or the session fails.

    With `several` an error's `place` says which act it was.
    """
    me = session.principal
    if me.read_only:
        raise Forbidden("the key reads only")
    file = files.find(session, which)
    with files.whole(session, file.id):
        files.lock(session, file.id)
    # Whoever was before has committed now; what this principal has of it is read after that.
    mine = files.entries_of(session, file)
    kind = named(file.kind)
    every: list[Entry] = []
    done: list[Entry] = []
    for number, (one, to) in enumerate(doing):
        try:
            case = fold(kind, mine)
            rules.require(case, author(session), one)
            _require_recipients(case, one, to)
        except BrugError as error:
            error.place = f"[{number}]" if several else ""
            raise
        with files.whole(session, file.id):
            every = every or files.entries_of(session, file)
            entry = _write(session, file.id, file.uuid, every, tuple(sorted(set(to))), one)
        for known in (mine, every, done):
            known.append(entry)
    with files.whole(session, file.id):
        files.project(session, file.id, fold(kind, every))
    return done


def author(session: Session) -> Author:
    """The principal, as entries name it."""
    me = session.principal
    node = str(settings.get(session, "node.uuid"))
    return Author(node, me.org_uuid, me.user_id, in_person=not me.may("case"))


def _require_recipients(case: Case, doing: AnyAct, to: Sequence[str]) -> None:
    if to and not isinstance(doing, NARROW):
        raise Invalid("to", "nobody in particular: this concerns all who take part", ", ".join(to))
    known = {one.id for one in case.present}
    for one in to:
        if one not in known:
            raise Invalid("to", "participants of the case", one)


def _write(
    session: Session,
    file_id: int,
    case_uuid: str,
    before: Sequence[Entry],
    to: tuple[str, ...],
    doing: AnyAct,
) -> Entry:
    by = author(session)
    entry = Entry(
        id=str(uuid4()),
        case=case_uuid,
        author=by,
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        knows=dict(next_of(by.node, before)),
        to=to,
        act=doing,
    )
    data = encoded(entry)
    signed = signing.sign(session, data)
    files.store_entry(
        session, file_id, entry, data, sha256(data).digest(), (signed.key_id, signed.signature)
    )
    return entry
