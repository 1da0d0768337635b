# SPDX-License-Identifier: EUPL-1.2
"""What an authority tells an entity: that its notification came, first feedback, a request.

Each is a message to the entity alone, and the fact that meets or starts a clock. NIS2 art. 23(5):
without undue delay and where possible within 24 hours of the early warning, first feedback; on
request guidance on mitigation; advice on reporting to the police where a crime is suspected.
"""

from collections.abc import Sequence

import msgspec

from brug.cases import due, files, keeping, notified
from brug.cases.acts import AnyAct, Recorded, Said
from brug.cases.authority import parts, received
from brug.cases.authority.received import Received
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.entries import Entry
from brug.cases.reports import filling, given_here
from brug.cases.reports.telling import Say
from brug.model.errors import Conflict, Invalid
from brug.model.words import N_
from brug.store.session import Session

_MOST = 20_000
FEEDBACK = N_("First feedback")
GUIDANCE = N_("How to mitigate it")
POLICE = N_("Reporting to the police")
CAME = N_("Your notification was received at %(at)s. Our number: %(number)s.")
ASKED = N_("We ask you for a report on how matters stand, by %(at)s.")


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """The form of an answer: `text` is asked for, the rest where it applies."""

    text: str
    guidance: str = ""
    police: str = ""


class NothingReceived(Conflict):
    """Nobody has notified anything in this case."""

    code = "nothing_received"
    public = "No entity has sent a report in this case, and no receipt of one is recorded."


def acknowledge(
    session: Session, which: str, at: Moment | None = None, *, of: str = "", say: Say = str
) -> list[Entry]:
    """That the notification came: `at`, or when it reached this node."""
    row = _row(session, which, of, none_yet=at is not None)
    number = files.find(session, which).number
    return _do(session, which, row, _receipt(row, number, at or _since(row), say))


def feedback(
    session: Session, which: str, told: Feedback, at: Moment | None = None, *, of: str = "",
    say: Say = str,
) -> list[Entry]:  # fmt: skip
    """First feedback, or more of it. Its time meets the clock once; later ones do not move it."""
    now = given_here(session).now
    sent = at or moments.moment(now)
    if sent.at > now:
        raise Invalid("at", "a time that is past", moments.in_text(sent))
    row = _row(session, which, of)
    doing = [] if row.is_acknowledged else [_received_at(row, _since(row))]
    doing.append((Said(text=_composed(told, say)), (row.entity.id,)))
    if notified.said(row.case, notified.ANSWERED, row.mine, row.entity) is None:
        doing.append((_recorded(notified.ANSWERED, sent, _said_of(row)), ()))
    return _do(session, which, row, doing)


def ask(
    session: Session, which: str, until: Moment, text: str = "", *, of: str = "", say: Say = str
) -> list[Entry]:
    """A report on how matters stand, by a time (NIS2 art. 23(4)(c)): the entity's clock starts."""
    now = given_here(session).now
    if until.at <= now:
        raise Invalid("until", "a time that is still to come", moments.in_text(until))
    row = _row(session, which, of)
    said = say(ASKED) % {"at": moments.told(until.at, until.zone)}
    _require_short("text", text)
    return _do(
        session,
        which,
        row,
        [
            (_recorded("request_at", moments.moment(now), row.entity.id), ()),
            (_recorded("report_due_at", until, row.entity.id), ()),
            (Said(text="\n\n".join(part for part in (said, text.strip()) if part)),
             (row.entity.id,)),
        ],
    )  # fmt: skip


_Doing = list[tuple[AnyAct, Sequence[str]]]


def _do(session: Session, which: str, row: Received, doing: _Doing) -> list[Entry]:
    return keeping.act_several(session, row.case.id or which, doing)


def _receipt(row: Received, number: str, at: Moment, say: Say) -> _Doing:
    text = say(CAME) % {"at": moments.told(at.at, at.zone), "number": number}
    return [_received_at(row, at), (Said(text=text), (row.entity.id,))]


def _received_at(row: Received, at: Moment) -> tuple[AnyAct, Sequence[str]]:
    return _recorded(notified.RECEIVED, at, _said_of(row)), ()


def _said_of(row: Received) -> str:
    return notified.said_of(row.case, row.mine, row.entity)


def _recorded(fact: str, at: Moment, of: str) -> Recorded:
    return Recorded(fact=fact, at=moments.in_text(at), zone=at.zone, of=of)


def _since(row: Received) -> Moment:
    return moments.moment(row.since)


def _row(session: Session, which: str, of: str, *, none_yet: bool = False) -> Received:
    """Raises NotFound, NotYours, NothingReceived, Invalid."""
    file, case = files.view(session, which)
    mine = parts.mine(session, case)
    now = given_here(session).now
    every = received.of_file(session, file, due.rules_here(session), now)
    several = [one for one in every if not one.is_gone]
    if not several and none_yet and filling.owing(case):
        entity = filling.entity(case, of)
        return Received(
            case=case, mine=mine, entity=entity, since=now, is_acknowledged=False,
            feedback=None, reports=[], late=[],
        )  # fmt: skip
    if not several:
        raise NothingReceived(f"nothing was received in {file.number}")
    found = [one for one in several if not of or of in {one.entity.id, one.entity.name}]
    if len(found) != 1:
        raise Invalid("of", f"one of {', '.join(one.entity.name for one in several)}", of)
    return found[0]


def _composed(told: Feedback, say: Say) -> str:
    parts_said = ((FEEDBACK, told.text), (GUIDANCE, told.guidance), (POLICE, told.police))
    if not told.text.strip():
        raise Invalid("text", "the feedback")
    for name, text in zip(("text", "guidance", "police"), parts_said, strict=True):
        _require_short(name, text[1])
    return "\n\n".join(
        f"{say(title)}\n{said.strip()}" for title, said in parts_said if said.strip()
    )


def _require_short(name: str, text: str) -> None:
    if len(text) > _MOST:
        raise Invalid(name, f"at most {_MOST} characters")
