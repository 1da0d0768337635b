# SPDX-License-Identifier: EUPL-1.2
"""Roles: named sets of rights. Every user sees them."""

from datetime import datetime

import msgspec

from brug.model.errors import NotFound
from brug.store.session import Session


class Role(msgspec.Struct, frozen=True):
    """One role; `rights` are MISP's flags without `perm_`, and Brug's own."""

    id: int
    name: str
    created: datetime
    modified: datetime
    default_role: bool
    enforce_rate_limit: bool
    rate_limit_count: int
    memory_limit: str
    max_execution_time: str
    restricted_to_site_admin: bool
    rights: frozenset[str]


_SELECT = (
    "SELECT id, name, created, modified, default_role, enforce_rate_limit, rate_limit_count,"
    " memory_limit, max_execution_time, restricted_to_site_admin, rights FROM role"
)


def listed(session: Session) -> list[Role]:
    found = session.all(_SELECT + " ORDER BY id")
    return [Role(*(*row[:-1], frozenset(row[-1]))) for row in found]


def view(session: Session, reference: int | str) -> Role:
    """By id or name; raises NotFound."""
    wanted = str(reference).strip()
    by_id = wanted.isascii() and wanted.isdecimal()
    for role in listed(session):
        if role.id == int(wanted) if by_id and len(wanted) < 10 else role.name == wanted:
            return role
    raise NotFound(f"no role {wanted!r}")


def default(session: Session) -> Role:
    """The role of a new user for whom none is named."""
    return next(role for role in listed(session) if role.default_role)
