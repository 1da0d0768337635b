# SPDX-License-Identifier: EUPL-1.2
"""What an author is in a case: with which parts, and what these include."""

from brug.cases.case import Case, Participant
from brug.cases.entries import Author
from brug.model.errors import Forbidden


class NotYours(Forbidden):
    """The author takes no part, or not in a role that may do this."""

    code = "not_yours"
    public = "Your part in this case does not include this."

    def __init__(self, said: str, roles: str = "", what: str = "") -> None:
        """`roles` are the author's, `what` it is that they do not include."""
        super().__init__(said)
        if roles and what:
            self.public = f"Your part in this case ({roles}) does not include this: {what}."


def parts_of(case: Case, author: Author) -> list[Participant]:
    """What an author is in a case: as a person, and as one of an organisation."""
    speaks_as = {author.user} if author.in_person else {author.user, None}
    return [
        one
        for one in case.present
        if author.is_of(one.org) and one.user in speaks_as and one.node in {"", author.node}
    ]


def called(case: Case, author: Author) -> str:
    """An author by the names under which their organisation takes part, or did."""
    names = dict.fromkeys(one.name for one in case.participants.values() if author.is_of(one.org))
    return ", ".join(names) or "somebody who takes no part"


def leading(case: Case) -> list[Participant]:
    """Those who take part and lead the case."""
    return [one for one in case.present if case.kind.role(one.role).leads]


def leads(case: Case, author: Author) -> bool:
    return any(case.kind.role(one.role).leads for one in parts_of(case, author))


def may(case: Case, author: Author, what: str) -> bool:
    """Whether what an author is in a case includes an act, by its tag."""
    return any(includes(case, one, what) for one in parts_of(case, author))


def includes(case: Case, one: Participant, what: str) -> bool:
    """Whether a part in a case includes an act, by its tag."""
    role = case.kind.role(one.role)
    if what in {"joined", "left", "marked", "embargoed", "renamed"}:
        return role.leads
    if what == "acknowledged":  # whatever one has, one may say that one has read it
        return True
    return what in role.may


def speaks_for(case: Case, author: Author) -> tuple[str, ...]:
    """Those who take part of whom an author may record what is so of them: all for who leads."""
    mine = parts_of(case, author)
    if not any(includes(case, one, "recorded") for one in mine):
        return ()
    leads_it = any(case.kind.role(one.role).leads for one in mine)
    return tuple(one.id for one in (case.present if leads_it else mine))


def is_own(case: Case, author: Author, of: str, roles: set[str]) -> bool:
    """A participant's own state is its own to say, or the lead's who heard of it."""
    if not of or any(case.kind.role(role).leads for role in roles):
        return True
    return any(one.id == of for one in parts_of(case, author))
