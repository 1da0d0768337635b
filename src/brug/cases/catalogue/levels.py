# SPDX-License-Identifier: EUPL-1.2
"""For whom a source's advisories are, as people say it; the label of each narrows it further."""

from typing import Literal

from brug.directory import sharing_groups
from brug.model.errors import Invalid
from brug.model.event import OWN_ORGANISATION, SHARING_GROUP
from brug.store import settings
from brug.store.session import Session

Audience = Literal["own", "community", "group"]
COMMUNITY = 1
AUDIENCES: dict[Audience, int] = {
    "own": OWN_ORGANISATION, "community": COMMUNITY, "group": SHARING_GROUP,
}  # fmt: skip


def host(session: Session) -> int:
    """The organisation that takes advisories in. Raises Invalid."""
    found = settings.get(session, "node.host_org_id")
    if found is None:
        raise Invalid("node.host_org_id", "the organisation that runs the node: `brug init`")
    return int(found)


def read(session: Session, audience: str, group: str = "") -> tuple[int, int | None]:
    """The level and the group. Raises Invalid."""
    if audience not in AUDIENCES:
        raise Invalid("audience", "own, community or group", audience)
    level = AUDIENCES[audience]
    if level != SHARING_GROUP:
        if group:
            raise Invalid("group", "no group, unless the audience is one", group)
        return level, None
    return level, _group(session, group)


def _group(session: Session, wanted: str) -> int:
    for one in sharing_groups.listed(session):
        if wanted.strip() and wanted.strip().lower() in {str(one.id), one.uuid, one.name.lower()}:
            return one.id
    raise Invalid("group", "a sharing group: its name, number or UUID", wanted)


def said(level: int) -> Audience:
    if level == OWN_ORGANISATION:
        return "own"
    return "group" if level == SHARING_GROUP else "community"
