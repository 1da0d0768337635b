# SPDX-License-Identifier: EUPL-1.2
"""`brug advisory source`: where advisories of others come from by themselves."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.cases.catalogue import refusing, settling, taking
from brug.cases.catalogue.sources import records, working
from brug.cases.catalogue.sources.fetching import Outcome
from brug.cases.catalogue.sources.records import Given, Source
from brug.cases.catalogue.taking import Came, Origin
from brug.cli.advisory_catalogue import Audiences, For, Group
from brug.cli.advisory_group import group
from brug.cli.files import text
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, say, table
from brug.model.errors import BrugError
from brug.store.session import Database, Session

sources = typer.Typer(help="Sources of advisories of others.", no_args_is_help=True)
group.add_typer(sources, name="source")

Which = Annotated[str, typer.Argument(help="Source: id or name.")]


def _shown(one: Source) -> dict[str, Any]:
    """A source without its keys' armour; what is sealed stays sealed."""
    told: dict[str, Any] = msgspec.to_builtins(one)
    told["keys"] = [key["fingerprint"] for key in one.keys]
    return told | {"audience": one.audience}


@sources.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call it.")],
    url: Annotated[
        str,
        typer.Argument(help="Domain or metadata of a provider; address of a feed or folder."),
    ],
    kind: Annotated[str, typer.Option(help="provider, rolie or directory.")] = "provider",
    audience: For = Audiences.community,
    sharing_group: Group = "",
    every: Annotated[int, typer.Option(help="Minutes between two times; 0: when asked.")] = 60,
    headers: Annotated[
        Path | None, typer.Option(help="File with headers for its own host, one a line; sealed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a source; it is fetched while the node is served, or by `fetch`."""
    lines = "" if headers is None else text(headers, "--headers")
    given = Given(
        name=name, url=url, kind=kind, audience=audience.value, group=sharing_group,
        every_minutes=every, headers=lines,
    )  # fmt: skip
    with acting(context.obj) as session:
        made = records.add(session, given)
    if as_json:
        machine(_shown(made))
    else:
        facts({"id": made.id, "name": made.name, "kind": made.kind, "url": made.url})


@sources.command("list")
def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the sources and how they stand."""
    with acting(context.obj) as session:
        found, kept = records.listed(session), refusing.counts(session)
    if as_json:
        machine([_shown(one) | {"refusals": kept.get(one.id, 0)} for one in found])
        return
    table(
        ("id", "name", "kind", "url", "state", "minutes", "for", "fetched", "refused", "problem"),
        (
            (one.id, one.name, one.kind, one.url, "on" if one.enabled else "paused",
             one.every_minutes or "", one.audience, str(one.succeeded or "")[:16],
             kept.get(one.id, 0), _problem(one))
            for one in found
        ),
    )  # fmt: skip


def _problem(one: Source) -> str:
    if one.is_failing:
        return one.reason
    problems = one.outcome.get("problems") or []
    return str(problems[0]) if problems else ""


@sources.command("fetch")
def fetch(
    context: typer.Context,
    several: Annotated[
        list[str] | None, typer.Argument(help="Ids or names; all that are on if none is given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in what is new at sources; ends with 1 if one failed."""
    told: list[dict[str, Any]] = []
    with opened(context.obj) as database:
        for one in _chosen(database, several):
            try:
                done = working.run_now(database, one)
            except BrugError as error:
                told.append({"name": one.name, "failed": str(error)})
                say(f"{one.name}: failed: {error}")
                continue
            told.append({"name": one.name, **msgspec.to_builtins(done)})
            if not as_json:
                _tell(one, done)
    if as_json:
        machine(told)
    if any("failed" in one for one in told):
        raise typer.Exit(1)


def _chosen(database: Database, several: list[str] | None) -> list[Source]:
    with database.system() as session:
        if several:
            return [records.find(session, one) for one in several]
        return [one for one in records.listed(session) if one.enabled]


def _tell(one: Source, done: Outcome) -> None:
    say(
        f"{one.name}: {done.added} added, {done.replaced} replaced, {done.unchanged} unchanged,"
        f" {done.refused} refused, {done.verified} with a signature that was verified"
    )
    for problem in done.problems:
        say(f"{one.name}: {problem}")


@sources.command("pause")
def pause(context: typer.Context, which: Which) -> None:
    """Fetch a source no more by itself; what it brought stays."""
    with acting(context.obj) as session:
        records.pause(session, records.find(session, which), paused=True)


@sources.command("resume")
def resume(context: typer.Context, which: Which) -> None:
    """Fetch a paused source again."""
    with acting(context.obj) as session:
        records.pause(session, records.find(session, which), paused=False)


@sources.command("remove")
def remove(context: typer.Context, which: Which) -> None:
    """Remove a source; its advisories stay."""
    with acting(context.obj) as session:
        records.remove(session, records.find(session, which))


@sources.command("refusals")
def refusals(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="Source: id or name; all, and files, if none.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: Json = False,
) -> None:
    """List documents that did not fit, and why; they are kept."""
    with acting(context.obj) as session:
        source = records.find(session, which).id if which else None
        found = refusing.listed(session, source, limit)
    if as_json:
        machine(found)
        return
    table(
        ("id", "source", "place", "reason", "last seen"),
        ((r.id, r.source or "file", r.place, r.reason, str(r.last_seen)[:16]) for r in found),
    )


@sources.command("replay")
def replay(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="Source: id or name; files, if none.")] = "",
    as_json: Json = False,
) -> None:
    """Try again what was refused: of a source it is fetched anew, of files read as it was kept."""
    with opened(context.obj) as database:
        if which:
            with database.system() as session:
                source = records.find(session, which)
                before = refusing.counts(session).get(source.id, 0)
                records.forget_copies(session, source)
            working.run_now(database, source)
        else:
            with database.system() as session:
                source, before = None, refusing.counts(session).get(None, 0)
                _files_again(session)
            settling.settle(database)
        with database.system() as session:
            left = refusing.counts(session).get(source.id if source else None, 0)
    told = {"tried": before, "left": left}
    if as_json:
        machine(told)
    else:
        facts(told)
    if left:
        raise typer.Exit(1)


def _files_again(session: Session) -> None:
    for kept, raw, origin in refusing.of_files(session):
        taking.take(session, [Came(kept.place, raw)], Origin(*origin))
