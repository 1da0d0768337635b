# SPDX-License-Identifier: EUPL-1.2
"""People without an account who come along into another case: by whoever leads theirs.

Their way into the first case stays as it is; a letter with a link of its own goes to them for the
other one. An address is told to nobody who did not know it: who leads the first case does.
"""

from collections.abc import Sequence

from brug.cases import taking_part
from brug.cases.acts import Joined
from brug.cases.case import Case
from brug.cases.entries import Author
from brug.cases.files import File
from brug.cases.persons import joining
from brug.cases.persons.outside import COLUMNS, Person, Reached, read_row
from brug.cases.refusing import Refused
from brug.model.words import N_
from brug.store.session import Session


def reached(session: Session, case: Case, by: Author) -> set[str]:
    """The participants of a case whom this node writes to, where the author leads the case."""
    if not any(case.kind.role(one.role).leads for one in taking_part.parts_of(case, by)):
        return set()
    return set(_persons(session, case))


def absent(session: Session, source: Case, there: Case, joined: Sequence[Joined]) -> list[Joined]:
    """Without those whose address takes part there already, in the same role."""
    here, known = _persons(session, source), _persons(session, there)
    roles = {
        (one.email.casefold(), there.participants[part].role)
        for part, one in known.items()
        if part in {present.id for present in there.present}
    }
    by_org = {case_org(source, part): one for part, one in here.items()}
    return [
        one
        for one in joined
        if one.org not in by_org or (by_org[one.org].email.casefold(), one.role) not in roles
    ]


def follow(session: Session, source: Case, into: File, joined: Sequence[Joined]) -> int:
    """They have joined: they are reached as before, and a link goes to each; how many do so."""
    by_org = {case_org(source, part): one for part, one in _persons(session, source).items()}
    coming = [(by_org[one.org], one) for one in joined if one.org in by_org]
    with session.as_system():
        count = session.value("SELECT count(*) FROM case_person WHERE case_id = %s", (into.id,))
        if int(count) + len(coming) > joining.MOST:
            raise Refused(N_("At most %(most)s persons take part in a case."), most=joining.MOST)
        for one, act in coming:
            reach = Reached(one.email, one.gpgkey)
            number = joining.store(session, into, act.participant, reach, one.language)
            session.execute(
                "UPDATE case_person SET mails = %s, shut = %s WHERE id = %s",
                (one.mails, one.is_shut, number),
            )
            joining.write_link(session, number)
    return len(coming)


def case_org(case: Case, participant: str) -> str:
    found = case.participants.get(participant)
    return found.org if found else ""


def _persons(session: Session, case: Case) -> dict[str, Person]:
    """By participant, as they are reached."""
    with session.as_system():
        rows = session.all(
            "SELECT " + COLUMNS + " FROM case_person p JOIN case_file f ON f.id = p.case_id"
            " WHERE f.uuid::text = %s",
            (case.id,),
        )
        return {row[2]: read_row(session, row) for row in rows}
