# SPDX-License-Identifier: EUPL-1.2
"""Which authority gets which report, and contacts of other countries: read by all who work on
cases, corrected by whoever runs the node.
"""

from brug.cases.kinds.incident_fields import SECTORS
from brug.cases.reports import register
from brug.cases.reports.authorities import UnusableAuthorities
from brug.cases.reports.forms import REPORTS
from brug.model.errors import Invalid
from brug.store import settings
from brug.web.cases import room
from brug.web.cases.room import BASE
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/authorities"
_FIELDS = {
    "authority": ("country", "report", "sector", "name", "organisation", "address", "url", "where"),
    "contact": ("country", "name", "organisation", "email", "phone", "url", "where"),
}
_WRONG = {
    "country": N_("Give two capital letters, such as NL."),
    "report": N_("Choose a report, or give how some begin, as in nis2-*."),
    "sector": N_("Choose a sector, or none for all."),
    "name": N_("Give what it is called."),
    "url": N_("Give an address that begins with https://."),
    "organisation": N_(
        "Give the UUID of an organisation that is of this country in all rows, or nothing."
    ),
}


@page(PLACE, shows=("own",), probe=PLACE)
def show(visit: Visit) -> Reply:
    room.require_reader(visit)
    return _shown(visit)


@page(PLACE, "POST")
def changed(visit: Visit) -> Reply:
    room.require_reader(visit)
    form = visit.form
    if form.text("do") == "remove":
        register.remove(visit.session, form.text("row"))
        return visit.redirect(PLACE, visit.gettext("The row is removed."))
    what = form.text("do")
    try:
        said = {name: form.text(name) for name in _FIELDS.get(what, ())}
        register.put(visit.session, what, said)
    except Invalid as error:
        return _shown(visit, error)
    return visit.redirect(PLACE, visit.gettext("The row is kept."))


def _shown(visit: Visit, error: Invalid | None = None) -> Reply:
    said = visit.gettext(_WRONG[error.field]) if error and error.field in _WRONG else ""
    try:
        rows, broken = register.listed(visit.session), ""
    except UnusableAuthorities as wrong:
        rows, broken = [], wrong.public
    typed = dict(visit.form.pairs) if error else _begun(visit, rows)
    return visit.show(
        "cases/authorities.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        rows=rows,
        broken=broken,
        here=PLACE,
        typed=typed,
        errors={error.field: said or visit.sentence(error)} if error else {},
        said=said or (visit.sentence(error) if error else ""),
        sectors=SECTORS,
        reports={key: one.title for key, one in REPORTS.items()},
        country=str(settings.get(visit.session, "cases.authority_country")),
        may_correct=register.may_correct(visit.session),
    )


def _begun(visit: Visit, rows: list[register.Entry]) -> dict[str, str]:
    """What a form begins with: of the row that is corrected, which may be one of the file."""
    wanted = visit.query.text("row")
    for place, one in enumerate(rows):
        if str(place) == wanted:
            fields = {name: str(getattr(one.row, name)) for name in _FIELDS[one.what]}
            return fields | {"do": one.what}
    return {}
