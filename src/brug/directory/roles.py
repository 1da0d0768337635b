# SPDX-License-Identifier: EUPL-1.2
"""Roles: named sets of rights. Every user sees them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from brug.model.errors import NotFound
from brug.store.session import Session

MISP_RIGHTS: Final = frozenset(
    {
        "site_admin", "admin", "sync", "audit", "auth", "regexp_access", "tagger", "tag_editor",
        "template", "sharing_group", "delegate", "sighting", "object_template", "galaxy_editor",
        "decaying", "publish", "publish_zmq", "publish_kafka", "warninglist", "add", "modify",
        "modify_org", "view_feed_correlations", "analyst_data", "skip_otp",
    }
)  # fmt: skip
OWN_RIGHTS: Final[Mapping[str, str]] = {
    "case": "works on the cases in which the organisation takes part",
    "bridge_admin": "makes bridges and agreements (at the host)",
    "release": "decides what is held for a person (at the host)",
    "recall": "calls back, answers recalls, holds what is to be kept (at the host)",
    "auditor": "reads the ledger and what crossed (at the host)",
    "case_lead": "means nothing yet",
    "custody": "means nothing yet",
}
"""Those that Brug adds to MISP's."""
RIGHTS: Final = (*OWN_RIGHTS, *sorted(MISP_RIGHTS))


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
