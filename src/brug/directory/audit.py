# SPDX-License-Identifier: EUPL-1.2
"""Who changed what: reading the record. An organisation's administrator sees its part."""

from datetime import datetime
from typing import Any

import msgspec

from brug.store.audit import record
from brug.store.session import Session

__all__ = ["Entry", "entries", "record"]


class Entry(msgspec.Struct, frozen=True):
    """One act."""

    id: int
    at: datetime
    user_id: int
    org_id: int
    org_name: str
    email: str
    action: str
    model: str
    model_id: int
    title: str
    change: dict[str, Any]
    address: str


def entries(
    session: Session,
    *,
    model: str | None = None,
    model_id: int | None = None,
    action: str | None = None,
    email: str | None = None,
    title: str | None = None,
    limit: int = 100,
    before: int | None = None,
    offset: int = 0,
) -> list[Entry]:
    """The newest first; `before` is the id from which to page on."""
    found = session.all(
        "SELECT a.id, a.at, a.user_id, a.org_id, coalesce(o.name, 'SYSTEM'), a.email, a.action,"
        " a.model, a.model_id, a.title, a.change, a.address"
        " FROM audit a LEFT JOIN organisation o ON o.id = a.org_id"
        " WHERE (%(model)s::text IS NULL OR a.model = %(model)s)"
        " AND (%(model_id)s::bigint IS NULL OR a.model_id = %(model_id)s)"
        " AND (%(action)s::text IS NULL OR a.action = %(action)s)"
        " AND (%(email)s::text IS NULL OR a.email = %(email)s)"
        " AND (%(title)s::text IS NULL OR a.title = %(title)s)"
        " AND (%(before)s::bigint IS NULL OR a.id < %(before)s)"
        " ORDER BY a.id DESC LIMIT %(limit)s OFFSET %(offset)s",
        {
            "model": model, "model_id": model_id, "action": action, "email": email,
            "title": title, "before": before, "limit": limit, "offset": offset,
        },
    )  # fmt: skip
    return [Entry(*row) for row in found]
