# SPDX-License-Identifier: EUPL-1.2
"""The command line: its verbs, and the one place that turns errors into exit codes.

Exit 0 done, 1 refused or failed, 2 wrong usage or input, 130 interrupted. What a verb
answers goes to stdout; progress, remarks and errors go to stderr.
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from brug import __version__
from brug.cli.output import say
from brug.model.errors import BrugError
from brug.store.home import Home, default_home

# Each verb and what it runs: a function, or a group with verbs of its own.
VERBS = {
    "init": "initialising:initialise",
    "serve": "serving:serve",
    "import": "importing:import_",
    "search": "searching:search",
    "show": "showing:show",
    "export": "exporting:export",
    "explain": "explaining:explain",
    "advisory": "advisory:group",
    "demo": "demo.command:demo",
    "backup": "keeping:back_up",
    "restore": "keeping:bring_back",
    "upgrade": "keeping:upgrade",
    "doctor": "doctor:doctor",
    "user": "users:group",
    "org": "organisations:group",
    "bridge": "bridge:group",
    "case": "case:group",
    "mail": "mail:group",
    "role": "roles:group",
    "key": "keys:group",
    "group": "groups:group",
    "ledger": "ledger:group",
    "clocks": "clocks:group",
    "feed": "feeds:group",
    "server": "servers:group",
    "settings": "settings:group",
}


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"brug {__version__}")
        raise typer.Exit


def _settle(
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


def application(verbs: Iterable[str] = VERBS) -> typer.Typer:
    """The command line with some of its verbs: only their modules are loaded."""
    app = typer.Typer(
        name="brug",
        help="Share threat information and work cases together, across borders, under control.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_settle)
    for verb in verbs:
        module, _, name = VERBS[verb].partition(":")
        found = getattr(import_module(f"brug.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=verb)
        else:
            app.command(verb)(found)
    return app


def _asked(arguments: Sequence[str]) -> Iterable[str]:
    """The verbs that may be meant; all of them where none is named, or help on what there is."""
    first = next((place for place, one in enumerate(arguments) if one in VERBS), None)
    if first is None or "--help" in arguments[:first]:
        return VERBS
    return [verb for verb in VERBS if verb in arguments]


@cache
def _command(verbs: tuple[str, ...]) -> Callable[..., Any]:
    """Made once in a process: what each verb takes is read from its function, which takes long."""
    return typer.main.get_command(application(verbs))


def main(arguments: list[str] | None = None) -> None:
    """Runs one verb and exits."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """The exit code of one verb; the border of everything that a command does."""
    try:
        _command(tuple(_asked(arguments)))(arguments, prog_name="brug", standalone_mode=True)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BrugError as error:
        say(f"brug: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except UnicodeEncodeError as error:  # of an argument that was no text
        say(f"brug: expected text in UTF-8 (got {error.object[:60]!r})")
        return 2
    except Exception as error:  # noqa: BLE001 - the border: nothing above would say it in words
        say(f"brug: {type(error).__name__}: {error}")
        if "BRUG_TRACE" in os.environ:
            traceback.print_exc()
        return 1
    return 0
