# SPDX-License-Identifier: EUPL-1.2
"""The command line: its verbs, and the one place that turns errors into exit codes.

Exit 0 done, 1 refused or failed, 2 wrong usage or input, 130 interrupted. What a verb
answers goes to stdout; progress, remarks and errors go to stderr.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from brug import __version__
from brug.cli import groups, keys, organisations, settings, users
from brug.cli.demo.command import demo
from brug.cli.doctor import doctor
from brug.cli.explaining import explain
from brug.cli.exporting import export
from brug.cli.importing import import_
from brug.cli.initialising import initialise
from brug.cli.keeping import back_up, bring_back, upgrade
from brug.cli.output import say
from brug.cli.searching import search
from brug.cli.serving import serve
from brug.cli.showing import show
from brug.model.errors import BrugError
from brug.store.home import Home, default_home

app = typer.Typer(
    name="brug",
    help="Share threat information and work cases together, across borders, under control.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"brug {__version__}")
        raise typer.Exit


@app.callback()
def settle(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            help="The node's folder; $BRUG_HOME or the platform's data folder if not given."
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """What holds for every verb."""
    context.obj = Home(home or default_home())


app.command("init")(initialise)
app.command("serve")(serve)
app.command("import")(import_)
app.command("search")(search)
app.command("show")(show)
app.command("export")(export)
app.command("explain")(explain)
app.command("demo")(demo)
app.command("backup")(back_up)
app.command("restore")(bring_back)
app.command("upgrade")(upgrade)
app.command("doctor")(doctor)
for name, group in (
    ("user", users.group),
    ("org", organisations.group),
    ("role", organisations.role_group),
    ("key", keys.group),
    ("group", groups.group),
    ("settings", settings.group),
):
    app.add_typer(group, name=name)


def main(arguments: list[str] | None = None) -> None:
    """Runs one verb and exits."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """The exit code of one verb; the border of everything that a command does."""
    try:
        app(arguments, prog_name="brug", standalone_mode=True)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BrugError as error:
        say(f"brug: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the border: nothing above would say it in words
        say(f"brug: {type(error).__name__}: {error}")
        if "BRUG_TRACE" in os.environ:
            traceback.print_exc()
        return 1
    return 0
