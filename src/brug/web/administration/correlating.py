# SPDX-License-Identifier: EUPL-1.2
"""Values that are not to relate events, and which values are everywhere."""

from brug.intel.correlating import correlation_exclusions, frequent_values
from brug.model.errors import Conflict, Invalid
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/correlations"


@page(BASE, right="site_admin", shows=("own",))
def listed(visit: Visit) -> Reply:
    return _show(visit)


def _show(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    return visit.show(
        "administration/correlations.html",
        status,
        tabs=tabs_of(visit),
        exclusions=correlation_exclusions.exclusions(visit.session),
        frequent=frequent_values.frequent(visit.session),
        wanted=visit.form.get("value"),
        problem=problem,
    )


@page(BASE, "POST", right="site_admin")
def change(visit: Visit) -> Reply:
    """Excludes a value, includes the one named in `include`, or counts what is frequent."""
    form = visit.form
    if form.flag("count"):
        frequent_values.count_frequent(visit.session)
        return visit.redirect(BASE, visit.gettext("Counted."))
    if form.get("include"):
        correlation_exclusions.include_again(visit.session, form.text("include"))
        return visit.redirect(BASE, visit.gettext("It relates events again."))
    try:
        correlation_exclusions.exclude(visit.session, form.text("value"), form.text("comment"))
    except (Conflict, Invalid):
        said = visit.gettext("Give a value that is not on the list yet.")
        return _show(visit, said, 400)
    return visit.redirect(BASE, visit.gettext("It relates nothing any more."))
