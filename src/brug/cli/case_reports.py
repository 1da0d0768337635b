# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: reports to authorities: what is owed, the form filled, that it was sent."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.cases import files, reports
from brug.cases.case import Case
from brug.cases.clocks import facts as moments
from brug.cases.clocks import titles
from brug.cases.reports import Filled, filling, printing, receipts, sending, telling
from brug.cli.case_group import As, Because, Which, Zone, acting_as, group
from brug.cli.files import written
from brug.cli.output import Json, answers, facts, machine, raw, spoken, table, visible

Key = Annotated[str, typer.Argument(metavar="REPORT", help="`brug case reports` lists them.")]
Of = Annotated[str, typer.Option(help="The entity: name or UUID, where several were struck.")]


@group.command("reports")
def list_(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """List the reports to authorities, with their deadlines and what is missing."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        forms = reports.every(case, reports.given_here(session))
    if as_json:
        machine([telling.document(one) for one in forms])
        return
    names = ("report", "entity", "owed", "state", "ends", "missing", "sent")
    table(names, (_row(one) for one in forms))


def _row(form: Filled) -> tuple[Any, ...]:
    clock = form.clock
    ends = moments.shown(clock.legal, clock.zone) if clock and clock.legal else ""
    return (
        form.report.key, form.participant.name, form.is_owed, clock.status if clock else "",
        ends, len(form.missing), len(form.sent),
    )  # fmt: skip


@group.command("report")
def report_(
    context: typer.Context,
    which: Which,
    report: Key,
    of: Of = "",
    pdf: Annotated[Path | None, typer.Option(help="Write it as PDF to this file.")] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Show a report to an authority, filled from the case, and what is still missing."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        one = filling.entity(case, of)
        given = reports.given_here(session)
        form = reports.filled(case, one, reports.find(report, case), given)
        told = receipts.told(session, case, form)
    if pdf:
        with written(pdf, "pdf") as file:
            file.write(printing.pdf(case, form, given.now))
    if as_json:
        raw(telling.as_json(told))
        return
    _tell(case, form)


COUNTRY_BY = {
    "case": "as the case says", "authority": "of the authority that takes part",
    "node": "of this node: cases.authority_country",
}  # fmt: skip


def _tell(case: Case, form: Filled) -> None:
    clock, say = form.clock, str
    law = titles.source_of(clock.row, spoken()) if clock else ""
    facts({
        "report": form.report.title, "law": law, "version": form.version,
        "to": clock.row.to if clock else "",
        "country": f"{form.country or '-'} ({COUNTRY_BY[form.country_by]})",
        "authority": _authority(form),
        "owed": form.is_owed, "state": clock.status if clock else "no deadline binds the entity",
        "ends": moments.shown(clock.legal, clock.zone) if clock and clock.legal else "",
        "missing": [one.item.name for one in form.missing],
        "sent": [f"{one.act.name} {one.act.sha256}" for one in form.sent],
    })  # fmt: skip
    table(
        ("item", "name", "value"),
        (
            (
                telling.title_of(case.kind, one.item, say),
                one.item.name,
                "\n".join(telling.in_words(case.kind, one, say)) or one.lacks,
            )
            for one in form.lines
        ),
    )
    for one in form.warnings:
        answers().print(visible(telling.warning(case.kind, form, one, say)), soft_wrap=True)


def _authority(form: Filled) -> str:
    """Which it is, and how to reach it; or how to name one."""
    if form.authority is None:
        return "none is named: `brug case authority-put`"
    one = form.authority
    return ", ".join(part for part in (one.name, one.address, one.url) if part)


@group.command("sent")
def sent(
    context: typer.Context,
    which: Which,
    report: Key,
    at: Annotated[str, typer.Option(help="When: 2026-11-27T14:20, or with an offset.")],
    zone: Zone = "UTC",
    of: Of = "",
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Although something is missing; say why.")
    ] = False,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Say that a report was sent: keep it as it is, and record when."""
    with acting_as(context, who) as session:
        done = sending.send(
            session, which, report, moments.read(at, zone), of=of, because=because,
            incomplete=incomplete,
        )  # fmt: skip
    told = {
        "report": report, "version": done.form.version,
        "document": msgspec.to_builtins(done.document.act), "entry": done.document.id,
        "fact": msgspec.to_builtins(done.fact.act) if done.fact else None,
        "state": done.state, "moved": done.step is not None,
    }  # fmt: skip
    if as_json:
        machine(told)
        return
    kept = told["document"]
    facts(
        {
            "report": report,
            "version": told["version"],
            "document": kept["name"],
            "sha256": kept["sha256"],
            **({"state": done.state} if done.state else {}),
        }
    )
