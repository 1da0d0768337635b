# SPDX-License-Identifier: EUPL-1.2
"""Decaying models: how fast indicators lose their worth, and which models are used."""

from typing import Any

from brug.intel.decay import decaying, decaying_changes
from brug.intel.decay.decaying import Model
from brug.model.errors import Invalid
from brug.web.administration.tabs import tabs_of
from brug.web.page import page
from brug.web.visit import Reply, Visit

BASE = "/administration/decaying-models"
NUMBERS = ("lifetime", "decay_speed", "threshold", "default_base_score")
# At which parts of its lifetime a model's score is shown.
PARTS = (0.25, 0.5, 0.75)
DECIMAL_MARK = {"nl": ","}


def _course(model: Model, language: str) -> list[tuple[str, float]]:
    """(days, score) of an indicator that starts at the model's own score."""
    p = model.parameters
    lifetime, base = float(p["lifetime"]), float(p["default_base_score"])
    return [
        (
            f"{round(part * lifetime, 1):g}".replace(".", DECIMAL_MARK.get(language, ".")),
            round(decaying.polynomial(base, part * lifetime, lifetime, float(p["decay_speed"]))),
        )
        for part in PARTS
    ]


@page(BASE, right="site_admin", shows=("own",))
def listed(visit: Visit) -> Reply:
    return _show(visit)


def _show(visit: Visit, problem: str = "", status: int = 200) -> Reply:
    models = decaying.every(visit.session)
    return visit.show(
        "administration/decaying_models.html",
        status,
        tabs=tabs_of(visit),
        rows=[(model, _course(model, visit.language)) for model in models],
        problem=problem,
    )


@page(BASE + "/{key:str}", "POST", right="site_admin")
def change(visit: Visit) -> Reply:
    """Switches a model, or changes its numbers."""
    form, key = visit.form, visit.args["key"]
    if form.get("enabled"):
        enabled = form.flag("enabled")
        decaying_changes.set_enabled(visit.session, key, enabled)
        said = visit.gettext("Switched on.") if enabled else visit.gettext("Switched off.")
        return visit.redirect(BASE, said)
    numbers: dict[str, Any] = {name: form.text(name).replace(",", ".") for name in NUMBERS}
    try:
        decaying_changes.edit(visit.session, key, {"parameters": numbers})
    except Invalid:
        text = visit.gettext("Give numbers: days above 0, a speed above 0, scores from 0 to 100.")
        return _show(visit, text, 400)
    return visit.redirect(BASE, visit.gettext("Saved."))
