# SPDX-License-Identifier: EUPL-1.2
"""`brug org`: the organisations of a node."""

import sys
from typing import Annotated, Any

import typer

from brug.cli.node import acting
from brug.cli.output import Json, machine, record, records, say
from brug.directory import organisation_merging, organisations
from brug.model.errors import Invalid

group = typer.Typer(
    help="Organisations: list, show, add, edit, merge, remove.", no_args_is_help=True
)

Which = Annotated[str, typer.Argument(help="Name, UUID or id.")]
Text = Annotated[str | None, typer.Option()]
Local = Annotated[
    bool | None,
    typer.Option("--local/--external", help="Whether it has users on this node."),
]
_COLUMNS = ("id", "uuid", "name", "nationality", "sector", "local", "user_count")


@group.command("list")
def show_all(
    context: typer.Context,
    search: Annotated[str | None, typer.Option(help="Part of any text field.")] = None,
    local: Local = None,
    as_json: Json = False,
) -> None:
    """List organisations."""
    with acting(context.obj) as session:
        found = organisations.listed(session, local=local, search=search)
    records(found, _COLUMNS, as_json=as_json)


@group.command("show")
def show(context: typer.Context, organisation: Which, as_json: Json = False) -> None:
    """Show one organisation."""
    with acting(context.obj) as session:
        found = organisations.view(session, organisation)
    record(found, as_json=as_json)


@group.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name.")],
    uuid: Annotated[str | None, typer.Option(help="UUID, if it has one elsewhere.")] = None,
    nationality: Annotated[str | None, typer.Option(help="Country.")] = None,
    sector: Annotated[str | None, typer.Option(help="Sector.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is.")] = None,
    contacts: Annotated[str | None, typer.Option(help="How to reach it.")] = None,
    local: Local = None,
    as_json: Json = False,
) -> None:
    """Add an organisation."""
    given = _given(name=name, uuid=uuid, nationality=nationality, sector=sector,
                   description=description, contacts=contacts, local=local)  # fmt: skip
    with acting(context.obj) as session:
        made = organisations.add(session, given)
    record(made, as_json=as_json, names=_COLUMNS)


@group.command("edit")
def edit(
    context: typer.Context,
    organisation: Which,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    nationality: Annotated[str | None, typer.Option(help="Country.")] = None,
    sector: Annotated[str | None, typer.Option(help="Sector.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is.")] = None,
    contacts: Annotated[str | None, typer.Option(help="How to reach it.")] = None,
    local: Local = None,
    as_json: Json = False,
) -> None:
    """Change an organisation."""
    given = _given(name=name, nationality=nationality, sector=sector, description=description,
                   contacts=contacts, local=local)  # fmt: skip
    with acting(context.obj) as session:
        changed = organisations.edit(session, organisation, given)
    record(changed, as_json=as_json, names=_COLUMNS)


@group.command("remove")
def remove(context: typer.Context, organisation: Which, as_json: Json = False) -> None:
    """Remove an organisation that nothing names."""
    with acting(context.obj) as session:
        gone = organisations.delete(session, organisation)
    record(gone, as_json=as_json, names=("id", "name"))


@group.command("merge")
def merge(
    context: typer.Context,
    organisation: Which,
    into: Annotated[str, typer.Option(help="Name, UUID or id of the one that stays.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Make an organisation part of another for good: users, events, groups, what it sees."""
    if not yes:
        _require_consent(context, organisation, into)
    with acting(context.obj) as session:
        done = organisation_merging.merge(session, organisation, into)
    if as_json:
        machine(done)
        return
    record(done.organisation, as_json=False, names=_COLUMNS)
    say(f"{done.gone} is part of it: {', '.join(f'{n} {what}' for what, n in done.rows.items())}")


def _require_consent(context: typer.Context, organisation: str, into: str) -> None:
    if not sys.stdin.isatty():
        raise Invalid("--yes", "it, where nobody can be asked")
    with acting(context.obj) as session:
        gone, stays = (organisations.view(session, one).name for one in (organisation, into))
    typer.confirm(f"Make {gone} part of {stays}? It cannot be undone.", abort=True, err=True)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
