# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: webhooks, which tell other programs what happens in cases."""

from typing import Annotated

import typer

from brug.cases.hooks import keeping
from brug.cases.hooks.noting import EVENTS
from brug.cli.case_group import As, acting_as, group
from brug.cli.output import Json, facts, machine, records, say

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="As `brug case hooks` has it.")]


@group.command("hooks")
def hooks(context: typer.Context, who: As = None, as_json: Json = False) -> None:
    """List webhooks: yours, and those of your organisation if you look after them."""
    with acting_as(context, who) as session:
        found = keeping.listed(session)
    names = ("id", "name", "url", "events", "is_of_org", "failing", "paused", "why", "waiting")
    records(found, names, as_json=as_json)


@group.command("hook-add")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="https address that takes a POST.")],
    on: Annotated[
        list[str] | None,
        typer.Option(help=f"What to tell; repeat it ({', '.join(EVENTS)}; all if not given)."),
    ] = None,
    name: Annotated[str, typer.Option(help="What you call it.")] = "",
    of_org: Annotated[
        bool, typer.Option("--of-org", help="The organisation's, not yours alone.")
    ] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Have an address told what happens in cases; its secret is shown once."""
    with acting_as(context, who) as session:
        hook, secret = keeping.add(session, url, on or list(EVENTS), name, of_org=of_org)
    told = {"id": hook.id, "url": hook.url, "events": hook.events, "secret": secret}
    if as_json:
        machine(told)
    else:
        facts(told)


@group.command("hook-remove")
def remove(context: typer.Context, which: Number, who: As = None, as_json: Json = False) -> None:
    """Forget a webhook and all that it was still to be told."""
    with acting_as(context, who) as session:
        keeping.remove(session, which)
    _done("removed", which, as_json=as_json)


@group.command("hook-pause")
def pause(context: typer.Context, which: Number, who: As = None, as_json: Json = False) -> None:
    """Tell a webhook nothing until it is resumed."""
    with acting_as(context, who) as session:
        keeping.pause(session, which)
    _done("paused", which, as_json=as_json)


@group.command("hook-resume")
def resume(context: typer.Context, which: Number, who: As = None, as_json: Json = False) -> None:
    """Tell a webhook again, of what happens from now on."""
    with acting_as(context, who) as session:
        keeping.resume(session, which)
    _done("resumed", which, as_json=as_json)


@group.command("hook-test")
def try_out(context: typer.Context, which: Number, who: As = None, as_json: Json = False) -> None:
    """Have a webhook told something that did not happen; the node that is served sends it."""
    with acting_as(context, who) as session:
        keeping.try_out(session, which)
    _done("noted", which, as_json=as_json)


@group.command("hook-log")
def log(context: typer.Context, which: Number, who: As = None, as_json: Json = False) -> None:
    """List the last messages of a webhook, and what was answered."""
    with acting_as(context, who) as session:
        found = keeping.sent(session, which)
    records(found, tuple(keeping.Sent.__struct_fields__), as_json=as_json)


def _done(what: str, which: str, *, as_json: bool) -> None:
    if as_json:
        machine({what: int(which)})
    else:
        say(f"webhook {which}: {what}")
