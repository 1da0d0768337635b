# SPDX-License-Identifier: EUPL-1.2
"""Sources of advisories of others: what they are, how each stands, what of them did not fit."""

from typing import Any

from brug.cases.catalogue import refusing
from brug.cases.catalogue.sources import records
from brug.cases.catalogue.sources.records import Given
from brug.directory import sharing_groups
from brug.formats.disposition import attachment
from brug.model.errors import Conflict, Invalid
from brug.web.cases import room
from brug.web.cases.catalogue import words
from brug.web.cases.room import BASE
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/advisories/sources"
ONE = PLACE + "/{number:int}"
_KEPT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@page(PLACE, right="site_admin")
def listed(visit: Visit) -> Reply:
    return _shown(visit)


def _shown(visit: Visit, errors: dict[str, str] | None = None) -> Reply:
    session = visit.session
    typed: dict[str, Any] = {"kind": "provider", "audience": "community", "every_minutes": "60"}
    typed |= {name: visit.form.get(name) for name in Given.__struct_fields__ if name in visit.form}
    return visit.show(
        "cases/catalogue/sources.html",
        400 if errors else 200,
        tabs=room.tabs_of(visit),
        rows=records.listed(session),
        refused=refusing.counts(session),
        groups=[(one.id, one.name) for one in sharing_groups.listed(session)],
        typed={name: typed.get(name, "") for name in Given.__struct_fields__},
        errors=errors or {},
        said=words,
    )


@page(PLACE, "POST", right="site_admin")
def add(visit: Visit) -> Reply:
    form = visit.form
    audience = form.text("audience")
    given = Given(
        name=form.text("name"),
        url=form.text("url"),
        kind=form.text("kind"),
        audience=audience,
        group=form.text("group") if audience == "group" else "",
        every_minutes=form.number("every_minutes", 60, high=525_600),
        headers=form.get("headers"),
    )
    try:
        with visit.session.connection.transaction():
            records.add(visit.session, given)
    except Invalid as error:
        return _shown(visit, {error.field: visit.sentence(error)})
    except Conflict:
        return _shown(visit, {"name": visit.gettext("There is a source of this name already.")})
    return visit.redirect(PLACE, visit.gettext("Added. It is fetched within seconds."))


@page(ONE + "/{act:str}", "POST", right="site_admin")
def act(visit: Visit) -> Reply:
    session = visit.session
    source = records.find(session, visit.args["number"])
    match visit.args["act"]:
        case "fetch":
            records.ask(session, source)
            said = visit.gettext("It is fetched within seconds.")
        case "pause":
            records.pause(session, source, paused=True)
            said = visit.gettext("Paused. What it brought stays.")
        case "resume":
            records.pause(session, source, paused=False)
            said = visit.gettext("It is fetched again.")
        case "replay":
            records.forget_copies(session, source)
            records.ask(session, source)
            said = visit.gettext("What was refused is fetched anew within seconds.")
        case "remove":
            records.remove(session, source)
            said = visit.gettext("The source is removed. Its advisories stay.")
        case other:
            raise Invalid("act", "fetch, pause, resume, replay or remove", other)
    return visit.redirect(PLACE, said)


@page(PLACE + "/refusals", right="site_admin")
def refusals(visit: Visit) -> Reply:
    wanted = visit.query.text("source")
    source = records.find(visit.session, wanted) if wanted else None
    return visit.show(
        "cases/catalogue/refusals.html",
        tabs=room.tabs_of(visit),
        source=source,
        rows=refusing.listed(visit.session, source.id if source else None),
        place=PLACE,
    )


@page(PLACE + "/refusals/{number:int}/document", right="site_admin")
def refused(visit: Visit) -> Reply:
    """What came, to be saved and looked at elsewhere."""
    raw = refusing.content(visit.session, int(visit.args["number"]))
    headers = _KEPT | {"Content-Disposition": attachment(f"refused-{visit.args['number']}.bin")}
    return Reply(raw, 200, headers, media_type="application/octet-stream")
