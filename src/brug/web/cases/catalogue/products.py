# SPDX-License-Identifier: EUPL-1.2
"""What an organisation runs: registered by a form or a bill of materials, and taken out again."""

from typing import Any

from brug.cases.catalogue import inventory, settling
from brug.cases.catalogue.inventory import Given
from brug.directory import organisations
from brug.model.errors import Invalid
from brug.web import lists
from brug.web.cases import room
from brug.web.cases.room import BASE
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/advisories/products"
PER_PAGE = inventory.PER_PAGE
_FIELDS = Given.__struct_fields__
# Of what a request waits for; the rest is done within seconds by the node itself.
AT_ONCE = 2_000


@page(PLACE, shows=("own",), probe=PLACE)
def listed(visit: Visit) -> Reply:
    return _shown(visit)


def _shown(visit: Visit, form: str = "", errors: dict[str, str] | None = None) -> Reply:
    session, query = visit.session, visit.query
    number = lists.page_number(visit)
    org = inventory.organisation(session, query.text("org")) if query.text("org") else None
    text = query.text("text")[:200]
    rows, total = inventory.listed(session, org, text, PER_PAGE, (number - 1) * PER_PAGE)
    is_staff = session.principal.is_host and inventory.may_change(session)
    typed: dict[str, Any] = {name: visit.form.get(name) for name in (*_FIELDS, "org", "called")}
    return visit.show(
        "cases/catalogue/products.html",
        400 if errors else 200,
        tabs=room.tabs_of(visit),
        rows=rows,
        bills=inventory.bills(session, org),
        text=text,
        org=org,
        is_staff=is_staff,
        organisations=[(one.id, one.name) for one in organisations.listed(session)]
        if is_staff
        else [],
        may_change=inventory.may_change(session),
        typed=typed,
        form=form,
        errors=errors or {},
        page=lists.paging(visit, len(rows), total, PER_PAGE, None),
    )


@page(PLACE + "/add", "POST")
def add(visit: Visit) -> Reply:
    given = Given(**{name: visit.form.text(name) for name in _FIELDS})

    def save(visit: Visit) -> None:
        org = inventory.organisation(visit.session, visit.form.text("org"))
        inventory.add(visit.session, given, org)

    return _saved(visit, "add", save, visit.gettext("The product is registered."))


@page(PLACE + "/sbom", "POST")
def add_bill(visit: Visit) -> Reply:
    def save(visit: Visit) -> None:
        files = [one for one in visit.form.files if one.field == "file" and one.name]
        if len(files) != 1:
            raise Invalid("file", "one file")
        org = inventory.organisation(visit.session, visit.form.text("org"))
        name = visit.form.text("called") or files[0].name
        try:
            inventory.add_bill(visit.session, files[0].data, name, org)
        except Invalid as error:
            if error.field == "sbom":
                raise Invalid("file", error.expected) from error
            raise

    return _saved(
        visit, "sbom", save, visit.gettext("What the bill of materials lists is registered.")
    )


def _saved(visit: Visit, form: str, save: Any, said: str) -> Reply:
    try:
        with visit.session.connection.transaction():
            save(visit)
    except Invalid as error:
        return _shown(visit, form, {error.field: visit.sentence(error)})
    _settle_after(visit)
    return visit.redirect(PLACE, said)


def _settle_after(visit: Visit) -> None:
    """What concerns the new ones is there on the next page."""

    def settle() -> None:
        settling.settle(visit.node.database, AT_ONCE)

    visit.session.after_commit.append(settle)


@page(PLACE + "/{number:int}/remove", "POST")
def remove(visit: Visit) -> Reply:
    inventory.remove(visit.session, int(visit.args["number"]))
    return visit.redirect(PLACE, visit.gettext("The product is taken out."))


@page(PLACE + "/bills/{number:int}/remove", "POST")
def remove_bill(visit: Visit) -> Reply:
    inventory.remove_bill(visit.session, int(visit.args["number"]))
    return visit.redirect(
        PLACE, visit.gettext("The bill of materials is taken out, with its products.")
    )
