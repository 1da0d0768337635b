# SPDX-License-Identifier: EUPL-1.2
"""`brug advisory score`: what a CVSS vector or a decision by SSVC comes to; needs no node."""

from typing import Annotated, Any

import typer

from brug.cli.advisory_group import group
from brug.cli.output import Json, facts, machine, table
from brug.formats.scoring import choosing, cvss
from brug.formats.scoring.ssvc import decide
from brug.model.errors import Invalid


@group.command("score")
def score(
    vector: Annotated[
        str, typer.Argument(help="A CVSS vector; or an SSVC line, or a table with points behind.")
    ],
    points: Annotated[
        list[str] | None, typer.Argument(help="POINT=VALUE, as in exploitation=active.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute the score of a CVSS vector (2.0 to 4.0), or decide by a table of SSVC."""
    is_score = vector.startswith(("CVSS:", "AV:"))
    told = scored_of(vector) if is_score else decided_of(vector, points)
    if as_json:
        machine(told)
        return
    inside = told.pop("metrics" if is_score else "path")
    facts(told)
    table(("what", "value"), inside.items())


def scored_of(vector: str) -> dict[str, Any]:
    """Raises Invalid, naming the metric."""
    found = cvss.score(vector)
    return {
        "version": found.version, "vector": found.vector, "score": found.score,
        "severity": found.severity, "nomenclature": found.nomenclature, "base": found.base,
        "metrics": {one.name: one.meaning for one in found.explained()},
    }  # fmt: skip


def decided_of(said: str, points: list[str] | None) -> dict[str, Any]:
    """Of a line, or of a table's name and its points. Raises Invalid, naming the point."""
    if "/" in said:
        named, given = choosing.ssvc_points(said)
    else:
        named, given = said, _pairs(points)
    found = decide(named, given)
    path = {step.point: step.value for step in found.path}
    return {
        "table": found.table, "outcome": found.outcome, "vector": found.vector(), "path": path,
    }  # fmt: skip


def _pairs(points: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in points or ():
        name, mark, value = one.partition("=")
        if not mark:
            raise Invalid("point", "POINT=VALUE", one)
        found[name.strip()] = value
    return found
