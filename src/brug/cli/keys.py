# SPDX-License-Identifier: EUPL-1.2
"""`brug key`: API keys. A key's text is told once, when it is made."""

from typing import Annotated, Any

import typer

from brug.cli.node import acting
from brug.cli.output import Json, facts, machine, record, records, say
from brug.directory import accounts, keys

group = typer.Typer(help="API keys: list, add, edit, remove.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(help="Id or UUID of the key.")]
Comment = Annotated[str | None, typer.Option(help="What it is for.")]
Expires = Annotated[str | None, typer.Option(help="Date, '+30 days', or 'never'.")]
ReadOnly = Annotated[
    bool | None, typer.Option("--read-only/--read-write", help="Whether it may change anything.")
]
Addresses = Annotated[
    list[str] | None,
    typer.Option("--from", help="Address or network that it may be used from; repeat for more."),
]
_COLUMNS = ("id", "email", "authkey_start", "authkey_end", "comment", "expiration", "read_only",
            "allowed_ips", "last_used")  # fmt: skip


@group.command("list")
def show_all(
    context: typer.Context,
    user: Annotated[str | None, typer.Option(help="Of one user: e-mail address or id.")] = None,
    as_json: Json = False,
) -> None:
    """List keys."""
    with acting(context.obj) as session:
        user_id = accounts.view(session, user).id if user else None
        found = keys.listed(session, user_id)
    records(found, _COLUMNS, as_json=as_json)


@group.command("add")
def add(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="E-mail address or id of its user.")],
    comment: Comment = None,
    expires: Expires = None,
    read_only: ReadOnly = None,
    addresses: Addresses = None,
    as_json: Json = False,
) -> None:
    """Make a key and tell it once."""
    with acting(context.obj) as session:
        account = accounts.view(session, user)
        made = keys.add(session, account.id, _given(comment, expires, read_only, addresses))
    if as_json:
        machine({"api_key": made.text, "key": made.key})
        return
    facts({"Key": made.text, "User": account.email, "Id": made.key.id})
    say("The key is not shown again.")


@group.command("edit")
def edit(
    context: typer.Context,
    key: Which,
    comment: Comment = None,
    expires: Expires = None,
    read_only: ReadOnly = None,
    addresses: Addresses = None,
    as_json: Json = False,
) -> None:
    """Change what a key is for and how far it goes."""
    with acting(context.obj) as session:
        changed = keys.edit(session, key, _given(comment, expires, read_only, addresses))
    record(changed, as_json=as_json, names=_COLUMNS)


@group.command("remove")
def remove(context: typer.Context, key: Which, as_json: Json = False) -> None:
    """End a key."""
    with acting(context.obj) as session:
        gone = keys.delete(session, key)
    record(gone, as_json=as_json, names=("id", "email", "comment"))


def _given(
    comment: str | None, expires: str | None, read_only: bool | None, addresses: list[str] | None
) -> dict[str, Any]:
    options = {"comment": comment, "expiration": expires, "read_only": read_only,
               "allowed_ips": addresses or None}  # fmt: skip
    return {name: value for name, value in options.items() if value is not None}
