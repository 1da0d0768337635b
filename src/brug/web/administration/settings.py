# SPDX-License-Identifier: EUPL-1.2
"""The node's settings, one form for each, from the one registry."""

from brug.model.errors import Forbidden
from brug.store import settings
from brug.web import forms
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.setting_words import MEANINGS
from brug.web.visit import Reply, Visit

BASE = "/administration/settings"
# Made with the node; others know it by these.
FIXED = frozenset({"node.uuid", "node.host_org_id"})


@page(BASE, right="site_admin")
def listed(visit: Visit) -> Reply:
    return _listed(visit)


def _listed(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    values = settings.all_settings(visit.session)
    groups: dict[str, list[settings.Setting]] = {}
    for setting in settings.SETTINGS.values():
        groups.setdefault(setting.group, []).append(setting)
    return visit.show(
        "administration/settings.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        groups=groups,
        values=values,
        errors=errors or {},
        given=visit.form,
        fixed=FIXED,
        meanings=MEANINGS,
    )


@page(BASE, "POST", right="site_admin")
def change(visit: Visit) -> Reply:
    """One setting; back to the value that it came with where `reset` is sent."""
    setting = settings.named(visit.form.get("name"))
    if setting.name in FIXED:
        raise Forbidden(f"{setting.name} is not changed from a page")
    value = setting.default if visit.form.flag("reset") else visit.form.get("value")

    def save() -> Reply:
        settings.set_value(visit.session, setting.name, value)
        return visit.redirect(
            f"{BASE}#{setting.name}", visit.gettext("%(name)s is set.") % {"name": setting.name}
        )

    return forms.saved(visit, save, lambda errors: _listed(visit, errors))
