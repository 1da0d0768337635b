# SPDX-License-Identifier: EUPL-1.2
"""People ask for an account; a site admin accepts or discards.

Asking tells nothing: an address that has an account, or has asked before, gets the same
answer. What somebody asks for is a wish and gives no right; who accepts decides on role and
organisation. Whoever is accepted chooses the password by a link.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from brug.directory import account_changes, accounts, attempts, audit, fields
from brug.directory.accounts import Account
from brug.model.errors import Forbidden, NotFound
from brug.store import outbox, settings
from brug.store.session import Session

# More than these wait for nobody: a machine is asking.
MOST_WAITING = 1000


class Registration(msgspec.Struct, frozen=True):
    """One that waits."""

    id: int
    uuid: str
    at: datetime
    email: str
    details: dict[str, Any]
    comment: str
    address: str
    user_agent: str


WISHES: Mapping[str, fields.Check] = {
    "org_name": fields.text(255),
    "org_uuid": fields.text(36),
    "message": fields.text(5000),
    "pgp": fields.text(65_535),
    "role_name": fields.text(100),
    "perm_sync": fields.flag,
    "perm_publish": fields.flag,
    "perm_admin": fields.flag,
}
_SELECT = (
    "SELECT id, uuid::text, at, email, details, comment, address, user_agent FROM registration"
)


def is_open(session: Session) -> bool:
    return bool(settings.get(session, "security.self_registration"))


def ask(session: Session, given: Mapping[str, Any], address: str, user_agent: str) -> None:
    """In a system session. Raises Refused, Forbidden, TooManyRequests."""
    if not is_open(session):
        raise Forbidden("nobody may ask for an account here")
    email = fields.email("email", given.get("email"))
    wishes = fields.checked(WISHES, given)
    attempts.count(session, f"address:register {address[:64]}")
    waiting = session.value("SELECT count(*) FROM registration")
    if waiting >= MOST_WAITING or session.value("SELECT email_taken(%s, 0)", (email,)):
        return
    made = session.value(
        "INSERT INTO registration (email, details, comment, address, user_agent)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (lower(email)) DO NOTHING RETURNING id",
        (
            email, Jsonb({"email": email, **wishes}), wishes.get("message", ""), address[:64],
            _plain(user_agent),
        ),
    )  # fmt: skip
    if made is not None:
        outbox.put(session, "registration", details={"email": email})


def _plain(text: str) -> str:
    return "".join(c for c in text[:500] if c.isprintable())


def listed(session: Session) -> list[Registration]:
    _require(session)
    return [Registration(*row) for row in session.all(_SELECT + " ORDER BY id")]


def accept(
    session: Session, reference: int | str, *, role_id: int | None, org_id: int | None
) -> Account:
    """The new account, whose owner gets a link. Raises NotFound, Refused."""
    found = _view(session, reference)
    given: dict[str, Any] = {"email": found.email}
    if role_id:
        given["role_id"] = role_id
    if org_id:
        given["org_id"] = org_id
    made = account_changes.add(session, given).account
    session.execute("DELETE FROM registration WHERE id = %s", (found.id,))
    outbox.put(session, "password", user_id=made.id, details={"first": True})
    audit.record(session, "accept", "Registration", found.id, found.email)
    return accounts.view(session, made.id)


def discard(session: Session, reference: int | str) -> Registration:
    found = _view(session, reference)
    session.execute("DELETE FROM registration WHERE id = %s", (found.id,))
    audit.record(session, "discard", "Registration", found.id, found.email)
    return found


def _view(session: Session, reference: int | str) -> Registration:
    _require(session)
    wanted = str(reference).strip().lower()
    for one in listed(session):
        if wanted in {str(one.id), one.uuid}:
            return one
    raise NotFound(f"no registration {wanted[:50]!r}")


def _require(session: Session) -> None:
    if not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} does not decide on registrations")
