# SPDX-License-Identifier: EUPL-1.2
"""`brug group`: sharing groups and who is in them."""

from typing import Annotated, Any

import typer

from brug.cli.node import acting
from brug.cli.output import Json, machine, record, records, table
from brug.directory import organisations, sharing_group_changes, sharing_groups
from brug.directory.sharing_groups import SharingGroup

group = typer.Typer(
    help="Sharing groups: list, show, add, edit, remove, add-org, remove-org.",
    no_args_is_help=True,
)

Which = Annotated[str, typer.Argument(help="Name, UUID or id of the group.")]
Org = Annotated[str, typer.Argument(help="Organisation: name, UUID or id.")]
_COLUMNS = ("id", "uuid", "name", "org_name", "active", "roaming")


@group.command("list")
def show_all(context: typer.Context, as_json: Json = False) -> None:
    """List sharing groups."""
    with acting(context.obj) as session:
        found = sharing_groups.listed(session)
    records(found, _COLUMNS, as_json=as_json)


@group.command("show")
def show(context: typer.Context, sharing_group: Which, as_json: Json = False) -> None:
    """Show a group and the organisations in it."""
    with acting(context.obj) as session:
        found = sharing_groups.view(session, sharing_group)
    _tell(found, as_json=as_json)


@group.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name.")],
    org: Annotated[
        list[str] | None, typer.Option("--org", help="Organisation in it; repeat for more.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(help="Organisation that owns it (the host's if not given).")
    ] = None,
    releasability: Annotated[str, typer.Option(help="To whom it may be passed on.")] = "",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    roaming: Annotated[bool, typer.Option("--roaming", help="Not bound to named nodes.")] = False,
    as_json: Json = False,
) -> None:
    """Add a group."""
    given = {"name": name, "releasability": releasability, "description": description,
             "roaming": roaming}  # fmt: skip
    with acting(context.obj) as session:
        owner_id = organisations.view(session, owner).id if owner else None
        made = sharing_group_changes.add(session, given, owner_id)
        for member in org or ():
            sharing_group_changes.add_organisation(session, made.id, member)
        made = sharing_groups.view(session, made.id)
    _tell(made, as_json=as_json)


@group.command("edit")
def edit(
    context: typer.Context,
    sharing_group: Which,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    releasability: Annotated[str | None, typer.Option(help="To whom it may be passed on.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--passive", help="Whether it can be chosen.")
    ] = None,
    all_orgs: Annotated[
        bool | None,
        typer.Option("--all-orgs/--named-orgs", help="Whether all who use this node are in it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a group."""
    options: dict[str, Any] = {"name": name, "releasability": releasability,
                               "description": description, "active": active}  # fmt: skip
    given = {option: value for option, value in options.items() if value is not None}
    with acting(context.obj) as session:
        changed = sharing_group_changes.edit(session, sharing_group, given)
        if all_orgs is not None:
            sharing_group_changes.add_this_node(session, changed.id, all_orgs=all_orgs)
        changed = sharing_groups.view(session, changed.id)
    _tell(changed, as_json=as_json)


@group.command("add-org")
def add_org(
    context: typer.Context,
    sharing_group: Which,
    organisation: Org,
    extend: Annotated[bool, typer.Option("--extend", help="It may change the group.")] = False,
    as_json: Json = False,
) -> None:
    """Put an organisation into a group: it sees what is shared there at once."""
    with acting(context.obj) as session:
        changed = sharing_group_changes.add_organisation(
            session, sharing_group, organisation, extend=extend
        )
    _tell(changed, as_json=as_json)


@group.command("remove-org")
def remove_org(
    context: typer.Context, sharing_group: Which, organisation: Org, as_json: Json = False
) -> None:
    """Take an organisation out of a group."""
    with acting(context.obj) as session:
        found = sharing_group_changes.remove_organisation(session, sharing_group, organisation)
        found = sharing_groups.view(session, found.id)
    _tell(found, as_json=as_json)


@group.command("remove")
def remove(context: typer.Context, sharing_group: Which, as_json: Json = False) -> None:
    """Remove a group that nothing is shared with."""
    with acting(context.obj) as session:
        gone = sharing_group_changes.delete(session, sharing_group)
    record(gone, as_json=as_json, names=("id", "name"))


def _tell(found: SharingGroup, *, as_json: bool) -> None:
    if as_json:
        machine(found)
        return
    record(found, as_json=False, names=(*_COLUMNS, "releasability", "description"))
    table(("organisation", "uuid", "extend"), ((m.name, m.uuid, m.extend) for m in found.members))
    if any(link.all_orgs for link in found.servers):
        typer.echo("and all organisations of this node")
