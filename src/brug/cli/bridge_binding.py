# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge bind`: a bridge over a user that synchronises for another organisation."""

from typing import Annotated, Any

import typer

from brug.bridges.misp import binding
from brug.cli.node import acting
from brug.cli.output import Json, machine, say, table


def bind(
    context: typer.Context,
    email: Annotated[
        str | None, typer.Argument(help="Address of the user; all that have none if left out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Have what a MISP server pulls and pushes with a user's key pass the gate from now on."""
    with acting(context.obj) as session:
        waiting = binding.unbound(session) if email is None else []
        made = binding.bind(session, email) if email is not None else None
    if as_json:
        machine(made or waiting)
    elif made is None:
        table(
            ("user", "organisation"),
            ((one.email, one.org_name) for one in waiting),
        )
    else:
        say("Nothing goes until an agreement is in force; nobody signs in as this user any more.")
        say(f"Next: brug bridge agreement template {made.id} > terms.toml")


VERBS: dict[str, Any] = {"bind": bind}
