# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: many cases together."""

from typing import Annotated

import typer

from brug.cases import duplicates, files, statistics
from brug.cases.files import File
from brug.cli import case_bulk, case_merging, case_templates  # noqa: F401 — their verbs
from brug.cli.case_group import As, Which, acting_as, group
from brug.cli.output import Json, facts, machine, raw, say, table
from brug.store.session import Session

TOLD = 5  # of those that share something with a new case


@group.command("duplicates")
def duplicates_(
    context: typer.Context, which: Which, who: As = None, as_json: Json = False
) -> None:
    """Find other cases that share a value with a case, what shares most first."""
    with acting_as(context, who) as session:
        found = duplicates.of_case(session, *files.view(session, which))
    if as_json:
        machine([{"case": one.file, "score": one.score, "shared": one.shared} for one in found])
        return
    table(
        ("number", "title", "state", "score", "shares"),
        (
            (
                one.file.number, one.file.title, one.file.state, one.score,
                ", ".join(shared.marked for shared in one.shared),
            )
            for one in found
        ),
    )  # fmt: skip


def tell_alike(session: Session, file: File) -> None:
    """Says which cases share something with one that was opened just now."""
    for one in duplicates.of_case(session, *files.view(session, file.uuid))[:TOLD]:
        say(f"{one.file.number} shares {', '.join(shared.marked for shared in one.shared)}")


@group.command("statistics")
def statistics_(
    context: typer.Context,
    months: Annotated[
        int, typer.Option(min=1, max=statistics.MOST_MONTHS, help="This month and those before.")
    ] = statistics.USUAL_MONTHS,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer in CSV.")] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Count the cases that you take part in: open by age, times taken, deadlines met."""
    with acting_as(context, who) as session:
        found = statistics.of(session, months)
    if as_json:
        machine(found)
        return
    if as_csv:
        raw(statistics.to_csv(found).encode())
        return
    facts({"from": found.since, "to": found.until})
    ages = [f"{days} d" if days else "longer" for days, _ in statistics.AGES]
    table(("open", "state", *ages), ((o.kind, o.state, *o.ages) for o in found.open))
    table(
        ("time", "of", "cases", "median (min)", "90 % (min)", "longest (min)"),
        ((t.measure, t.kind, t.cases, t.median, t.ninth, t.longest) for t in found.times),
    )
    table(
        ("deadline", "in time", "late", "missed", "ahead"),
        ((t.rule, t.met, t.late, t.missed, t.ahead) for t in found.terms),
    )
