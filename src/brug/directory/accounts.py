# SPDX-License-Identifier: EUPL-1.2
"""Users, as those see them who may: oneself, one's administrators, site admins.

What changes them is in `account_changes`.
"""

from datetime import datetime

import msgspec

from brug.model.errors import NotFound
from brug.store.session import Session


class Account(msgspec.Struct, frozen=True):
    """One user, without the password. Times are seconds since 1970; 0 is never."""

    id: int
    email: str
    org_id: int
    org_name: str
    role_id: int
    role_name: str
    language: str
    theme: str
    timezone: str | None
    autoalert: bool
    contactalert: bool
    gpgkey: str
    certif_public: str
    nids_sid: int
    termsaccepted: bool
    newsread: int
    change_pw: bool
    disabled: bool
    expiration: datetime | None
    invited_by: int
    current_login: int
    last_login: int
    last_api_access: int
    force_logout: bool
    notification_daily: bool
    notification_weekly: bool
    notification_monthly: bool
    last_pw_change: int
    date_created: int
    date_modified: int
    subject: str | None
    has_otp: bool


_SELECT = (
    "SELECT a.id, a.email, a.org_id, o.name, a.role_id, r.name, a.language, a.theme, a.timezone,"
    " a.autoalert, a.contactalert, a.gpgkey, a.certif_public, a.nids_sid, a.termsaccepted,"
    " a.newsread, a.change_pw, a.disabled, a.expiration, a.invited_by, a.current_login,"
    " a.last_login, a.last_api_access, a.force_logout, a.notification_daily,"
    " a.notification_weekly, a.notification_monthly, a.last_pw_change, a.date_created,"
    " a.date_modified, a.subject, has_otp(a.id) FROM account a"
    " JOIN organisation o ON o.id = a.org_id JOIN role r ON r.id = a.role_id"
)


def listed(
    session: Session, *, search: str | None = None, org_id: int | None = None
) -> list[Account]:
    """Oneself; an organisation's users for its administrators; all for site admins."""
    found = session.all(
        _SELECT
        + " WHERE (%(search)s::text IS NULL OR strpos(lower(a.email), lower(%(search)s)) > 0)"
        " AND (%(org)s::int IS NULL OR a.org_id = %(org)s) ORDER BY a.id",
        {"search": search, "org": org_id},
    )
    return [Account(*row) for row in found]


def view(session: Session, reference: int | str) -> Account:
    """By id, e-mail address or "me"; raises NotFound, also for what one may not see."""
    wanted = str(reference).strip()
    if wanted == "me":
        wanted = str(session.principal.user_id)
    row = None
    if wanted.isascii() and wanted.isdecimal():
        if len(wanted) < 10:
            row = session.one(_SELECT + " WHERE a.id = %s", (int(wanted),))
    elif "@" in wanted and "\x00" not in wanted:
        row = session.one(_SELECT + " WHERE lower(a.email) = lower(%s)", (wanted,))
    if row is None:
        raise NotFound(f"no account {wanted!r}")
    return Account(*row)


def administrators_of(session: Session, org_id: int) -> dict[int, str]:
    """The administrators of an organisation, as far as they may be seen: id -> address."""
    return dict(
        session.all(
            "SELECT a.id, a.email FROM account a JOIN role r ON r.id = a.role_id"
            " WHERE a.org_id = %s AND 'admin' = ANY (r.rights)"
            " AND NOT 'site_admin' = ANY (r.rights) AND NOT a.disabled ORDER BY a.id",
            (org_id,),
        )
    )


def acting_for_host(session: Session, email: str | None = None) -> int:
    """Who acts where the command line does: the user named, or the host's first site admin."""
    if email:
        return view(session, email).id
    found = session.value(
        "SELECT a.id FROM account a JOIN role r ON r.id = a.role_id"
        " WHERE 'site_admin' = ANY (r.rights) AND NOT a.disabled ORDER BY a.id LIMIT 1"
    )
    if found is None:
        raise NotFound("this node has no site admin; `brug user add` makes one")
    return int(found)


def note_presence(session: Session) -> None:
    """Notes that whoever asks is here now."""
    session.execute(
        "UPDATE account SET last_login = extract(epoch FROM now()) WHERE id = current_user_id()"
    )
