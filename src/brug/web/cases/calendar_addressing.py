# SPDX-License-Identifier: EUPL-1.2
"""Secret addresses at which calendar programs read what ends in the reader's cases."""

from typing import Any

from brug.cases.calendar import feeds
from brug.model.errors import BrugError, Conflict, Invalid, NotFound
from brug.web.cases import room, sentences
from brug.web.cases.room import BASE
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/calendar"
FEEDS = PLACE + "/addresses"


@page(FEEDS, shows=("own",))
def addresses(visit: Visit) -> Reply:
    room.require_reader(visit)
    return _addresses(visit)


@page(FEEDS, "POST")
def changed(visit: Visit) -> Reply:
    """A new one, which is shown now and never again; or one taken back."""
    room.require_reader(visit)
    form = visit.form
    if form.text("revoke"):
        feeds.revoke(visit.session, form.text("revoke"))
        return visit.redirect(FEEDS, visit.gettext("The address leads nowhere any more."))
    try:
        _, made = feeds.make(
            visit.session, form.text("name"), with_titles=form.flag("with_titles"),
            only_mine=form.flag("only_mine"),
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _addresses(visit, error=error)
    return _addresses(visit, made=made)


def _addresses(visit: Visit, made: str = "", error: BrugError | None = None) -> Reply:
    field = sentences.field_of(error) if error else ""
    said = visit.sentence(error) if error else ""
    more: dict[str, Any] = {
        "typed": dict(visit.form.pairs) if error else {},
        "errors": {field: said} if field else {},
        "said": said,
    }
    return visit.show(
        "cases/calendar_addresses.html",
        error.status if error else 200,
        tabs=room.tabs_of(visit),
        feeds=feeds.listed(visit.session),
        made=made,
        here=FEEDS,
        calendar=PLACE,
        **more,
    )


@page(feeds.PATH + "/{token:str}", anonymous=True)
def feed(visit: Visit) -> Reply:
    """The calendar of whoever made the address. A cookie that comes along counts for nothing."""
    name = visit.args["token"]
    if not name.endswith(".ics"):
        raise NotFound("no such calendar")
    known = visit.headers.get("if-none-match", "")
    found = feeds.read(visit.node.database, name.removesuffix(".ics"), known)
    headers = {"ETag": found.tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if found.tag in known:
        return Reply(b"", 304, headers)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Disposition"] = 'inline; filename="brug.ics"'
    return Reply(found.data, 200, headers, media_type="text/calendar")
