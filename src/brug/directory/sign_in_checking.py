# SPDX-License-Identifier: EUPL-1.2
"""Whether the settings of signing in let people in, looked at before somebody stands outside."""

from typing import Literal
from urllib.parse import unquote

from brug.directory import oidc, organisations, roles
from brug.model.errors import NotFound
from brug.store import settings
from brug.store.session import Session


def problems(session: Session) -> list[tuple[Literal["warning", "failed"], str, str]]:
    """How bad it is, what keeps people out, what to do; the worst first. In a system session."""
    values = settings.all_settings(session)
    found: list[tuple[Literal["warning", "failed"], str, str]] = []
    if not values["sign_in.passwords"]:
        kept = values["sign_in.break_glass"]
        open_account = session.value(
            "SELECT email FROM account WHERE id = %s AND NOT disabled AND password_hash IS NOT NULL"
            " AND coalesce(expiration > now(), true)",
            (kept,),
        )
        if open_account is None and not oidc.is_on(session):
            found.append(
                ("failed", "nobody signs in: passwords are off, and no provider is set",
                 "`brug settings set sign_in.passwords true`")
            )  # fmt: skip
        elif open_account is None:
            what = (
                "nobody signs in while the provider is away: sign_in.break_glass is"
                f" {kept}, no open account with a password"
            )
            found.append(("warning", what, "set it to the number of one"))
    if oidc.is_on(session):
        found += [
            ("warning", f"sign_in.oidc_groups: {absent}", "correct it, or make what it names")
            for absent in _absent(session, values["sign_in.oidc_groups"])
        ]
    return found


def _absent(session: Session, rows: list[str]) -> list[str]:
    """What the groups name and nobody finds: who is in such a group does not get in."""
    found: dict[str, None] = {}
    for row in rows:
        role, _, organisation = row.partition("=")[2].partition(":")
        for view, name in ((roles.view, role), (organisations.view, organisation)):
            try:
                if name:
                    view(session, unquote(name))
            except NotFound as error:
                found[str(error)] = None
    return list(found)
