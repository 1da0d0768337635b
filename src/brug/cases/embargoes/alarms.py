# SPDX-License-Identifier: EUPL-1.2
"""What was raised about disclosures: kept sealed, shown to those whom it is for, and closed.

A breach, a silent vendor, an end that comes near: each is raised once. Whoever closes one says
why, and the case keeps that: as a decision, or for those alone who coordinate.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from brug.cases import files, keeping, taking_part
from brug.cases.acts import Decided, Said
from brug.cases.refusing import Refused
from brug.model.errors import Invalid, NotFound
from brug.model.words import N_
from brug.store.session import Session

_PURPOSE = "case alarm"
# Kinds that somebody has to answer; the others are reminders.
TO_ANSWER = ("breach", "known", "published", "silent")


class Alarm(msgspec.Struct, frozen=True):
    id: int
    case_id: int
    number: str
    title: str
    kind: str
    about: Mapping[str, str]
    at: datetime
    closed: datetime | None


def raised(
    session: Session, case_id: int, kind: str, key: str, about: Mapping[str, str],
    org_id: int | None = None,
) -> bool:  # fmt: skip
    """Whether it is new; the session is the system's."""
    sealed = session.seal.close(msgspec.json.encode(dict(about)).decode(), _PURPOSE)
    made = session.execute(
        "INSERT INTO case_alarm (case_id, org_id, kind, key, about) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (case_id, org_id, kind, key, sealed),
    )
    return made.rowcount == 1


def settle(session: Session, case_id: int, begins: str, ends: str) -> None:
    """Closes those that nobody has to answer any more: of these, all but what still holds."""
    session.execute(
        "UPDATE case_alarm SET closed = now() WHERE case_id = %s AND closed IS NULL"
        " AND starts_with(key, %s) AND NOT key LIKE '%%' || %s",
        (case_id, begins, ends),
    )


def kinds_of(session: Session, case_ids: Sequence[int]) -> dict[int, set[str]]:
    """Which kinds are open in each of some cases, as far as the session sees them."""
    found: dict[int, set[str]] = {}
    for case_id, kind in session.all(
        "SELECT DISTINCT case_id, kind FROM case_alarm WHERE closed IS NULL"
        " AND case_id = ANY (%s) AND kind = ANY (%s)",
        (list(case_ids), list(TO_ANSWER)),
    ):
        found.setdefault(case_id, set()).add(kind)
    return found


_SELECT = (
    "SELECT a.id, a.case_id, f.number, f.uuid::text, a.kind, a.about, a.at, a.closed"
    " FROM case_alarm a JOIN case_file f ON f.id = a.case_id"
)


def of_case(session: Session, case_id: int) -> list[Alarm]:
    """Those that the session sees, the newest first."""
    query = _SELECT + " WHERE a.case_id = %s ORDER BY a.id DESC LIMIT 200"
    return _read(session, session.all(query, (case_id,)))


def open_ones(session: Session, limit: int = 10) -> list[Alarm]:
    """What waits for an answer, in all cases that the session sees."""
    rows = session.all(
        _SELECT + " WHERE a.closed IS NULL AND a.kind = ANY (%s) AND NOT f.is_over"
        " ORDER BY a.id DESC LIMIT %s",
        (list(TO_ANSWER), limit),
    )
    return _read(session, rows)


def _read(session: Session, rows: Sequence[Sequence[Any]]) -> list[Alarm]:
    found = []
    known = files.find_several(session, [row[3] for row in rows])
    for number, case_id, name, uuid, kind, about, at, closed in rows:
        said = msgspec.json.decode(session.seal.open(about, _PURPOSE), type=dict[str, str])
        title = known[uuid].title if uuid in known else ""
        found.append(Alarm(number, case_id, name, title, kind, said, at, closed))
    return found


def close(session: Session, which: str, number: int, because: str) -> None:
    """A false alarm, or one that was dealt with: with its reason. Raises NotFound, Conflict."""
    file = files.find(session, which)
    if not because.strip():
        raise Invalid("because", "the reason")
    alarm = next((one for one in of_case(session, file.id) if one.id == number), None)
    if alarm is None:
        raise NotFound(f"no alarm {number} of {file.number}")
    if alarm.closed is not None:
        raise Refused(N_("Alarm %(number)s is closed already."), number=number)
    closing = "UPDATE case_alarm SET closed = now() WHERE id = %s AND closed IS NULL"
    if not session.execute(closing, (number,)).rowcount:
        raise Refused(N_("Alarm %(number)s is closed already."), number=number)
    about = ", ".join(v for name, v in alarm.about.items() if name in {"cve", "vendor"} and v)
    question = f"Alarm ({alarm.kind}{': ' + about if about else ''})"
    doing = Decided(question=question[:300], outcome="Closed", because=because)
    if alarm.kind == "silent":  # which vendor does not answer is for those alone who coordinate
        case = files.view(session, which)[1]
        mine = taking_part.parts_of(case, keeping.author(session))
        to = {one.id for one in [*taking_part.leading(case), *mine]}
        keeping.act(
            session, file.uuid, Said(text=f"{question}: closed", because=because), sorted(to)
        )
    else:
        keeping.act(session, file.uuid, doing)
