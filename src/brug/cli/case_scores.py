# SPDX-License-Identifier: EUPL-1.2
"""`brug case score`: a CVSS vector or a decision by SSVC, into the case."""

from typing import Annotated, Any

import typer
from msgspec import structs

from brug.cases import files, keeping, scoring
from brug.cli.advisory_scores import decided_of, scored_of
from brug.cli.case_group import As, Because, Which, acting_as, group
from brug.cli.output import Json, facts, machine
from brug.model.errors import Invalid


@group.command("score")
def score(
    context: typer.Context,
    which: Which,
    cvss: Annotated[
        list[str] | None, typer.Option(help="A vector of CVSS 3.1 or 4.0; repeat it for both.")
    ] = None,
    ssvc: Annotated[
        str, typer.Option(help="A table, as in supplier, with its points behind; or a whole line.")
    ] = "",
    points: Annotated[
        list[str] | None, typer.Option("--point", help="POINT=VALUE of the table; repeat it.")
    ] = None,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Score a disclosure, and have the case say so."""
    if not (cvss or ssvc):
        raise Invalid("--cvss", "a vector, or --ssvc a table", "")
    told: list[dict[str, Any]] = [scored_of(one) for one in cvss or ()]
    told += [decided_of(ssvc, points)] if ssvc else []
    with acting_as(context, who) as session:
        for one in told:
            case = files.view(session, which)[1]
            act = structs.replace(scoring.taken(case, str(one["vector"])), because=because)
            keeping.act(session, which, act)
            one["fields"] = list(act.fields)
    if as_json:
        machine(told)
        return
    for one in told:
        facts(one)
