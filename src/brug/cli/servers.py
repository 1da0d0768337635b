# SPDX-License-Identifier: EUPL-1.2
"""`brug server`: other servers: how it stands with them, pull, push.

A pull or push is done at once and told as it ends, unless the node that is served already
works for that server; then it waits its turn there.
"""

import time
from typing import Annotated, Any

import typer

from brug.bridges.afterwards import sourced
from brug.bridges.misp import governing, previewing, pulling, pushing, report, runs, standing
from brug.bridges.misp.runs import Kind, Run
from brug.bridges.misp.working import work
from brug.cli import kept_for, server_records
from brug.cli.kept_for import Days
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, say, table
from brug.cli.server_records import Which, word
from brug.directory import servers
from brug.model.errors import BrugError
from brug.store.session import Database

group = typer.Typer(
    help="Servers that events are exchanged with: list, add, test, pull, push, preview.",
    no_args_is_help=True,
)
for _name, _verb in server_records.VERBS.items():
    group.command(_name)(_verb)

PAUSE = 0.5
_COLUMNS = ("id", "name", "url", "pull", "push", "last pull", "last push", "waiting", "failures")


class RunFailed(BrugError):
    """The run ended without having been carried out."""

    code = "run_failed"


@group.command("list")
def show_all(context: typer.Context, as_json: Json = False) -> None:
    """List servers, and how it stands with each."""
    with acting(context.obj) as session:
        found = [(one, standing.standing(session, one.id)) for one in servers.listed(session)]
    if as_json:
        machine([{"server": one, "standing": stands} for one, stands in found])
        return
    table(
        _COLUMNS,
        [
            (
                one.id, one.name, one.url, word(one.pull), word(one.push), stands.last_pull,
                stands.last_push, stands.waiting, stands.failures,
            )
            for one, stands in found
        ],
    )  # fmt: skip


@group.command("retention")
def retention(
    context: typer.Context, server: Which, days: Days = None, as_json: Json = False
) -> None:
    """Show or set for how long events that came from a server are kept."""
    with acting(context.obj) as session:
        found = servers.view(session, server)
        if days is not None:
            sourced.set_of_server(session, found.id, days)
        kept = sourced.of_server(session, found.id)
    kept_for.tell("server", found.name, kept, as_json=as_json)


@group.command("pull")
def pull(
    context: typer.Context,
    server: Which,
    what: Annotated[
        str,
        typer.Argument(help="full, update, pull_relevant_clusters, or an event's id or UUID there"),
    ] = "full",
    as_json: Json = False,
) -> None:
    """Take in what a server has."""
    technique = pulling.check(what)
    with opened(context.obj) as database:
        _tell(_done(database, server, "pull", technique), as_json=as_json)


@group.command("push")
def push(
    context: typer.Context,
    server: Which,
    what: Annotated[
        str, typer.Argument(help="full, incremental, or the id or UUID of an event here")
    ] = "full",
    as_json: Json = False,
) -> None:
    """Send a server what it may get."""
    with opened(context.obj) as database:
        with database.system() as session:
            technique = pushing.technique_of(session, what)
        _tell(_done(database, server, "push", technique), as_json=as_json)


@group.command("preview")
def preview(
    context: typer.Context,
    server: Which,
    event: Annotated[str, typer.Argument(help="Id or UUID of one event there.")] = "",
    page: Annotated[int, typer.Option(min=1, help="Which page of the list.")] = 1,
    as_json: Json = False,
) -> None:
    """Look at what a server has, without taking it in."""
    with acting(context.obj) as session:
        found = servers.view(session, server)
        if event:
            machine({"Event": previewing.event(session, found, event)})
            return
        several, total = previewing.index(session, found, {"page": str(page)})
    if as_json:
        machine(several)
        return
    names = ("uuid", "date", "attribute_count", "published", "info")
    table(names, [[one.get(name) for name in names] for one in several])
    say(f"{len(several)} of {total} events")


@group.command("govern")
def govern(context: typer.Context, server: Which) -> None:
    """Put a server under an agreement: from now on what is pushed passes the gate."""
    with acting(context.obj) as session:
        bridge = governing.govern(session, servers.view(session, server))
    facts({"Bridge": bridge.id, "Partner": bridge.partner, "Organisation": bridge.org_name})
    say("Nothing goes to it until an agreement is in force: brug bridge agreement.")


def _done(database: Database, reference: str, kind: Kind, technique: str) -> Run:
    with database.system() as session:
        found = servers.view(session, reference)
        number = runs.queue(session, found.id, kind, technique)
    while True:
        with database.system() as session:
            taken = runs.take(session, number)
        if taken is not None:
            work(database, taken)
        with database.system() as session:
            run = runs.view(session, number)
        if run.state in {"done", "failed"}:
            return run
        time.sleep(PAUSE)


def _tell(run: Run, *, as_json: bool) -> None:
    if as_json:
        machine(run)
    else:
        message: Any = report.pull_message if run.kind == "pull" else report.push_message
        say(message(run.counts))
        if run.failures:
            rows = [(one.item, one.uuid, one.reason) for one in run.failures]
            table(("failed", "uuid", "reason"), rows)
        if run.losses:
            lost = [(one.what, one.count, one.reason) for one in run.losses]
            table(("not carried", "count", "reason"), lost)
    if run.state == "failed":
        raise RunFailed(f"run {run.id}: {run.problem}")
    # Of everything some may fail; whoever asked for one event did not get it.
    if run.failures and (run.technique.startswith("event ") or pulling.is_chosen(run.technique)):
        raise RunFailed(f"run {run.id}: {run.failures[0].reason}")
