# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: many cases together."""

import typer

from brug.cases import duplicates, files
from brug.cli import case_bulk, case_templates  # noqa: F401 — their verbs
from brug.cli.case_group import As, Which, acting_as, group
from brug.cli.output import Json, machine, table


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
