# SPDX-License-Identifier: EUPL-1.2
"""`brug mail key ...`: the OpenPGP keys that people encrypt mail for cases to."""

from typing import Annotated

import msgspec
import typer

from brug.cli.node import acting
from brug.cli.output import Json, facts, machine, records
from brug.directory import mail_keys
from brug.directory.mail_keys import Key

keys = typer.Typer(
    help="Keys that people encrypt mail for cases to: list, make anew, destroy.",
    no_args_is_help=True,
)


@keys.command("list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the keys; the current one is made by itself once mail is taken in."""
    with acting(context.obj) as session:
        found = mail_keys.listed(session)
    columns = ("fingerprint", "addresses", "made", "expires", "opens", "is_current")
    records(found, columns, as_json=as_json)


@keys.command("new")
def new(context: typer.Context, as_json: Json = False) -> None:
    """Make a new key; those before it still open what comes late."""
    with acting(context.obj) as session:
        _told(mail_keys.replace(session), as_json=as_json)


@keys.command("destroy")
def destroy(
    context: typer.Context,
    fingerprint: Annotated[str, typer.Argument(help="`brug mail key list` tells it.")],
    as_json: Json = False,
) -> None:
    """Destroy an old key's secret: what is encrypted to it opens no more."""
    with acting(context.obj) as session:
        _told(mail_keys.destroy(session, fingerprint), as_json=as_json)


def _told(key: Key, *, as_json: bool) -> None:
    if as_json:
        machine(key)
    else:
        facts(msgspec.to_builtins(key))
