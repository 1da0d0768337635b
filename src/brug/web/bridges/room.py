# SPDX-License-Identifier: EUPL-1.2
"""What the pages of the room have in common: its tabs, and who may look."""

from brug.bridges import waiting
from brug.model.errors import Forbidden, Invalid
from brug.web import navigation
from brug.web.languages import N_
from brug.web.visit import Visit

STATES = {
    "invited": (N_("To be compared"), "warn"),
    "open": (N_("Open"), "good"),
    "paused": (N_("Paused"), "warn"),
    "closed": (N_("Closed"), None),
}
TRANSPORTS = {
    "native": N_("Node"), "misp": N_("MISP server"), "taxii": N_("TAXII"), "feed": N_("Feed"),
    "file": N_("File"), "mail": N_("Mail"),
}  # fmt: skip


# What TLP asks for: AMBER goes to clients and constituents, GREEN to the community.
RELATIONS = {
    "client": N_("Client or constituent"),
    "community": N_("Member of a community"),
    "public": N_("Anyone"),
}


def tabs_of(visit: Visit) -> list[navigation.Link]:
    """The room's pages, with what waits for the reader counted."""
    found = navigation.tabs(navigation.BRIDGES, visit.principal, visit.path, visit.gettext)
    waits = waiting.for_reader(visit.session)
    counts = {
        "/bridges": waits.strings, "/bridges/agreements": waits.agreements,
        "/bridges/held": waits.held + waits.blocked, "/bridges/recalls": waits.recalls,
        "/bridges/versions": waits.versions, "/bridges/ledger": waits.logs,
    }  # fmt: skip
    for tab in found:
        for one in tab.inside or [tab]:
            one.count = counts.get(one.href)
        tab.count = sum(one.count or 0 for one in tab.inside or [tab])
    return found


def require_reader(visit: Visit) -> None:
    """Raises Forbidden for whoever does not work with bridges at the host."""
    if not may(visit, "bridge_admin", "release", "recall", "auditor"):
        raise Forbidden(f"{visit.principal.email} does not work with bridges")


def may(visit: Visit, *rights: str) -> bool:
    """Whether whoever visits has one of some rights at the host."""
    wanted = "SELECT host_has_right(VARIADIC %s)"
    return visit.principal.is_site_admin or bool(visit.session.value(wanted, (list(rights),)))


def may_change(visit: Visit) -> bool:
    """Whether the reader looks after bridges."""
    return may(visit, "bridge_admin")


def chosen(visit: Visit, *choices: str) -> str:
    """Which of a form's buttons was pressed: what is none of them decides nothing.

    Raises Invalid.
    """
    said = visit.form.text("do")
    if said not in choices:
        raise Invalid("do", f"one of {', '.join(choices)}", said)
    return said
