# SPDX-License-Identifier: EUPL-1.2
"""Whom people mean when they say who shall take part: an organisation, or one person of it.

Whoever asks for a person gives organisation and e-mail address in full; nothing here lists
accounts, and what does not fit is one answer, whatever the reason.
"""

from collections.abc import Collection
from uuid import uuid4

from brug.cases.acts import AnyAct, Joined
from brug.directory import organisations
from brug.model.errors import Invalid, NotFound
from brug.model.naming import is_uuid
from brug.store import settings
from brug.store.session import Session


def joining(
    session: Session, organisation: str, role: str, *, name: str = "", email: str = ""
) -> Joined:
    """The act that has somebody take part.

    `organisation` is one that the node knows, by name, number or UUID; or the UUID of another,
    which `name` then names. `email` narrows it to one person. Raises Invalid, naming the field.
    """
    org, called = _organisation(session, organisation.strip(), name.strip())
    user, node = None, ""
    if email.strip():
        user, called = _person(session, org, email.strip(), called)
        # The account is here, whatever node the organisation has besides.
        node = str(settings.get(session, "node.uuid"))
    return Joined(participant=str(uuid4()), org=org, name=called, role=role, user=user, node=node)


def is_here(session: Session, doing: Joined) -> bool | None:
    """Whether the person who is named has an account here, in that organisation. None where no
    person is named, or the organisation is not known here.
    """
    if doing.user is None:
        return None
    with session.as_system():
        found = session.value(
            "SELECT EXISTS (SELECT 1 FROM account a WHERE a.org_id = o.id AND a.id = %s)"
            " FROM organisation_named o WHERE o.uuid::text = %s",
            (doing.user, doing.org),
        )
    return None if found is None else bool(found)


def here(session: Session, users: Collection[int]) -> set[tuple[str, int]]:
    """Accounts of this node by number, each with every UUID that its organisation has now."""
    with session.as_system():
        rows = session.all(
            "SELECT o.uuid::text, a.id FROM account a JOIN organisation_named o ON o.id = a.org_id"
            " WHERE a.id = ANY (%s)",
            (list(users),),
        )
    return {(row[0], row[1]) for row in rows}


def require(session: Session, doing: AnyAct) -> None:
    """For a number that is nobody's here the whole organisation would take part. Raises Invalid."""
    if not isinstance(doing, Joined) or doing.node != str(settings.get(session, "node.uuid")):
        return
    if is_here(session, doing) is False:
        expected = "the number of a person of this organisation who has an account here"
        raise Invalid("user", expected, str(doing.user))


def _organisation(session: Session, said: str, name: str) -> tuple[str, str]:
    try:
        found = organisations.view(session, organisations.now(session, said))
    except NotFound as error:
        if not is_uuid(said):
            raise Invalid("org", "an organisation that this node knows, or a UUID", said) from error
        if not name:
            raise Invalid("name", "the name of an organisation unknown here") from error
        return said.lower(), name
    return found.uuid, name or found.name


def _person(session: Session, org: str, email: str, called: str) -> tuple[int, str]:
    """The only thing told is whether such a person can be asked at all."""
    with session.as_system():
        row = session.one(
            "SELECT a.id, a.email FROM account a JOIN organisation o ON o.id = a.org_id"
            " WHERE o.uuid::text = %s AND lower(a.email) = lower(%s) AND NOT a.disabled",
            (org, email),
        )
    if row is None:
        raise Invalid("user", "a person of this organisation who has an account here", email)
    return int(row[0]), f"{row[1]} ({called})"
