# SPDX-License-Identifier: EUPL-1.2
"""When and from where somebody signed in, for that person and administrators."""

from datetime import datetime

import msgspec

from brug.directory.account_changes import require_power_over
from brug.directory.accounts import Account
from brug.store.session import Session

MOST = 100


class SignIn(msgspec.Struct, frozen=True):
    at: datetime
    address: str


def of(session: Session, account: Account) -> list[SignIn]:
    """The newest first. Raises NotFound where the account is another's."""
    require_power_over(session, account)
    rows = session.all(
        "SELECT at, address FROM audit WHERE user_id = %s AND model = 'User'"
        " AND action = 'login' ORDER BY id DESC LIMIT %s",
        (account.id, MOST),
    )
    return [SignIn(*row) for row in rows]
