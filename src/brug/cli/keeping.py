# SPDX-License-Identifier: EUPL-1.2
"""`brug backup`, `brug restore`, `brug upgrade`: keeping a node over the years."""

import os
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from brug import __version__
from brug.cli.node import require_schema
from brug.cli.output import Json, facts, machine, progress, say
from brug.intel.vocabulary.install import install
from brug.model.errors import Invalid
from brug.store import binaries, cluster
from brug.store.backup import backup, restore
from brug.store.home import Home
from brug.store.reaching import VARIABLE, reached
from brug.store.revision import revision_of
from brug.store.upgrade_major import upgrade_major


def back_up(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
    recipient: Annotated[
        list[str] | None,
        typer.Option(help="age public key to encrypt to; may be given more than once."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the whole node to one file, while it runs."""
    if file.exists():
        raise Invalid("FILE", "a file that does not exist yet", str(file))
    backup(context.obj, file, recipient or (), say)
    answer = {
        "file": str(file.absolute()),
        "bytes": file.stat().st_size,
        "encrypted": bool(recipient),
    }
    machine(answer) if as_json else facts(answer)


def bring_back(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A backup.")],
    identity: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="File with an age secret key."),
    ] = None,
    server_user: Annotated[
        str | None,
        typer.Option(help="Account that runs the database where Brug is started as root."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a node of a backup, in a folder that is empty or absent."""
    home: Home = context.obj
    keys = [key for path in identity or () for key in _keys_in(path)]
    manifest = restore(home, file, keys, server_user, say)
    answer = {
        "home": str(home.path),
        "made": manifest.made.isoformat(),
        "by": f"brug {manifest.brug}",
    }
    machine(answer) if as_json else facts(answer)
    say("`brug upgrade` brings an older backup to this version; `brug doctor` checks it.")


def _keys_in(path: Path) -> list[str]:
    """The secret keys of a file as age-keygen writes it."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _of_another_major(home: Home) -> bool:
    """Whether another PostgreSQL wrote the data, or an upgrade from one was interrupted."""
    return cluster.version(home.data) != str(binaries.wheel_major())


def _migrate(owner_dsn: str) -> None:
    # A third of a second to load, which no other verb needs.
    from brug.store.migrations import migrate  # noqa: PLC0415

    migrate(owner_dsn)


def upgrade(
    context: typer.Context,
    old_binaries: Annotated[
        Path | None,
        typer.Option(
            help="Installation prefix of the PostgreSQL that wrote the data, where the node"
            " keeps no copy of it."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring the node's database, schema and vocabularies to this version."""
    home: Home = context.obj
    kept = None
    if VARIABLE not in os.environ and (old_binaries or _of_another_major(home)):
        kept = upgrade_major(home, old_binaries, say)
    with reached(home, say) as found:
        found.bootstrap()
        before = revision_of(found.dsn("brug_owner"))
        if before.is_other_build:
            require_schema(before)
        _migrate(found.dsn("brug_owner"))
        after = revision_of(found.dsn("brug_owner"))
        with (
            psycopg.connect(found.dsn("brug_owner"), autocommit=True) as connection,
            progress("Vocabularies") as told,
        ):
            changed = install(connection, told)
    answer = {
        "version": __version__,
        "schema_before": before.found,
        "schema": after.found,
        "old_data": str(kept) if kept else None,
        "vocabularies_changed": sum(getattr(changed, n) for n in changed.__struct_fields__),
    }
    machine(answer) if as_json else facts(answer)
