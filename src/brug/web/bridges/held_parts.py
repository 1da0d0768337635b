# SPDX-License-Identifier: EUPL-1.2
"""The parts of an event that are held on one bridge: each let go or kept by a person."""

from brug.bridges import judging_parts, partners
from brug.bridges.crossing import rows
from brug.model.errors import Invalid
from brug.web.bridges import gate_words
from brug.web.bridges.crossings import ONE, may
from brug.web.bridges.room import require_reader, tabs_of
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

KINDS = {
    "attribute": N_("Attribute"), "report": N_("Report"), "sighting": N_("Sighting"),
    "proposal": N_("Proposal"), "note": N_("Note"), "cluster": N_("Cluster"),
}  # fmt: skip


@page(ONE + "/parts", shows=("event",))
def show(visit: Visit) -> Reply:
    return _shown(visit)


def _shown(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    require_reader(visit)
    crossing = rows.crossing(visit.session, int(visit.args["key"]))
    bridge = partners.view(visit.session, crossing.bridge_id)
    found = judging_parts.held(visit.node.database, visit.session, bridge, crossing.event_uuid)
    return visit.show(
        "bridges/held_parts.html",
        400 if errors else 200,
        tabs=tabs_of(visit),
        crossing=crossing,
        found=found,
        kinds=KINDS,
        said=gate_words,
        gettext_of=visit.gettext,
        may_judge=may(visit, "release"),
        chosen=visit.form.all("part"),
        because=visit.form.text("because"),
        errors=errors or {},
    )


@page(ONE + "/parts/release", "POST")
def release(visit: Visit) -> Reply:
    return _judged(visit, release=True)


@page(ONE + "/parts/refuse", "POST")
def refuse(visit: Visit) -> Reply:
    return _judged(visit, release=False)


def _judged(visit: Visit, *, release: bool) -> Reply:
    crossing = rows.crossing(visit.session, int(visit.args["key"]))
    bridge = partners.view(visit.session, crossing.bridge_id)
    try:
        done = judging_parts.judge(
            visit.node.database, visit.principal.user_id, bridge, crossing.event_uuid,
            visit.form.all("part"), visit.form.text("because"), release=release,
        )  # fmt: skip
    except Invalid as error:
        return _shown(visit, {error.field: visit.sentence(error)})
    if not release:
        said = visit.gettext("It stays here.")
    elif any(what == "first yes" for _, what in done):
        said = visit.gettext("Your yes is kept. A second person has to release it as well.")
    else:
        said = visit.gettext("It crosses now.")
    return visit.redirect(f"/bridges/crossings?event={crossing.event_uuid}", said)
