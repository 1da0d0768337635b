# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: what ends when in the cases of a person, and addresses of calendars."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from brug.cases.calendar import feeds, gathering, telling, writing
from brug.cases.clocks import facts as moments
from brug.cli.case_group import As, acting_as, group
from brug.cli.files import written
from brug.cli.output import Json, facts, machine, records, say, table
from brug.store import settings

Moment = Annotated[str, typer.Option(help="A day or time, in UTC.")]


@group.command("calendar")
def calendar(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", help="From when (now if not given).")] = "",
    until: Annotated[str, typer.Option(help="Up to when (30 days later if not given).")] = "",
    ics: Annotated[
        Path | None, typer.Option(help="Write it as iCalendar to this file; - shows it.")
    ] = None,
    with_titles: Annotated[
        bool, typer.Option("--with-titles", help="Titles of cases and tasks in the iCalendar too.")
    ] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """List what ends in your cases: deadlines, tasks, embargoes."""
    begins = moments.read_day(since, field="--from").at if since else datetime.now(UTC)
    ends = moments.read_day(until, field="--until").at if until else begins + timedelta(days=30)
    gathering.require_span(begins, ends)
    with acting_as(context, who) as session:
        found = gathering.whole(session, begins, ends)
        url = str(settings.get(session, "node.url")).rstrip("/")
        title = str(settings.get(session, "node.title"))
        language = session.principal.language
    if found.is_broken:
        say("without deadlines: the node's own table of them has an error (`brug doctor`)")
    if ics:
        data = writing.written(found.items, title, url, language, with_titles=with_titles)
        with written(ics, "ics") as file:
            file.write(data)
        return
    if as_json:
        machine([telling.told(one, language) for one in found.items])
        return
    table(
        ("ends", "what", "case", "title", "whose"),
        (
            (moments.shown(one.at, "UTC"), writing.title_of(one, language), one.number,
             one.says or one.title, one.whose)
            for one in found.items
        ),
    )  # fmt: skip


@group.command("calendar-addresses")
def addresses(context: typer.Context, who: As = None, as_json: Json = False) -> None:
    """List your secret addresses of calendars, and when each was used last."""
    with acting_as(context, who) as session:
        found = feeds.listed(session)
    records(found, ("id", "name", "with_titles", "only_mine", "made", "used"), as_json=as_json)


@group.command("calendar-address")
def address(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="Such as the device that reads it.")] = "",
    with_titles: Annotated[
        bool, typer.Option("--with-titles", help="With titles of cases and tasks.")
    ] = False,
    only_mine: Annotated[
        bool, typer.Option("--only-mine", help="Only what binds you or your organisation.")
    ] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Make a secret address at which a calendar program reads what is due; it is shown once."""
    with acting_as(context, who) as session:
        number, url = feeds.make(session, name, with_titles=with_titles, only_mine=only_mine)
    told = {"id": number, "address": url}
    if as_json:
        machine(told)
    else:
        facts(told)


@group.command("calendar-revoke")
def revoke(
    context: typer.Context,
    which: Annotated[
        str, typer.Argument(metavar="NUMBER", help="As the list has it, or the name of one alone.")
    ],
    who: As = None,
    as_json: Json = False,
) -> None:
    """Take an address of a calendar back: it leads nowhere from then on."""
    with acting_as(context, who) as session:
        feeds.revoke(session, which)
    if as_json:
        machine({"revoked": int(which) if which.isdecimal() else which})
    else:
        say(f"address {which} leads nowhere any more")
