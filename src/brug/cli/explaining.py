# SPDX-License-Identifier: EUPL-1.2
"""`brug explain`: why an organisation sees an item or does not, rule by rule."""

from typing import Annotated

import typer

from brug.cli.node import opened
from brug.cli.output import Json, answers, machine, visible
from brug.intel.visibility import Explanation, explain_named

_SIGNS = {"sees": "+", "hides": "-", "passes": " ", "notes": "!"}


def explain(
    context: typer.Context,
    item: Annotated[
        str, typer.Argument(help="UUID of any item, number of an event, or attribute:12.")
    ],
    organisation: Annotated[
        str, typer.Option("--for", help="Name, UUID or number of the organisation.")
    ],
    as_json: Json = False,
) -> None:
    """Say who sees an item and why, rule by rule."""
    with opened(context.obj) as database, database.system() as session:
        found = explain_named(session, item, organisation)
    if as_json:
        machine(found)
        return
    for line in _lines(found):
        answers().print(visible(line), soft_wrap=True)


def _lines(found: Explanation) -> list[str]:
    verb = "sees" if found.sees else "does not see"
    head = f"{found.organisation} {verb} {found.kind.replace('_', ' ')} {found.uuid}."
    return [head, *(f"  {_SIGNS[rule.outcome]} {rule.text}" for rule in found.rules)]
