# SPDX-License-Identifier: EUPL-1.2
"""Adding, changing and removing users. No sequence of calls adds a right to anyone.

Administrators touch only accounts of their organisation whose role holds nothing that
their own lacks, and give only such roles; the database holds the same rule (`may_grant`,
`guard_account`). A node keeps a site admin.
"""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from brug.directory import audit, fields, organisations, passwords, roles
from brug.directory.account_fields import ADMINISTRATORS, OWN, SITE_ADMINS
from brug.directory.accounts import Account, view
from brug.directory.refusals import InUse, Refused
from brug.model.errors import Forbidden, NotFound
from brug.store import settings
from brug.store.session import Session


class Added(msgspec.Struct, frozen=True):
    """A new user; `password` is the one that was made, None where one was given."""

    account: Account
    password: str | None


def add(session: Session, given: Mapping[str, Any]) -> Added:
    """A new user; without `password` one is made, which must be changed at sign-in."""
    _require_administrator(session)
    row = fields.checked(_fields_of(session), given)
    if "email" not in row:
        raise Refused("email", "missing", "an e-mail address")
    row.setdefault("role_id", roles.default(session).id)
    row["org_id"] = row.get("org_id", session.principal.org_id) or settings.get(
        session, "node.host_org_id"
    )
    _check(session, row, 0)
    password = given.get("password") or None
    made = passwords.generated() if password is None else None
    row["password_hash"] = passwords.hashed(made or passwords.check(session, password))
    row.setdefault("change_pw", made is not None)
    row.setdefault("language", settings.get(session, "node.language"))
    row.setdefault("nids_sid", 1_000_000 + secrets.randbelow(9_000_000))
    row |= {"invited_by": session.principal.user_id, "last_pw_change": _now(session)}
    added = fields.insert(session, "account", row)
    audit.record(session, "add", "User", added, row["email"], _shown(row))
    return Added(view(session, added), made)


def edit(session: Session, reference: int | str, given: Mapping[str, Any]) -> Account:
    """What an administrator changes, `password` included."""
    _require_administrator(session)
    found = view(session, reference)
    require_power_over(session, found)
    row = fields.checked(_fields_of(session), given)
    _check(session, row, found.id)
    _keep_a_site_admin(session, found, row)
    if given.get("password"):
        row |= _new_password(session, passwords.check(session, given["password"]))
    return _changed(session, found, row)


def edit_own(session: Session, given: Mapping[str, Any]) -> Account:
    """What people change about themselves; everything else in `given` is ignored."""
    return _changed(session, view(session, "me"), fields.checked(OWN, given))


def change_own_password(session: Session, new: Any, current: str | None) -> Account:
    """Raises Refused on `password` or `current_password`.

    The current one may be left out by a key that nothing limits, as MISP's clients do.
    """
    me = view(session, "me")
    stored = session.value("SELECT password_hash FROM account WHERE id = %s", (me.id,))
    mine = session.principal
    limited = mine.key_id is None or mine.read_only or mine.allowed_ips or mine.key_expiration
    if (current is not None or limited) and not passwords.is_right(stored, current or ""):
        raise Refused("current_password", "wrong", "the password that holds now")
    password = passwords.check(session, new)
    if passwords.is_right(stored, password):
        raise Refused("password", "same", "another password than before")
    return _changed(session, me, _new_password(session, password) | {"change_pw": False})


def reset_password(session: Session, reference: int | str) -> Added:
    """A made password, to be told once and changed at sign-in."""
    made = passwords.generated()
    return Added(edit(session, reference, {"password": made, "change_pw": True}), made)


def delete(session: Session, reference: int | str) -> Account:
    """Removes a user and the keys; what the user did stays, by id."""
    _require_administrator(session)
    found = view(session, reference)
    require_power_over(session, found)
    if found.id == session.principal.user_id:
        raise InUse("nobody removes the account in use")
    _keep_a_site_admin(session, found, {"disabled": True})
    session.execute("DELETE FROM account WHERE id = %s", (found.id,))
    audit.record(session, "delete", "User", found.id, found.email)
    return found


def require_power_over(session: Session, account: Account) -> None:
    """Raises NotFound where an administrator may not touch the account."""
    if not session.principal.is_site_admin and not session.value(
        "SELECT may_act_for(%s)", (account.id,)
    ):
        raise NotFound(f"{session.principal.email} may not touch account {account.id}")


def _require_administrator(session: Session) -> None:
    if not session.principal.may("admin") and not session.principal.is_site_admin:
        raise Forbidden(f"{session.principal.email} is no administrator")


def _fields_of(session: Session) -> Mapping[str, fields.Check]:
    return SITE_ADMINS if session.principal.is_site_admin else ADMINISTRATORS


def _now(session: Session) -> int:
    return int(session.value("SELECT extract(epoch FROM now())::bigint"))


def _new_password(session: Session, password: str) -> dict[str, Any]:
    return {"password_hash": passwords.hashed(password), "last_pw_change": _now(session)}


def _check(session: Session, row: Mapping[str, Any], except_id: int) -> None:
    """What one field's own check cannot know."""
    if "role_id" in row:
        _check_role(session, row["role_id"])
    if "org_id" in row:
        try:
            organisation = organisations.view(session, row["org_id"])
        except NotFound as error:
            raise Refused("org_id", "unknown", "an organisation of this node") from error
        _check_domain(organisation, row.get("email"))
    if "email" in row and session.value("SELECT email_taken(%(email)s, %(except)s)", {
        "email": row["email"], "except": except_id,
    }):  # fmt: skip
        raise Refused("email", "taken", "an address that no other user has")


def _check_role(session: Session, role_id: int) -> None:
    try:
        roles.view(session, role_id)
    except NotFound as error:
        raise Refused("role_id", "unknown", "a role of this node") from error
    if not session.principal.is_site_admin and not session.value(
        "SELECT may_grant(%s)", (role_id,)
    ):
        raise Refused("role_id", "forbidden", "a role whose rights you have yourself")


def _check_domain(organisation: organisations.Organisation, email: str | None) -> None:
    allowed = organisation.restricted_to_domain
    if allowed and email and email.rpartition("@")[2].lower() not in map(str.lower, allowed):
        raise Refused("email", "domain", f"an address at {', '.join(allowed)}", email)


def _keep_a_site_admin(session: Session, found: Account, row: Mapping[str, Any]) -> None:
    """A node without a site admin could not be mended from inside."""
    leaves = row.get("disabled") or ("role_id" in row and row["role_id"] != found.role_id)
    if leaves and session.value("SELECT is_last_site_admin(%s)", (found.id,)):
        raise InUse(f"{found.email} is the last site admin")


def _changed(session: Session, found: Account, row: dict[str, Any]) -> Account:
    if row and not fields.update(
        session, "account", found.id, row | {"date_modified": _now(session)}
    ):
        raise NotFound(f"account {found.id} may not be changed")
    audit.record(session, "edit", "User", found.id, found.email, _shown(row))
    return view(session, found.id)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """For the audit: without large or secret fields."""
    plain = {"expiration": str(row["expiration"])} if row.get("expiration") else {}
    if "password_hash" in row:
        plain["password"] = "*"  # noqa: S105 - that it changed, not what it is
    hidden = {"password_hash", "gpgkey", "certif_public", "expiration", "nids_sid"}
    return {name: value for name, value in row.items() if name not in hidden} | plain
