# SPDX-License-Identifier: EUPL-1.2
"""`brug demo`: a node with a fictional campaign, told step by step, then left running.

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
from typing import Annotated, NoReturn

import typer

from brug.cli.demo.campaign import Campaign, load
from brug.cli.demo.running import free_port, initialise, served
from brug.cli.demo.story import tell
from brug.cli.demo.telling import Teller
from brug.cli.demo.world import Account, World
from brug.cli.output import Json, machine
from brug.model.errors import BrugError
from brug.store.home import Home

SITE_ADMIN = "admin"


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 0,
    campaign: Annotated[
        Path | None, typer.Option(help="A folder with another campaign in the same form.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a node at work: a fictional campaign of three organisations, checked as it is told.

    `brug --home DIR demo` keeps the node in DIR; otherwise it goes when you leave.
    """
    told = load(campaign)
    teller = Teller(silent=as_json)
    record = {}
    try:
        with _ended_by_signals(), _home(context) as home, ExitStack() as running:
            world = _begin(teller, home, told, port or free_port(), running)
            running.callback(world.close)
            tell(teller, world)
            record = _record(teller, world)
            if as_json:
                machine(record)
            else:
                _conclude(teller, world)
            if not once and sys.stdout.isatty():
                _wait(teller)
    except BrugError as error:
        if as_json and not record:
            machine({"outcome": "failed", "reason": str(error), "steps": teller.steps})
        raise


def _begin(teller: Teller, home: Home, campaign: Campaign, port: int, running: ExitStack) -> World:
    """Makes the node and has it serve until `running` ends."""
    url = f"http://127.0.0.1:{port}"
    host = campaign.organisations[0]
    email = f"{SITE_ADMIN}@{host.people[0].email.partition('@')[2]}"
    with teller.step(
        "A node from nothing",
        "One folder with a PostgreSQL of its own, and the vocabularies that the field shares.",
    ) as step:
        step.working_on("brug init: database, tables, vocabularies")
        made = initialise(home, host.name, email, url)
        step.working_on("brug serve")
        running.enter_context(served(home, port))
        step.say(f"It belongs to {host.name} and answers on {url}.")
    admin = Account(host.key, host.name, made.email, SITE_ADMIN, made.password, made.api_key, False)
    return World(campaign, url, admin)


def _record(teller: Teller, world: World) -> dict[str, object]:
    return {
        "outcome": "ok",
        "url": world.url,
        "checks": teller.checks,
        "steps": teller.steps,
        "credentials": world.accounts,
    }


def _conclude(teller: Teller, world: World) -> None:
    teller.say()
    teller.say(f"All {teller.checks} checks hold.", style="bold green")
    teller.say(f"\nPages and interface: {world.url}", style="bold")
    first = sorted(world.accounts, key=lambda account: not account.tries)
    teller.table(("User", "Role", "Password"), [(a.email, a.role, a.password) for a in first])
    teller.say("\nKeys for tools", style="bold")
    for account in first:
        if account.tries:
            teller.say(f"  {account.api_key}  {account.email}")


def _wait(teller: Teller) -> None:
    try:
        teller.say("\nThe node runs until you press Ctrl-C.")
        while True:
            signal.pause()
    except KeyboardInterrupt:
        teller.say("Stopping.")


@contextmanager
def _home(context: typer.Context) -> Iterator[Home]:
    """The folder that --home names, which stays, or one that goes; never the default one."""
    above = context.parent.params if context.parent else {}
    if above.get("home"):
        yield Home(above["home"])
        return
    folder = Path(tempfile.mkdtemp(prefix="brug-demo-"))
    try:
        if os.geteuid() == 0:
            # The account that runs the database has to pass through, no more.
            folder.chmod(0o711)
        yield Home(folder / "node")
    finally:
        shutil.rmtree(folder)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Being told to end, or losing the terminal, is as Ctrl-C: what runs is stopped first."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    # A shell that starts it in the background leaves SIGINT ignored.
    told = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, leave) for number in told}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
