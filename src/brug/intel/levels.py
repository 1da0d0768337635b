# SPDX-License-Identifier: EUPL-1.2
"""Levels and sharing groups on their way in: who may name which, and the audience they give.

A group may be named only by whoever is in it (site admins: any), by its number or its UUID;
a hidden group and an absent one are refused alike.
"""

import msgspec

from brug.model.errors import BrugError
from brug.model.event import INHERIT, OWN_ORGANISATION, SHARING_GROUP
from brug.model.new_event import GroupRef
from brug.store.session import Session

# Levels that not everybody may give.
RESTRICTED = frozenset({OWN_ORGANISATION, SHARING_GROUP})


class GroupRefused(BrugError):
    """The sharing group does not exist, or the sender is not in it."""

    code = "sharing_group"
    public = "Invalid Sharing Group or not authorised."
    status = 405
    field = "sharing_group_id"


class LevelRefused(GroupRefused):
    """Level 0 means the holder's organisation: nobody else can give it."""

    code = "level"
    public = "Only the organisation that holds the event can give this level."
    field = "distribution"


def group_id(session: Session, ref: GroupRef | None) -> int:
    """The number of a group that this principal may use. Raises GroupRefused."""
    found = None
    if ref is not None and ref.uuid is not None:
        found = session.value("SELECT id FROM sharing_group WHERE uuid = %s", (ref.uuid,))
    elif ref is not None and ref.id is not None:
        found = session.value("SELECT id FROM sharing_group WHERE id = %s", (ref.id,))
    if found is None:
        raise GroupRefused(f"sharing group {ref} is absent or hidden")
    return int(found)


class Asked(msgspec.Struct):
    """What the database was asked in this transaction: groups, and audiences of levels."""

    groups: dict[GroupRef, int] = {}
    audiences: dict[tuple[int, int, int, int | None], int] = {}


class Narrowing:
    """The audiences of the children of one event, each combination asked once."""

    def __init__(
        self, session: Session, owner: int, default: int = INHERIT, asked: Asked | None = None
    ) -> None:
        """`asked` is what was asked for other events of the same transaction."""
        self._session = session
        self._owner = owner
        self._default = default
        principal = session.principal
        self._foreign = principal.org_id != owner and not principal.is_site_admin
        # Whether anything was given a level of its own.
        self.narrowed = False
        self._asked = asked or Asked()

    def level(self, level: int | None, ref: GroupRef | None) -> tuple[int, int | None]:
        """The level and group to store. Raises GroupRefused."""
        if level is None:
            level = self._default
        if level == OWN_ORGANISATION and self._foreign:
            raise LevelRefused(f"the event is held by organisation {self._owner}")
        if level != SHARING_GROUP:
            return level, None
        groups = self._asked.groups
        if ref not in groups:
            groups[ref or GroupRef()] = group_id(self._session, ref)
        return level, groups[ref or GroupRef()]

    def audience(self, parent: int, level: int, group: int | None) -> int:
        """MISP's level on top of the parent's audience."""
        if level in (1, 2, 3, 5):
            return parent
        self.narrowed = True
        audiences, key = self._asked.audiences, (self._owner, parent, level, group)
        if key not in audiences:
            audiences[key] = int(
                self._session.value(
                    "SELECT narrow(%s, %s, %s, %s)", (parent, self._owner, level, group)
                )
            )
        return audiences[key]
