# SPDX-License-Identifier: EUPL-1.2
"""CVE numbers of a disclosure, with the state of each, and the record that its CNA publishes."""

from urllib.parse import quote

from brug.cases import cve
from brug.cases.kinds.disclosure import DISCLOSURE
from brug.formats.cve import ids
from brug.formats.cve.record import Lack
from brug.formats.json_text import encode
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid
from brug.web.cases import room, sentences
from brug.web.cases.advisories import download, may_write
from brug.web.cases.room import ONE
from brug.web.cases.view import View
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = ONE + "/cve"
WANTED = (
    N_("the CNA's organisation id (cve.org_id)"), N_("a description"), N_("a product"),
    N_("a product that is affected or may be"), N_("a public reference"), N_("a weakness (CWE)"),
    N_("a CVSS vector"), N_("when it became public"),
)  # fmt: skip
"""What a record may lack, in the words of `formats.cve.record.lacking`."""
_UNNAMED = {
    "vendor": N_("the vendor of %(product)s"),
    "product": N_("the name of the product of %(vendor)s"),
}
STATES = {"reserved": N_("Reserved"), "published": N_("Published"), "rejected": N_("Rejected")}


@page(PLACE, probe=None)
def show(visit: Visit) -> Reply:
    return _shown(visit, View(visit, visit.args["key"]))


@page(PLACE + "/{number:str}", probe=None)
def record(visit: Visit) -> Reply:
    """The record as a file."""
    view = View(visit, visit.args["key"])
    made = cve.made(visit.session, view.file.uuid, visit.args["number"])
    return download(encode(made.record), f"{made.number}.json")


@page(PLACE, "POST")
def act(visit: Visit) -> Reply:
    """A number in its next state, the next of the pool, or a list of reserved ones."""
    view, form = View(visit, visit.args["key"], writes=True), visit.form
    place = f"{view.place}/cve"
    try:
        with visit.session.connection.transaction():
            said = _done(visit, view)
    except (Invalid, Conflict, Forbidden) as error:
        return _shown(visit, view, error, {name: form.get(name) for name, _ in form.pairs})
    return visit.redirect(place, said)


def _done(visit: Visit, view: View) -> str:
    session, form = visit.session, visit.form
    files = [one for one in form.files if one.field == "file" and one.name]
    if files:
        count = cve.fill_pool(session, files[0].data, form.text("cna"))
        return visit.ngettext("%(num)s number is new.", "%(num)s numbers are new.", count) % {
            "num": count
        }
    if form.text("do") == "take":
        return visit.gettext("%(number)s is reserved for the case.") % {
            "number": cve.take(session, view.file.uuid)
        }
    cve.keep(session, view.file.uuid, form.text("number"), form.text("state"), form.text("cna"))
    return visit.gettext("The number is kept.")


def _shown(
    visit: Visit, view: View, error: BrugError | None = None, typed: dict[str, str] | None = None
) -> Reply:
    if view.case.kind is not DISCLOSURE:
        raise Invalid("case", "a disclosure", view.file.number)
    rows = [
        (one, cve.made(visit.session, view.file.uuid, one.id), ids.FOLLOWS[one.state],
         f"{view.place}/cve/{quote(one.id)}")
        for one in cve.numbers(view.case)
    ]  # fmt: skip
    writes = may_write(visit.session)

    def wanted(one: Lack) -> str:
        name, _, whose = one.what.partition(" of ")
        if name not in _UNNAMED:
            return visit.gettext(one.what)
        return visit.gettext(_UNNAMED[name]) % {"product": whose, "vendor": whose}

    return visit.show(
        "cases/cve.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        it=view,
        file=view.file,
        case=view.case,
        rows=rows,
        states=STATES,
        wanted=wanted,
        may_fill=view.may("filled"),
        writes=writes,
        free=cve.free(visit.session) if writes else 0,
        typed=typed or {},
        said=_said(visit, error) if error else "",
    )


def _said(visit: Visit, error: BrugError) -> str:
    if isinstance(error, ids.WrongStep | Invalid):
        return error.public
    if isinstance(error, cve.NoneFree):
        return visit.gettext("No reserved number is free here: import a list, or give one.")
    return sentences.sentence(visit, error)
