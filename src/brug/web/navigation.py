# SPDX-License-Identifier: EUPL-1.2
"""The rooms that a reader may use, and the pages inside each."""

from collections.abc import Callable

import msgspec

from brug.store.principal import Principal
from brug.web.languages import N_

Say = Callable[[str], str]


class Place(msgspec.Struct, frozen=True):
    """A room or page: its first segments, and what one of these rights opens ("": all)."""

    label: str
    href: str
    under: str
    key: str = ""
    rights: tuple[str, ...] = ()


class Link(msgspec.Struct):
    label: str
    href: str
    key: str
    current: bool
    count: int | None = None


ROOMS = (
    Place(N_("Now"), "/", "", "n"),
    Place(N_("Intelligence"), "/intelligence/events", "/intelligence", "i"),
    Place(N_("Directory"), "/directory/organisations", "/directory", "d"),
    Place(
        N_("Administration"), "/administration", "/administration", "a",
        ("admin", "site_admin", "sharing_group"),
    ),
    Place(N_("Interface"), "/interface", "/interface", "x"),
)  # fmt: skip

INTELLIGENCE = (
    Place(N_("Events"), "/intelligence/events", "/intelligence/events"),
    Place(N_("From a text"), "/intelligence/add", "/intelligence/add", "", ("add",)),
    Place(N_("New event"), "/intelligence/new", "/intelligence/new", "", ("add",)),
)
ADMINISTRATION = (
    Place(N_("Users"), "/administration/users", "/administration/users", "", ("admin",)),
    Place(N_("Keys"), "/administration/keys", "/administration/keys", "", ("admin",)),
    Place(
        N_("Sharing groups"), "/administration/sharing-groups", "/administration/sharing-groups",
        "", ("sharing_group", "site_admin"),
    ),
    Place(
        N_("Settings"), "/administration/settings", "/administration/settings", "",
        ("site_admin",),
    ),
    Place(N_("Audit"), "/administration/audit", "/administration/audit", "", ("admin",)),
)  # fmt: skip


def may_open(place: Place, reader: Principal) -> bool:
    return not place.rights or any(reader.may(right) for right in place.rights)


def rooms(reader: Principal, path: str, say: Say) -> list[Link]:
    """The rail."""
    return [
        Link(say(room.label), room.href, room.key, _is_in(path, room))
        for room in ROOMS
        if may_open(room, reader)
    ]


def tabs(places: tuple[Place, ...], reader: Principal, path: str, say: Say) -> list[Link]:
    """The pages inside a room."""
    return [
        Link(say(place.label), place.href, "", _is_in(path, place))
        for place in places
        if may_open(place, reader)
    ]


def _is_in(path: str, place: Place) -> bool:
    if not place.under:
        return path == "/"
    return path == place.under or path.startswith(place.under + "/")
