# SPDX-License-Identifier: EUPL-1.2
"""What an authority was notified of, in a queue; and taking in what came by other ways."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from brug.cases import due
from brug.cases.authority import notification, received, receiving
from brug.cases.authority.notification import Notification
from brug.cases.authority.received import Queued
from brug.cases.clocks import Table, UnusableTable, titles
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.kind_fields import read_texts
from brug.cases.kinds import named
from brug.cases.kinds.incident_fields import NOTIFIED_AS, SECTORS
from brug.cases.reports import REPORTS, telling
from brug.cases.reports.telling import Say
from brug.model.errors import BrugError, Conflict, Forbidden, Invalid, NotFound
from brug.web.cases import kind_fields, room, sentences, showing
from brug.web.cases.deadlines import STATUSES
from brug.web.cases.room import BASE, place, place_of, require_opener, require_reader
from brug.web.languages import N_
from brug.web.page import page
from brug.web.visit import Reply, Visit

PLACE = BASE + "/received"
MOST = 100
# What one asks on the telephone; the rest is filled in afterwards.
ASKED = (
    "summary", "suspected_malicious", "cross_border", "countries", "sector", "contact",
    "notified_as",
)  # fmt: skip
CHANNELS = (N_("By telephone"), N_("By mail"), N_("By a portal"), N_("By letter"))
_WRONG = {
    "received": N_("Give when it came: a time that is past."),
    "entity": N_("Say who notifies."),
    "report": N_("Choose one of the list."),
    "into": N_("Give the number of an incident that your organisation leads."),
    "organisation": N_("Give an organisation that this node knows."),
    "of": N_("The case has several entities: it has to be the name of one of them."),
}


class Row(msgspec.Struct, frozen=True):
    """One line of the queue, in words; `due` is when feedback is, where it is still to be given."""

    name: str
    number: str
    href: str
    is_gone: bool
    since: datetime
    is_acknowledged: bool
    status: tuple[str, str | None] | None
    due: datetime | None
    last: str
    missing: str
    late: str


@page(PLACE, shows=("own",), probe=PLACE)
def listed(visit: Visit) -> Reply:
    require_reader(visit)
    is_over = visit.query.flag("over")
    try:
        table = due.rules_here(visit.session).table
        several = received.listed(visit.session, over=is_over, most=MOST)
        say = cache(visit.gettext)  # the rows say much the same
        rows = [_row(one, table, say, visit.language) for one in several]
        problem = ""
    except UnusableTable as error:
        rows, problem = [], visit.sentence(error)
    return visit.show(
        "cases/received.html",
        tabs=room.tabs_of(visit),
        rows=rows,
        is_over=is_over,
        problem=problem,
        most=MOST,
        may_take=visit.principal.may("case"),
    )


def _row(one: Queued, table: Table, say: Say, language: str) -> Row:
    kind, said = named(notification.KIND), one.notice
    last = REPORTS[said.reports[-1].report] if said.reports else None
    items = {item.name: item for item in last.items} if last else {}
    title, tone = STATUSES[said.feedback.status] if said.feedback else ("", None)
    return Row(
        name=said.name,
        number=one.number,
        href=f"{place_of(one.number, one.uuid)}/received",
        is_gone=said.is_gone,
        since=said.since.astimezone(UTC),
        is_acknowledged=said.is_acknowledged,
        status=(say(title), tone) if title else None,
        due=said.ends.astimezone(UTC) if said.is_due and said.ends else None,
        last=say(last.title) if last else "",
        missing=", ".join(telling.title_of(kind, items[name], say) for name in said.missing),
        late=", ".join(titles.title_of(table.row(row), language) for row in said.late),
    )


@page(PLACE + "/new")
def ask(visit: Visit) -> Reply:
    require_opener(visit)
    return _form(visit, {}, None)


@page(PLACE + "/new", "POST")
def add(visit: Visit) -> Reply:
    require_opener(visit)
    form = visit.form
    typed = {name: form.text(name) for name in (*_TYPED, *ASKED)}
    try:
        with visit.session.connection.transaction():
            at = _moment(form.text("received"), form.text("zone"), "received")
            made = receiving.take(
                visit.session, _told(visit), at, into=form.text("into"),
                organisation=form.text("organisation"), role=form.text("role") or "authority",
            )  # fmt: skip
    except (Invalid, Conflict, Forbidden, NotFound) as error:
        return _form(visit, typed, error)
    said = visit.gettext("It was taken in: %(number)s.") % {"number": made.number}
    return visit.redirect(f"{place(made)}/received", said)


_TYPED = (
    "entity", "report", "channel", "received", "zone", "aware", "into", "organisation", "role",
    "significant",
)  # fmt: skip


def _told(visit: Visit) -> Notification:
    form = visit.form
    channel = form.text("channel")[:200]
    files = [one for one in form.files if one.field == "file" and one.name]
    if files:
        return notification.read(files[0].data, channel)
    given = {name: _several(form.text(name), name) for name in ASKED if form.text(name)}
    facts = {}
    if form.text("aware"):
        facts["aware_at"] = _moment(form.text("aware"), form.text("zone"), "aware")
    fields = read_texts(named(notification.KIND), given)
    return Notification(
        entity=notification.name_of(form.text("entity")),
        report=notification.report_of(form.text("report") or "nis2-early-warning"),
        fields={name: value for name, value in fields.items() if value is not None},
        facts=facts, is_significant=form.text("notified_as") == "significant_incident",
        channel=channel,
    )  # fmt: skip


def _several(text: str, name: str) -> list[str]:
    return text.replace(",", " ").upper().split() if name == "countries" else [text]


def _moment(text: str, zone: str, field: str) -> Moment:
    moments.zone_named(zone, "zone")
    return moments.read(text, zone, field)


def _form(visit: Visit, typed: Mapping[str, Any], error: BrugError | None) -> Reply:
    errors = _errors(visit, error) if error else {}
    kind = named(notification.KIND)
    fields = {one.name: one for one in kind_fields.fields_of(kind)}
    now = moments.shown(datetime.now(UTC), visit.principal.timezone or "UTC")[:16]
    return visit.show(
        "cases/receive.html",
        400 if isinstance(error, NotFound) else error.status if error else 200,
        tabs=room.tabs_of(visit),
        typed={"received": now.replace(" ", "T")} | dict(typed),
        errors=errors,
        said=" ".join(dict.fromkeys(errors.values())),
        reports=[(key, one.title) for key, one in notification.reports().items()],
        channels=CHANNELS,
        answers=[("yes", N_("Yes")), ("no", N_("No")), ("unknown", N_("Not known yet"))],
        sectors=SECTORS.items(),
        notified_as=NOTIFIED_AS.items(),
        titles={name: fields[name].title for name in ASKED},
        zones=showing.zones(),
        zone_name=visit.principal.timezone or "UTC",
    )


def _errors(visit: Visit, error: BrugError) -> dict[str, str]:
    """At the field of the form; what is wrong in the file, at the file."""
    if isinstance(error, NotFound):
        return {"into": visit.gettext(_WRONG["into"])}
    if not isinstance(error, Invalid):
        return {"file": visit.sentence(error)}
    field = error.field.removeprefix("fields.")
    if field == "org":
        field = "organisation"
    if field in _WRONG:
        return {field: visit.gettext(_WRONG[field])}
    if field in {"aware", "zone"}:
        return {field: sentences.sentence(visit, _as_time(error))}
    return {field if field in ASKED else "file": visit.sentence(error)}


def _as_time(error: Invalid) -> Invalid:
    return Invalid("zone" if error.field == "zone" else "at", error.expected)
