# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`, of an authority: what it is notified of, answers, other countries, totals."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from brug.cases import severity
from brug.cases.authority import (
    answering,
    forwarding,
    notification,
    received,
    receiving,
    remarks,
    summarising,
    summary,
    telling,
)
from brug.cases.authority.answering import Feedback
from brug.cases.authority.forwarding import Wanted
from brug.cases.authority.notification import Notification
from brug.cases.clocks import facts as moments
from brug.cases.clocks.facts import Moment
from brug.cases.entries import Entry
from brug.cases.kind_fields import read_texts
from brug.cases.kinds import named
from brug.cli.case_group import As, Which, Zone, acting_as, group, pairs
from brug.cli.case_group import told as entry_told
from brug.cli.files import content, written
from brug.cli.output import Json, answers, facts, machine, say, table, visible

Of = Annotated[str, typer.Option(help="The entity: name or UUID, where several were struck.")]
At = Annotated[str, typer.Option(help="When: 2026-11-27T14:20; now, if not said.")]


def _moment(at: str, zone: str) -> Moment | None:
    return moments.read(at, zone) if at else None


@group.command("receive")
def receive(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A notification as JSON; - for standard input.")
    ] = None,
    entity: Annotated[str, typer.Option(help="Without a file: who notifies.")] = "",
    report: Annotated[str, typer.Option(help="Without a file: which report it is.")] = (
        "nis2-early-warning"
    ),
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Without a file: NAME=VALUE of a field.")
    ] = None,
    aware: Annotated[str, typer.Option(help="Without a file: when it became aware.")] = "",
    significant: Annotated[
        bool, typer.Option("--significant", help="Without a file: it is a significant incident.")
    ] = False,
    channel: Annotated[str, typer.Option(help="How it came: by telephone, by mail.")] = "",
    at: At = "",
    zone: Zone = "UTC",
    into: Annotated[str, typer.Option(help="Own case that it belongs to.")] = "",
    organisation: Annotated[
        str, typer.Option("--org", help="Which organisation here the entity is: it takes part.")
    ] = "",
    role: Annotated[str, typer.Option(help="As what you receive it: authority or csirt.")] = (
        "authority"
    ),
    who: As = None,
    as_json: Json = False,
) -> None:
    """Take in a notification: from a file, or as it was told."""
    if file is not None:
        told = notification.read(content(file, "file", notification.LARGEST + 1), channel)
    else:
        fields = read_texts(named(notification.KIND), pairs(set_))
        known = {"aware_at": moments.read(aware, zone, "aware")} if aware else {}
        told = Notification(
            entity=notification.name_of(entity), report=notification.report_of(report),
            fields={name: value for name, value in fields.items() if value is not None},
            facts=known, is_significant=significant, channel=channel,
        )  # fmt: skip
    came = _moment(at, zone) or moments.moment(datetime.now(UTC))
    with acting_as(context, who) as session:
        made = receiving.take(session, told, came, into=into, organisation=organisation, role=role)
    said = {"number": made.number, "uuid": made.uuid, "entity": told.entity, "report": told.report}
    machine(said) if as_json else facts(said)


@group.command("received")
def received_(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also what is over.")] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """List what you were notified of: what is due, what is missing, what was late."""
    with acting_as(context, who) as session:
        several = received.listed(session, over=None if every else False)
    if as_json:
        machine([telling.row(one) for one in several])
        return
    names = ("number", "entity", "since", "confirmed", "feedback", "ends", "missing", "late")
    table(names, (_row(one) for one in several))


def _row(one: received.Queued) -> tuple[Any, ...]:
    said = one.notice
    ends = moments.shown(said.ends, "UTC") if said.ends else ""
    return (
        one.number, said.name + (" (takes part no more)" if said.is_gone else ""),
        moments.shown(said.since, "UTC"),
        "yes" if said.is_acknowledged else "no", said.feedback.status if said.feedback else "",
        ends, ", ".join(said.missing), ", ".join(said.late),
    )  # fmt: skip


@group.command("remarks")
def remarks_(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """Whom else you may have to tell, by what a case says, with the sources."""
    with acting_as(context, who) as session:
        found = remarks.here(session, which)
    if as_json:
        machine([telling.remark(one) for one in found])
        return
    for one in found:
        doubt = "" if one.is_verified else " (not checked against its source)"
        answers().print(visible(f"{one.text} {one.source}{doubt}"), soft_wrap=True)


@group.command("acknowledge")
def acknowledge(
    context: typer.Context, which: Which, at: At = "", zone: Zone = "UTC", of: Of = "",
    who: As = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Confirm to the entity that its notification came."""
    with acting_as(context, who) as session:
        done = answering.acknowledge(session, which, _moment(at, zone), of=of)
    _told(done, as_json=as_json)


@group.command("feedback")
def feedback(
    context: typer.Context,
    which: Which,
    text: Annotated[str, typer.Argument(help="What you say to the notification.")],
    guidance: Annotated[str, typer.Option(help="How to mitigate it.")] = "",
    police: Annotated[str, typer.Option(help="Advice on reporting it to the police.")] = "",
    at: At = "",
    zone: Zone = "UTC",
    of: Of = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Give the entity first feedback (NIS2 art. 23(5)), or more of it."""
    given = Feedback(text=text, guidance=guidance, police=police)
    with acting_as(context, who) as session:
        done = answering.feedback(session, which, given, _moment(at, zone), of=of)
    _told(done, as_json=as_json)


@group.command("ask")
def ask(
    context: typer.Context,
    which: Which,
    until: Annotated[str, typer.Argument(help="By when: 2026-12-04T17:00.")],
    text: Annotated[str, typer.Option(help="What you want to know.")] = "",
    zone: Zone = "UTC",
    of: Of = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Ask the entity for a report on how matters stand (NIS2 art. 23(4)(c))."""
    with acting_as(context, who) as session:
        done = answering.ask(session, which, moments.read(until, zone, "until"), text, of=of)
    _told(done, as_json=as_json)


def _told(done: list[Entry], *, as_json: bool) -> None:
    if as_json:
        machine([telling.entry(one) for one in done])
        return
    for one in done:
        entry_told(one, as_json=False)


@group.command("forward")
def forward(
    context: typer.Context,
    which: Which,
    country: Annotated[
        list[str] | None, typer.Option(help="Country to tell, EU for ENISA; again for more.")
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option(help="Field or time to share; again for more.")
    ] = None,
    title: Annotated[str, typer.Option(help="What the case there is called.")] = "",
    text: Annotated[str, typer.Option(help="Words besides.")] = "",
    with_name: Annotated[bool, typer.Option("--with-name", help="Name the entity.")] = False,
    of: Of = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Tell the contacts of other countries (NIS2 art. 23(6)), in a case of their own."""
    wanted = Wanted(
        countries=tuple(country or ()), fields=tuple(field or forwarding.USUAL), title=title,
        text=text, with_name=with_name,
    )  # fmt: skip
    with acting_as(context, who) as session:
        made = forwarding.forward(session, which, wanted, of=of)
    said = telling.forwarded(made)
    if as_json:
        machine(said)
        return
    facts({"number": said["number"], "told": ", ".join(one.name for one in made.told)})
    for one in made.otherwise:
        reach = ", ".join(part for part in (one.email, one.phone, one.url) if part)
        answers().print(visible(f"Tell {one.name} otherwise: {reach}"), soft_wrap=True)
    if made.left:
        left = ", ".join(made.left)
        say(
            f"Not told yet: {left}. Once they are:"
            f" brug case record {which} states_informed_at TIME --of authority"
        )


@group.command("summary")
def summary_(
    context: typer.Context,
    period: Annotated[str, typer.Argument(help="A quarter: 2026-Q4; the last, if not said.")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write it as CSV to this file.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write it as PDF to this file.")] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Sum up a quarter for ENISA (NIS2 art. 23(9)), without anybody's name or small counts."""
    now = datetime.now(UTC)
    quarter = summary.read_quarter(period) if period else summary.quarter_of(now).before
    with acting_as(context, who) as session:
        told = summarising.of_quarter(session, quarter, now)
        scheme, author = severity.scheme_here(session), session.principal.org_name
    if csv:
        with written(csv, "csv") as file:
            file.write(summarising.as_csv(told))
    if pdf:
        with written(pdf, "pdf") as file:
            file.write(summarising.as_pdf(told, author, scheme, now))
    if as_json:
        machine(summary.document(told))
        return
    _, *rows = summary.lines(told)
    few = summarising.count_of(None, told, str)
    table(("dimension", "value", "count"), ((one[1], one[2], one[3] or few) for one in rows))
