# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge keys`: the keys by which partners know this node."""

from datetime import timedelta
from typing import Annotated

import typer

from brug.bridges import identity, partners
from brug.bridges.native import client
from brug.cli.node import acting, opened
from brug.cli.output import Json, machine, say, table
from brug.model.errors import BrugError
from brug.store.session import Database, Session

group = typer.Typer(help="This node's own keys: list, rotate, revoke.", no_args_is_help=True)


@group.command("list")
def show_all(context: typer.Context, as_json: Json = False) -> None:
    """List the keys of this node."""
    with acting(context.obj) as session:
        _show(session, as_json=as_json)


@group.command("rotate")
def rotate(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=365, help="How long the old one holds.")] = 30,
    as_json: Json = False,
) -> None:
    """Sign with a new key from now on, and tell the partners of it."""
    with opened(context.obj) as database:
        with database.system() as session:
            identity.rotate(session, timedelta(days=days))
        _tell(database)
        with database.system() as session:
            _show(session, as_json=as_json)


@group.command("revoke")
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Id of the key.")],
    as_json: Json = False,
) -> None:
    """Revoke a key that may be in other hands; who knew no other has to be connected anew."""
    with opened(context.obj) as database:
        with database.system() as session:
            identity.revoke(session, key)
        _tell(database)
        with database.system() as session:
            _show(session, as_json=as_json)


def _tell(database: Database) -> None:
    """Each partner by itself: one that does not answer is told with the next message."""
    with database.system() as session:
        found = partners.listed(session)
    for bridge in found:
        if bridge.transport != "native" or bridge.state not in {"open", "paused"}:
            continue
        try:
            client.tell_keys(database, bridge)
            say(f"{bridge.partner}: told")
        except BrugError as error:
            say(f"{bridge.partner}: {error}")


def _show(session: Session, *, as_json: bool) -> None:
    keys = identity.public_keys(session)
    if as_json:
        machine([identity.as_document(key) for key in keys])
        return
    table(
        ("key", "from", "until", "revoked"),
        ((one.key_id, one.valid_from, one.valid_until, one.revoked) for one in keys),
    )
