# SPDX-License-Identifier: EUPL-1.2
"""Writes the record of who changed what. Never takes a secret: callers name what changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from brug.store.rows import array
from brug.store.session import Session

# Whatever the caller says, the value of a field by one of these names is not written.
SECRET = frozenset({"password", "password_hash", "authkey", "key", "hash", "confirm_password"})

LONGEST = 500


def record(
    session: Session,
    action: str,
    model: str,
    model_id: int = 0,
    title: str = "",
    change: Mapping[str, Any] | None = None,
) -> None:
    """One row, in the transaction of the change; `change` is field -> value or (old, new)."""
    record_several(session, action, model, [(model_id, title)], change)


def record_several(
    session: Session,
    action: str,
    model: str,
    items: Sequence[tuple[int, str]],
    change: Mapping[str, Any] | None = None,
) -> None:
    """The same of several items, each by its id and title."""
    shown = {name: "*" if name in SECRET else value for name, value in (change or {}).items()}
    session.execute(
        "INSERT INTO audit (user_id, org_id, email, action, model, model_id, title, change)"
        " SELECT %s, %s, %s, %s, %s, n.id, n.title, %s"
        " FROM unnest(%s::bigint[], %s::text[]) AS n (id, title)",
        (
            session.principal.user_id, session.principal.org_id, session.principal.email,
            action, model, Jsonb(_storable(shown)),
            array([number for number, _ in items]), array([_storable(title) for _, title in items]),
        ),
    )  # fmt: skip


def _storable(value: Any) -> Any:
    """A change as the log can hold it: what was sent may have any name and any length."""
    if isinstance(value, str):
        return value[:LONGEST].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_storable(str(name)): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return value


def address(session: Session) -> str:
    """From which address this transaction's acts come; empty where nobody said."""
    return str(session.value("SELECT current_setting('brug.address', true)") or "")


def coming_from(session: Session, address: str) -> None:
    """From which address this transaction's acts come."""
    session.execute("SELECT set_config('brug.address', %s, true)", (address,))
