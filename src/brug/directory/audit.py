# SPDX-License-Identifier: EUPL-1.2
"""Who changed what: reading the record.

People see their own acts, administrators those of their organisation, site admins all.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from brug.store.audit import record
from brug.store.session import Session

__all__ = ["Entry", "by_day", "entries", "record"]


class Entry(msgspec.Struct, frozen=True):
    """One act; `change` is field -> value, or field -> [old, new]."""

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


_SELECT = (
    "SELECT a.id, a.at, a.user_id, a.org_id, coalesce(o.name, 'SYSTEM'), a.email, a.action,"
    " a.model, a.model_id, a.title, a.change, a.address"
    " FROM audit a LEFT JOIN organisation o ON o.id = a.org_id"
    " WHERE (%(model_id)s::bigint IS NULL OR a.model_id = %(model_id)s)"
    " AND (%(entry_id)s::bigint IS NULL OR a.id = %(entry_id)s)"
    " AND (%(user_id)s::int IS NULL OR a.user_id = %(user_id)s)"
    " AND (%(since)s::bigint IS NULL OR a.at >= to_timestamp(%(since)s))"
    " AND (%(until)s::bigint IS NULL OR a.at < to_timestamp(%(until)s + 1))"
    " AND (%(before)s::bigint IS NULL OR a.id < %(before)s)"
    " AND (%(title)s::text IS NULL OR a.title LIKE %(title)s)"
    " AND (%(model)s::text IS NULL OR a.model LIKE %(model)s)"
    " AND (%(action)s::text IS NULL OR a.action LIKE %(action)s)"
    " AND (%(email)s::text IS NULL OR a.email LIKE %(email)s)"
    " AND (%(address)s::text IS NULL OR a.address LIKE %(address)s)"
    " AND (%(org)s::text IS NULL OR coalesce(o.name, 'SYSTEM') LIKE %(org)s)"
    " AND (%(change)s::text IS NULL OR a.change::text LIKE %(change)s)"
    " AND (%(description)s::text IS NULL OR a.title LIKE %(description)s)"
    " ORDER BY a.id DESC LIMIT %(limit)s OFFSET %(offset)s"
)
_PATTERNS = ("title", "model", "action", "email", "address", "org", "change", "description")


def entries(
    session: Session,
    *,
    patterns: Mapping[str, str] | None = None,
    model_id: int | None = None,
    entry_id: int | None = None,
    user_id: int | None = None,
    since: int | None = None,
    until: int | None = None,
    before: int | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Entry]:
    """The newest first. `patterns`: text fields, with `%` for anything; `since` and `until` in
    seconds since 1970, both within.
    """
    given = {name: _pattern((patterns or {}).get(name)) for name in _PATTERNS}
    found = session.all(
        _SELECT,
        {
            **given, "model_id": model_id, "entry_id": entry_id, "user_id": user_id,
            "since": since, "until": until,
            "before": before, "limit": limit, "offset": offset,
        },
    )  # fmt: skip
    return [Entry(*row) for row in found]


def _pattern(text: str | None) -> str | None:
    """`%` at either end is a wildcard; everything else stands for itself."""
    if text is None:
        return None
    before, after = text.startswith("%"), text.endswith("%")
    plain = text.strip("%").replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"{'%' if before else ''}{plain}{'%' if after else ''}"


def by_day(session: Session) -> list[tuple[int, int]]:
    """(its beginning in seconds since 1970, how many acts) of each day, the oldest first."""
    rows = session.all(
        "SELECT extract(epoch FROM date_trunc('day', at))::bigint, count(*) FROM audit"
        " GROUP BY 1 ORDER BY 1"
    )
    return [(int(day), int(count)) for day, count in rows]
