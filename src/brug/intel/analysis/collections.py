# SPDX-License-Identifier: EUPL-1.2
"""Collections: events and clusters that belong together, across events, under a name.

Who sees a collection follows from its own level (36_collections.sql); what it holds shows
to whoever sees that anyway. Changing them is `collection_changes`, what they hold
`collection_elements`.
"""

from datetime import datetime
from typing import Literal, LiteralString

import msgspec

from brug.model.errors import Forbidden, NotFound
from brug.model.naming import is_uuid, number_in
from brug.store.session import Session

# What people use; any other word is kept as it is.
TYPES = ("campaign", "intrusion_set", "named_threat_actor", "research", "other")
Whose = Literal["all", "mine", "organisation"]


class Collection(msgspec.Struct):
    id: int
    uuid: str
    org_id: int
    orgc_id: int
    user_id: int
    created: datetime
    modified: datetime
    distribution: int
    sharing_group_id: int | None
    name: str
    type: str
    description: str
    org_uuid: str
    org_name: str
    orgc_uuid: str
    orgc_name: str
    email: str | None  # who made it, for the same organisation
    element_count: int


_SELECT: LiteralString = (
    "SELECT k.id, k.uuid::text, k.org_id, k.orgc_id, k.user_id, k.created, k.modified,"
    " k.distribution, k.sharing_group_id, k.name, k.type, k.description, o.uuid::text, o.name,"
    " c.uuid::text, c.name, creator_email(k.user_id),"
    " (SELECT count(*)::int FROM collection_element x WHERE x.collection_id = k.id)"
    " FROM collection k JOIN organisation o ON o.id = k.org_id"
    " JOIN organisation c ON c.id = k.orgc_id"
)


def listed(session: Session, whose: Whose = "all", holding: str | None = None) -> list[Collection]:
    """Those that are seen; `holding`: with an element of that UUID."""
    principal = session.principal
    return [
        Collection(*row)
        for row in session.all(
            _SELECT + " WHERE (%(user)s::int IS NULL OR k.user_id = %(user)s)"
            " AND (%(org)s::int IS NULL OR k.orgc_id = %(org)s)"
            " AND (%(holding)s::uuid IS NULL OR EXISTS (SELECT 1 FROM collection_element x"
            "   WHERE x.collection_id = k.id AND x.element_uuid = %(holding)s)) ORDER BY k.id",
            {
                "user": principal.user_id if whose == "mine" else None,
                "org": principal.org_id if whose == "organisation" else None,
                "holding": holding,
            },
        )
    ]


def find(session: Session, key: str | int) -> Collection:
    """By number or UUID. Raises NotFound."""
    text = str(key).strip()
    row = None
    if (number := number_in(text)) is not None:
        row = session.one(_SELECT + " WHERE k.id = %s", (number,))
    elif is_uuid(text):
        row = session.one(
            _SELECT + " WHERE k.uuid = %s ORDER BY k.org_id = current_org_id() DESC, k.id LIMIT 1",
            (text,),
        )
    if row is None:
        raise NotFound(f"collection {text[:60]!r} is absent or hidden")
    return Collection(*row)


def may_change(session: Session, found: Collection) -> bool:
    """Whoever made it, and those of its organisation who may change what others made."""
    mine = session.principal
    own = mine.org_id == found.orgc_id and mine.may("modify")
    return mine.is_site_admin or (own and (mine.user_id == found.user_id or mine.may("modify_org")))


def claim(session: Session, key: str | int) -> Collection:
    """A collection that the session may change. Raises NotFound, Forbidden."""
    found = find(session, key)
    if not may_change(session, found):
        raise Forbidden(f"user {session.principal.user_id} may not change collection {found.id}")
    return found
