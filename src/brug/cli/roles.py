# SPDX-License-Identifier: EUPL-1.2
"""`brug role`: named sets of rights, MISP's and those that Brug adds."""

from typing import Annotated

import typer

from brug.cli.node import acting
from brug.cli.output import Json, machine, record, records
from brug.directory import role_changes, roles
from brug.directory.roles import Role
from brug.model.errors import Invalid

group = typer.Typer(
    help="Roles: list, show, add, edit, remove; which one new users get.", no_args_is_help=True
)

Which = Annotated[str, typer.Argument(help="Name or id.")]
Rights = Annotated[
    list[str] | None,
    typer.Option("--right", help="A right that it gives; repeat it. `brug role rights` lists all."),
]


@group.command("list")
def show_all(context: typer.Context, as_json: Json = False) -> None:
    """List roles and their rights."""
    with acting(context.obj) as session:
        found = roles.listed(session)
    if as_json:
        records(found, (), as_json=True)
        return
    for role in found:
        _tell(role, as_json=False)


@group.command("rights")
def rights(as_json: Json = False) -> None:
    """List the rights that roles can give: Brug's own with what they are for, and MISP's."""
    several = [(name, roles.OWN_RIGHTS.get(name, "as in MISP")) for name in roles.RIGHTS]
    if as_json:
        machine([{"name": name, "about": about} for name, about in several])
        return
    for name, about in several:
        typer.echo(f"{name:<23} {about}")


@group.command("show")
def show(context: typer.Context, role: Which, as_json: Json = False) -> None:
    """Show one role."""
    with acting(context.obj) as session:
        found = roles.view(session, role)
    _tell(found, as_json=as_json)


@group.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name.")],
    right: Rights = None,
    like: Annotated[
        str | None, typer.Option(help="Role whose rights it gives as well: name or id.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a role."""
    wanted = _known(right)
    with acting(context.obj) as session:
        also = roles.view(session, like).rights if like else frozenset[str]()
        made = role_changes.add(session, {"name": name}, wanted | also)
    _tell(made, as_json=as_json)


@group.command("edit")
def edit(
    context: typer.Context,
    role: Which,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    right: Rights = None,
    without: Annotated[
        list[str] | None, typer.Option(help="A right that it gives no more; repeat it.")
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="New users get it where none is named.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Change a role. Changed rights end the web sessions of whoever has it."""
    more, fewer = _known(right), _known(without)
    with acting(context.obj) as session:
        given = {} if name is None else {"name": name}
        changed = role_changes.edit(session, role, given, more=more, fewer=fewer)
        if default:
            changed = role_changes.make_default(session, changed.id)
    _tell(changed, as_json=as_json)


@group.command("remove")
def remove(context: typer.Context, role: Which, as_json: Json = False) -> None:
    """Remove a role that nobody has."""
    with acting(context.obj) as session:
        gone = role_changes.delete(session, role)
    record(gone, as_json=as_json, names=("id", "name"))


def _known(given: list[str] | None) -> frozenset[str]:
    for one in given or ():
        if one not in roles.RIGHTS:
            raise Invalid("right", f"one of {', '.join(roles.RIGHTS)}", one)
    return frozenset(given or ())


def _tell(role: Role, *, as_json: bool) -> None:
    if as_json:
        machine(role)
        return
    record(role, as_json=False, names=("id", "name", "default_role"))
    typer.echo("  " + ", ".join(sorted(role.rights)))
