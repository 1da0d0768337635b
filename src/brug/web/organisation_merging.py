# SPDX-License-Identifier: EUPL-1.2
"""Making one organisation part of another: what it does, said before it is done."""

from brug.directory import organisation_merging, organisations
from brug.web import forms
from brug.web.page import page
from brug.web.visit import Reply, Visit

_PATH = "/directory/organisations/{key:str}/merge"


@page(_PATH, right="site_admin")
def ask(visit: Visit) -> Reply:
    return _form(visit, {})


@page(_PATH, "POST", right="site_admin")
def merge(visit: Visit) -> Reply:
    into = visit.form.get("into")[:40]

    def save() -> Reply:
        done = organisation_merging.merge(visit.session, visit.args["key"], into)
        said = visit.gettext("%(name)s is part of this organisation now.") % {"name": done.gone}
        return visit.redirect(f"/directory/organisations/{done.organisation.id}", said)

    return forms.saved(visit, save, lambda errors: _form(visit, errors, into))


def _form(visit: Visit, errors: dict[str, str], into: str = "") -> Reply:
    found = organisations.view(visit.session, visit.args["key"])
    others = [one for one in organisations.listed(visit.session) if one.id != found.id]
    options = [("", visit.gettext("Choose")), *((one.id, one.name) for one in others)]
    return visit.show(
        "directory/merge.html", 400 if errors else 200,
        org=found, options=options, into=into, errors=errors,
    )  # fmt: skip
