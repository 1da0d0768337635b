# SPDX-License-Identifier: EUPL-1.2
"""The pages of the administration that a reader may open."""

from brug.model.errors import Forbidden
from brug.web import navigation
from brug.web.page import page
from brug.web.visit import Reply, Visit


def tabs_of(visit: Visit) -> list[navigation.Link]:
    return navigation.tabs(navigation.ADMINISTRATION, visit.principal, visit.path, visit.gettext)


@page("/administration")
def first(visit: Visit) -> Reply:
    tabs = tabs_of(visit)
    if not tabs:
        raise Forbidden(f"{visit.principal.email} administers nothing")
    return visit.redirect(tabs[0].href)
