# SPDX-License-Identifier: EUPL-1.2
"""`brug init`: a node from nothing.

The steps can be repeated: what an interrupted run left behind is taken up. Only the last
one tells credentials, and only once; a node that exists is left as it is.
"""

import os
import sys
from typing import Annotated

import psycopg
import typer

from brug.cli.node import patiently
from brug.cli.output import Json, facts, machine, progress, say
from brug.directory import node as nodes
from brug.intel.vocabulary.install import install
from brug.store.home import Home, NodeFile
from brug.store.reaching import VARIABLE, Reached, reached
from brug.store.server import EmbeddedServer
from brug.store.session import Database


def initialise(
    context: typer.Context,
    org: Annotated[str, typer.Option(help="Name of the organisation that runs the node.")],
    email: Annotated[str, typer.Option(help="E-mail address of its first user, a site admin.")],
    url: Annotated[str, typer.Option(help="Public address of the node.")] = "http://127.0.0.1:8080",
    private_drafts: Annotated[
        bool | None,
        typer.Option(
            "--private-drafts/--shared-drafts",
            help="Whether unpublished events are for their organisation alone (asked for if"
            " a person runs it; shared, as in MISP, otherwise).",
        ),
    ] = None,
    server_user: Annotated[
        str, typer.Option(help="Account that runs the database where Brug is started as root.")
    ] = NodeFile().server_user,
    as_json: Json = False,
) -> None:
    """Create the node: folder, database, vocabularies, first user. Tells the credentials once."""
    nodes.check(org, email, url)
    # A third of a second to load, which no other verb needs.
    from brug.store.migrations import migrate  # noqa: PLC0415

    home: Home = context.obj
    home.create(NodeFile(server_user=server_user))
    if VARIABLE not in os.environ:
        EmbeddedServer(home).initialise()
    with reached(home, patiently()) as found:
        found.bootstrap()
        migrate(found.dsn("brug_owner"))
        with Database(found.dsn(), size=2, keys=home.keys) as database:
            with database.system() as session:
                nodes.require_new(session)
            if private_drafts is None:
                private_drafts = _asked(quiet=as_json)
            _install_vocabularies(found)
            with database.system() as session:
                made = nodes.create_node(session, org, email, url, drafts_private=private_drafts)
    if as_json:
        shown = ("url", "email", "password", "api_key", "organisation_uuid")
        machine({name: getattr(made, name) for name in shown})
        return
    facts(
        {
            "Address": made.url,
            "User": made.email,
            "Password": made.password,
            "API key": made.api_key,
            "Organisation": f"{made.organisation} ({made.organisation_uuid})",
        }
    )
    say("Keep these: they are not shown again. `brug serve` starts the node.")


def _asked(*, quiet: bool) -> bool:
    """Asks a person; machines get MISP's default."""
    if quiet or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(
        "Keep unpublished events to the organisation that writes them?", default=False, err=True
    )


def _install_vocabularies(found: Reached) -> None:
    with (
        psycopg.connect(found.dsn("brug_owner"), autocommit=True) as connection,
        progress("Vocabularies") as told,
    ):
        install(connection, told)
