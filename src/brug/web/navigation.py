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
    inside: tuple["Place", ...] = ()  # the pages that share a tab; it leads to the first of them


class Link(msgspec.Struct):
    label: str
    href: str
    key: str
    current: bool
    count: int | None = None
    inside: list["Link"] = []


ROOMS = (
    Place(N_("Now"), "/", "", "n"),
    Place(N_("Intelligence"), "/intelligence/events", "/intelligence", "i"),
    Place(N_("Cases"), "/cases", "/cases", "c", ("case",)),
    Place(
        N_("Bridges"), "/bridges", "/bridges", "b",
        ("bridge_admin", "release", "recall", "auditor", "site_admin"),
    ),
    Place(N_("Directory"), "/directory/organisations", "/directory", "d"),
    Place(N_("Insight"), "/insight/dashboard", "/insight", "s"),
    Place(
        N_("Administration"), "/administration", "/administration", "a",
        ("admin", "site_admin", "sharing_group", "tag_editor", "regexp_access"),
    ),
    Place(N_("Interface"), "/interface", "/interface", "x"),
)  # fmt: skip

INTELLIGENCE = (
    Place(N_("Events"), "/intelligence/events", "/intelligence/events"),
    Place(N_("Collections"), "/intelligence/collections", "/intelligence/collections"),
    Place(N_("From a text"), "/intelligence/add", "/intelligence/add", "", ("add",)),
    Place(N_("New event"), "/intelligence/new", "/intelligence/new", "", ("add",)),
    Place(N_("Event templates"), "/intelligence/templates", "/intelligence/templates"),
    Place(N_("Galaxies"), "/intelligence/galaxies", "/intelligence/galaxies"),
)
CASES = (
    Place(
        N_("All cases"),
        "/cases",
        "/cases",
        inside=(
            Place(N_("List"), "/cases", "/cases"),
            Place(N_("Board"), "/cases/board", "/cases/board"),
            Place(N_("Silent vendors"), "/cases/silent", "/cases/silent"),
            Place(N_("Statistics"), "/cases/statistics", "/cases/statistics"),
            Place(N_("Calendar"), "/cases/calendar", "/cases/calendar"),
            Place(N_("Webhooks"), "/cases/hooks", "/cases/hooks"),
            Place(N_("Held mail"), "/cases/quarantine", "/cases/quarantine"),
        ),
    ),
    Place(
        N_("Advisories"),
        "/cases/advisories",
        "/cases/advisories",
        inside=(
            Place(N_("Own"), "/cases/advisories", "/cases/advisories"),
            Place(N_("Calculator"), "/cases/score", "/cases/score"),
            Place(N_("Catalogue"), "/cases/advisories/catalogue", "/cases/advisories/catalogue"),
            Place(N_("Concerns"), "/cases/advisories/concerns", "/cases/advisories/concerns"),
            Place(N_("Products"), "/cases/advisories/products", "/cases/advisories/products"),
            Place(
                N_("Sources"),
                "/cases/advisories/sources",
                "/cases/advisories/sources",
                "",
                ("site_admin",),
            ),
        ),
    ),
    Place(
        N_("Received"),
        "/cases/received",
        "/cases/received",
        "",
        ("case",),
        inside=(
            Place(N_("Queue"), "/cases/received", "/cases/received"),
            Place(N_("Take one in"), "/cases/received/new", "/cases/received/new", "", ("case",)),
            Place(N_("Summary for ENISA"), "/cases/received/summary", "/cases/received/summary"),
            Place(N_("Authorities"), "/cases/authorities", "/cases/authorities"),
        ),
    ),
    Place(
        N_("Open a case"),
        "/cases/new",
        "/cases/new",
        "",
        ("case",),
        inside=(
            Place(N_("A new one"), "/cases/new", "/cases/new"),
            Place(N_("Templates"), "/cases/templates", "/cases/templates"),
        ),
    ),
)
BRIDGES = (
    Place(
        N_("Partners"), "/bridges", "/bridges",
        inside=(
            Place(N_("All partners"), "/bridges", "/bridges"),
            Place(N_("By mail"), "/bridges/mail", "/bridges/mail"),
            Place(N_("Published feeds"), "/bridges/feeds", "/bridges/feeds"),
        ),
    ),
    Place(
        N_("Agreements"), "/bridges/agreements", "/bridges/agreements",
        inside=(
            Place(N_("What is agreed"), "/bridges/agreements", "/bridges/agreements"),
            Place(N_("Permissions of sources"), "/bridges/permissions", "/bridges/permissions"),
            Place(N_("Retention"), "/bridges/retention", "/bridges/retention"),
        ),
    ),
    Place(
        N_("To decide"), "/bridges/held", "/bridges/held",
        inside=(
            Place(N_("Held"), "/bridges/held", "/bridges/held"),
            Place(N_("Recalls"), "/bridges/recalls", "/bridges/recalls"),
            Place(N_("Two versions"), "/bridges/versions", "/bridges/versions"),
        ),
    ),
    Place(N_("Crossings"), "/bridges/crossings", "/bridges/crossings"),
    Place(N_("Ledger"), "/bridges/ledger", "/bridges/ledger"),
    Place(N_("This node"), "/bridges/this-node", "/bridges/this-node"),
)  # fmt: skip
INTERFACE = (
    Place(N_("All calls"), "/interface", "/interface"),
    Place(N_("Try a call"), "/interface/try", "/interface/try", "", ("auth",)),
)
ADMINISTRATION = (
    Place(
        N_("People"), "/administration/users", "/administration/users",
        inside=(
            Place(N_("Users"), "/administration/users", "/administration/users", "", ("admin",)),
            Place(
                N_("Requests for an account"), "/administration/registrations",
                "/administration/registrations", "", ("site_admin",),
            ),
            Place(
                N_("Roles"), "/administration/roles", "/administration/roles", "",
                ("site_admin",),
            ),
            Place(N_("Keys"), "/administration/keys", "/administration/keys", "", ("admin",)),
            Place(
                N_("Break the glass"),
                "/administration/break-glass",
                "/administration/break-glass",
                "",
                ("site_admin",),
            ),
            Place(
                N_("Sharing groups"), "/administration/sharing-groups",
                "/administration/sharing-groups", "", ("sharing_group", "site_admin"),
            ),
        ),
    ),
    Place(
        N_("Connections"), "/administration/servers", "/administration/servers",
        inside=(
            Place(
                N_("Servers"), "/administration/servers", "/administration/servers", "",
                ("site_admin",),
            ),
            Place(
                N_("Feeds"), "/administration/feeds", "/administration/feeds", "",
                ("site_admin",),
            ),
            Place(N_("Mail"), "/administration/mail", "/administration/mail", "", ("admin",)),
            Place(
                N_("Keys for mail"), "/administration/mail-keys", "/administration/mail-keys", "",
                ("site_admin",),
            ),
        ),
    ),
    Place(
        N_("Vocabularies"), "/administration/tag-collections", "/administration/tag-collections",
        inside=(
            Place(
                N_("Tag collections"), "/administration/tag-collections",
                "/administration/tag-collections", "", ("tag_editor",),
            ),
            Place(
                N_("Noticelists"), "/administration/noticelists", "/administration/noticelists",
                "", ("site_admin",),
            ),
        ),
    ),
    Place(
        N_("Rules"), "/administration/correlations", "/administration/correlations",
        inside=(
            Place(
                N_("Correlations"), "/administration/correlations",
                "/administration/correlations", "", ("site_admin",),
            ),
            Place(
                N_("Decaying models"), "/administration/decaying-models",
                "/administration/decaying-models", "", ("site_admin",),
            ),
            Place(
                N_("Regular expressions"), "/administration/regular-expressions",
                "/administration/regular-expressions", "", ("regexp_access",),
            ),
            Place(
                N_("Blocklists"), "/administration/blocklists", "/administration/blocklists",
                "", ("site_admin",),
            ),
        ),
    ),
    Place(
        N_("Settings"), "/administration/settings", "/administration/settings", "",
        ("site_admin",),
    ),
    Place(N_("Audit"), "/administration/audit", "/administration/audit", "", ("admin",)),
)  # fmt: skip


def may_open(place: Place, reader: Principal) -> bool:
    return not place.rights or any(reader.may(right) for right in place.rights)


def rooms(reader: Principal, path: str, say: Say, also: frozenset[str] = frozenset()) -> list[Link]:
    """The rail; `also` are rooms that are open to the reader for what it is and not by right."""
    return [
        Link(say(room.label), room.href, room.key, _is_in(path, room))
        for room in ROOMS
        if may_open(room, reader) or room.href in also
    ]


def tabs(places: tuple[Place, ...], reader: Principal, path: str, say: Say) -> list[Link]:
    """The pages inside a room; the one deepest around this path is the current one.

    A tab leads to the first page inside that the reader may open, and is there if one is.
    """
    every = [page for place in places for page in (place, *place.inside)]
    here = max((p.under for p in every if _is_in(path, p)), key=len, default=None)
    found = []
    for place in places:
        inside = [page for page in place.inside if may_open(page, reader)]
        if not may_open(place, reader) or (place.inside and not inside):
            continue
        is_here = place.under == here or any(page.under == here for page in place.inside)
        pages = [Link(say(page.label), page.href, "", page.under == here) for page in inside]
        href = inside[0].href if inside else place.href
        found.append(Link(say(place.label), href, "", is_here, inside=pages))
    return found


def _is_in(path: str, place: Place) -> bool:
    if not place.under:
        return path == "/"
    return path == place.under or path.startswith(place.under + "/")
