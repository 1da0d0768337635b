# SPDX-License-Identifier: EUPL-1.2
"""`brug user`: the people of a node. Passwords are never taken from the command line."""

import sys
from typing import Annotated, Any

import typer

from brug.cli.node import acting
from brug.cli.output import Json, facts, machine, record, records, say
from brug.directory import (
    account_changes,
    accounts,
    oidc,
    organisations,
    roles,
    second_factor,
)
from brug.directory.account_changes import Added
from brug.store.session import Session

group = typer.Typer(
    help="Users: list, show, add, edit, remove, new password, how they sign in.",
    no_args_is_help=True,
)

Who = Annotated[str, typer.Argument(help="E-mail address or id.")]
Org = Annotated[str | None, typer.Option(help="Organisation: name, UUID or id.")]
RoleName = Annotated[str | None, typer.Option(help="Role: name or id (`brug role list`).")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
_COLUMNS = ("id", "email", "org_name", "role_name", "disabled", "expiration")


@group.command("list")
def show_all(
    context: typer.Context,
    search: Annotated[str | None, typer.Option(help="Part of the address.")] = None,
    org: Org = None,
    as_json: Json = False,
) -> None:
    """List users."""
    with acting(context.obj) as session:
        org_id = organisations.view(session, org).id if org else None
        found = accounts.listed(session, search=search, org_id=org_id)
    records(found, _COLUMNS, as_json=as_json)


@group.command("show")
def show(context: typer.Context, user: Who, as_json: Json = False) -> None:
    """Show one user."""
    with acting(context.obj) as session:
        found = accounts.view(session, user)
    record(found, as_json=as_json)


@group.command("add")
def add(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    org: Org = None,
    role: RoleName = None,
    password_stdin: FromInput = False,
    as_json: Json = False,
) -> None:
    """Add a user; without a given password one is made and told once."""
    given: dict[str, Any] = {"email": email}
    if password_stdin:
        given["password"] = sys.stdin.readline().rstrip("\r\n")
    with acting(context.obj) as session:
        given |= _references(session, org, role)
        made = account_changes.add(session, given)
    _tell(made, as_json=as_json)


@group.command("edit")
def edit(
    context: typer.Context,
    user: Who,
    email: Annotated[str | None, typer.Option(help="New e-mail address.")] = None,
    org: Org = None,
    role: RoleName = None,
    disabled: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Close or open the account.")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="Date, '+30 days', or 'never'.")] = None,
    as_json: Json = False,
) -> None:
    """Change a user. Changed rights end the user's web sessions."""
    given = {"email": email, "disabled": disabled, "expiration": expires}
    given = {name: value for name, value in given.items() if value is not None}
    with acting(context.obj) as session:
        changed = account_changes.edit(session, user, given | _references(session, org, role))
    record(changed, as_json=as_json, names=_COLUMNS)


@group.command("password")
def password(
    context: typer.Context, user: Who, password_stdin: FromInput = False, as_json: Json = False
) -> None:
    """Give a user a new password: a made one, told once, or one from standard input."""
    with acting(context.obj) as session:
        if password_stdin:
            text = sys.stdin.readline().rstrip("\r\n")
            made = Added(account_changes.edit(session, user, {"password": text}), None)
        else:
            made = account_changes.reset_password(session, user)
    _tell(made, as_json=as_json)


@group.command("remove")
def remove(context: typer.Context, user: Who, as_json: Json = False) -> None:
    """Remove a user and the user's keys; what the user did stays."""
    with acting(context.obj) as session:
        gone = account_changes.delete(session, user)
    record(gone, as_json=as_json, names=("id", "email"))


@group.command("link")
def link(
    context: typer.Context,
    user: Who,
    subject: Annotated[str, typer.Argument(help="Subject at the OpenID provider; '' unlinks.")],
    as_json: Json = False,
) -> None:
    """Say which subject at the OpenID provider an account belongs to."""
    with acting(context.obj) as session:
        found = accounts.view(session, user)
        oidc.link(session, found.id, subject)
        found = accounts.view(session, found.id)
    record(found, as_json=as_json, names=("id", "email", "subject"))


@group.command("forget-codes")
def forget_codes(context: typer.Context, user: Who, as_json: Json = False) -> None:
    """Take a user's one-time codes away, those on paper too."""
    with acting(context.obj) as session:
        second_factor.remove(session, user)
        found = accounts.view(session, user)
    record(found, as_json=as_json, names=("id", "email"))


def _references(session: Session, org: str | None, role: str | None) -> dict[str, int]:
    given = {}
    if org:
        given["org_id"] = organisations.view(session, org).id
    if role:
        given["role_id"] = roles.view(session, role).id
    return given


def _tell(made: Added, *, as_json: bool) -> None:
    if as_json:
        machine(made)
        return
    facts({"User": made.account.email, "Organisation": made.account.org_name,
           "Role": made.account.role_name, "Password": made.password or "as given"})  # fmt: skip
    if made.password:
        say("The password is not shown again; it must be changed at sign-in.")
