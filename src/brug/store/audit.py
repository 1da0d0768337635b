# SPDX-License-Identifier: EUPL-1.2
"""Writes the record of who changed what. Never takes a secret: callers name what changed."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from brug.store.session import Session

# Whatever the caller says, the value of a field by one of these names is not written.
SECRET = frozenset({"password", "password_hash", "authkey", "key", "hash", "confirm_password"})


def record(  # noqa: PLR0917 - read as one sentence: who did what to which
    session: Session,
    action: str,
    model: str,
    model_id: int = 0,
    title: str = "",
    change: Mapping[str, Any] | None = None,
) -> None:
    """One row, in the transaction of the change; `change` is field -> value or (old, new)."""
    shown = {name: "*" if name in SECRET else value for name, value in (change or {}).items()}
    session.execute(
        "INSERT INTO audit (user_id, org_id, email, action, model, model_id, title, change)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            session.principal.user_id, session.principal.org_id, session.principal.email,
            action, model, model_id, title[:500], Jsonb(shown),
        ),
    )  # fmt: skip


def coming_from(session: Session, address: str) -> None:
    """From which address this transaction's acts come."""
    session.execute("SELECT set_config('brug.address', %s, true)", (address,))
