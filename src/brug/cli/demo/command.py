# SPDX-License-Identifier: EUPL-1.2
"""`brug demo`: a story told by nodes that really run, which are then left running.

Everything runs on loopback and in one folder, which is removed at the end unless `--home`
named it. Where nobody looks (no terminal, `--once`), it ends after the story.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Literal, NoReturn, Protocol

import typer

from brug.cli.demo import alone
from brug.cli.demo.bridges import story as bridges
from brug.cli.demo.running import embedded
from brug.cli.output import Json, machine
from brug.model.errors import BrugError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Performance(Protocol):
    """One telling of a story."""

    @property
    def steps(self) -> object:
        """What has been told so far, for machines."""

    def perform(self, folder: Path, port: int, running: ExitStack) -> dict[str, object]:
        """Tells it, in a folder that is new; the record. What runs ends with `running`."""

    def conclude(self, *, stays: bool) -> None:
        """Tells a person how to go on, if anything stays."""

    def say(self, line: str = "", style: str = "") -> None: ...


def demo(
    context: typer.Context,
    story: Annotated[
        Literal["bridges", "campaign"],
        typer.Argument(help="Three nodes and what crosses between them, or one and who sees what."),
    ] = "bridges",
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Of the first node; others follow. 0: any free ones."),
    ] = 0,
    campaign: Annotated[
        Path | None, typer.Option(help="A folder with another campaign in the same form.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show nodes at work: three that share over bridges, or one with a fictional campaign.

    `brug --home DIR demo` keeps the nodes in DIR; otherwise they go when you leave.
    """
    telling: Performance
    if story == "campaign" or campaign is not None:
        telling = alone.Telling(campaign, silent=as_json)
    else:
        telling = bridges.Telling(silent=as_json)
    record: dict[str, object] = {}
    try:
        with (
            _ended_by_signals(),
            _folder(context) as folder,
            embedded(),
            ExitStack() as running,
            _then_undisturbed(),
        ):
            waits = not once and sys.stdout.isatty()
            record = telling.perform(folder, port, running)
            if as_json:
                machine(record)
            else:
                telling.conclude(stays=waits or _is_named(context))
            if waits:
                _wait(telling)
    except BrugError as error:
        if as_json and not record:
            machine({"outcome": "failed", "reason": str(error), "steps": telling.steps})
        raise


def _wait(telling: Performance) -> None:
    try:
        telling.say("\nIt runs until you press Ctrl-C.")
        while True:
            signal.pause()
    except KeyboardInterrupt:
        telling.say("Stopping.")


def _above(context: typer.Context) -> dict[str, Any]:
    """The options that stand before the verb."""
    return context.parent.params if context.parent else {}


def _is_named(context: typer.Context) -> bool:
    return bool(_above(context).get("home"))


@contextmanager
def _folder(context: typer.Context) -> Iterator[Path]:
    """The folder that --home names, which stays, or one that goes; never the default one."""
    if _is_named(context):
        yield Path(_above(context)["home"])
        return
    folder = Path(tempfile.mkdtemp(prefix="brug-demo-"))
    try:
        if os.geteuid() == 0:
            # The account that runs the database has to pass through, no more.
            folder.chmod(0o711)
        yield folder / "node"
    finally:
        shutil.rmtree(folder)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Being told to end, or losing the terminal, is as Ctrl-C: what runs is stopped first."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    # A shell that starts it in the background leaves SIGINT ignored.
    before = {number: signal.signal(number, leave) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _then_undisturbed() -> Iterator[None]:
    """What runs is stopped without being interrupted: a second Ctrl-C would leave some behind."""
    try:
        yield
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
