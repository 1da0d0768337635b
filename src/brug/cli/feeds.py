# SPDX-License-Identifier: EUPL-1.2
"""`brug feed`: feeds of others, and how they stand. What this node publishes: `published_feeds`."""

from typing import Annotated, Any

import msgspec
import typer

from brug.bridges.feeds import replaying, working
from brug.bridges.feeds.fetching import Outcome
from brug.cli import kept_for, published_feeds
from brug.cli.kept_for import Days
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, say, table
from brug.intel.feed import caches, feed_jobs, feeds, refusing
from brug.intel.feed.feed_jobs import Action
from brug.intel.feed.feeds import Feed
from brug.intel.search.indexing import index_pending
from brug.model.errors import BrugError
from brug.store.session import Database

group = typer.Typer(help="Feeds: fetch, compare, replay, publish.", no_args_is_help=True)
published_feeds.add_to(group)

Which = Annotated[str, typer.Argument(help="Feed: id or name.")]
Several = Annotated[
    list[str] | None, typer.Argument(help="Feeds: ids or names; all that are on if none is given.")
]


def _shown(feed: Feed, jobs: dict[tuple[int, str], feed_jobs.Job], kept: int) -> dict[str, Any]:
    """A feed and how it stands; what is sealed stays sealed."""
    made = msgspec.structs.asdict(feed)
    made.pop("sealed_headers")
    for action in feed_jobs.ACTIONS:
        job = jobs.get((feed.id, action))
        made[action] = None if job is None else {
            name: value for name, value in msgspec.structs.asdict(job).items()
            if name in {"due", "succeeded", "failed", "failures", "reason", "outcome"}
        }  # fmt: skip
    return made | {"refusals": kept}


@group.command("list")
def show_all(context: typer.Context, as_json: Json = False) -> None:
    """List the feeds that the node knows, and how they stand."""
    with acting(context.obj) as session:
        found, jobs = feeds.listed(session), feed_jobs.listed(session)
        kept = refusing.counts(session)
    if as_json:
        machine([_shown(one, jobs, kept.get(one.id, 0)) for one in found])
        return
    rows = []
    for one in found:
        job = jobs.get((one.id, "fetch"))
        last = str(job.succeeded)[:16] if job and job.succeeded else ""
        said = job.reason if job and job.is_failing else ""
        rows.append(
            (one.id, one.name, one.source_format, "on" if one.enabled else "off",
             one.every_minutes or "", last, kept.get(one.id, 0), said)
        )  # fmt: skip
    table(("id", "name", "format", "state", "minutes", "fetched", "refused", "failing"), rows)


def _chosen(database: Database, several: list[str] | None, flag: str) -> list[tuple[Feed, int]]:
    """The feeds that are named, or all that are on; each with the account that it works as."""
    with database.system() as session:
        if several:
            found = [feeds.named(session, one) for one in several]
        else:
            found = [one for one in feeds.listed(session) if getattr(one, flag)]
        return [(one, working.account_of(session, one.id)) for one in found]


def _run(context: typer.Context, several: list[str] | None, action: Action, as_json: bool) -> None:
    """Does it for each, one failing costs no other; exit code 1 where one failed."""
    told: list[dict[str, Any]] = []
    with opened(context.obj) as database:
        flag = "enabled" if action == "fetch" else "caching_enabled"
        for feed, account in _chosen(database, several, flag):
            entered = working.as_account(database, account)
            try:
                done = working.run_now(entered, feed.id, action)
            except BrugError as error:
                told.append({"id": feed.id, "name": feed.name, "failed": str(error)})
                say(f"{feed.name}: failed: {error}")
                continue
            told.append({"id": feed.id, "name": feed.name, **msgspec.to_builtins(done)})
            if not as_json:
                say(f"{feed.name}: {_line(done, action)}")
        index_pending(database)
    if as_json:
        machine(told)
    if any("failed" in one for one in told):
        raise typer.Exit(1)


def _line(done: Outcome, action: Action) -> str:
    if not done.changed:
        return "nothing new"
    if action == "cache":
        return f"{done.values} values kept to compare with"
    return (
        f"{done.added} events added, {done.updated} updated, {done.values} values added,"
        f" {done.removed} taken back, {done.refused} refused"
    )


@group.command("retention")
def retention(
    context: typer.Context, feed: Which, days: Days = None, as_json: Json = False
) -> None:
    """Show or set for how long events that came from a feed are kept."""
    with acting(context.obj) as session:
        found = feeds.named(session, feed)
        if days is not None:
            found = feeds.edit(session, found.id, {"retention_days": days})
    kept_for.tell("feed", found.name, found.retention_days, as_json=as_json)


@group.command("fetch")
def fetch(context: typer.Context, several: Several = None, as_json: Json = False) -> None:
    """Take in what feeds hold."""
    _run(context, several, "fetch", as_json)


@group.command("cache")
def cache(context: typer.Context, several: Several = None, as_json: Json = False) -> None:
    """Keep what feeds hold, to compare with, without taking it in."""
    _run(context, several, "cache", as_json)


@group.command("compare")
def compare(context: typer.Context, as_json: Json = False) -> None:
    """Compare cached feeds with each other and with what this node holds."""
    with acting(context.obj) as session:
        found = caches.compared(session)
    if as_json:
        machine(
            [
                {"id": one.feed.id, "name": one.feed.name, "values": one.values,
                 "held_here": one.here, "shared": {str(i): n for i, n in one.shared.items()}}
                for one in found
            ]
        )  # fmt: skip
        return
    columns = ("feed", "values", "held here", *(f"in {one.feed.name}" for one in found))
    rows = [
        (one.feed.name, one.values, _share(one.here, one.values),
         *("" if o is one else _share(one.shared.get(o.feed.id, 0), one.values) for o in found))
        for one in found
    ]  # fmt: skip
    table(columns, rows)


def _share(part: int, whole: int) -> str:
    return f"{part} ({round(100 * part / whole) if whole else 0} %)"


@group.command("refusals")
def refusals(
    context: typer.Context,
    which: Which,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: Json = False,
) -> None:
    """List what of a feed did not fit, and why."""
    with acting(context.obj) as session:
        found = refusing.listed(session, feeds.named(session, which).id, limit)
    if as_json:
        machine(found)
        return
    table(
        ("id", "what", "place", "reason", "item", "last seen"),
        ((r.id, r.kind, r.place, r.reason, r.item[:60], str(r.last_seen)[:16]) for r in found),
    )


@group.command("replay")
def replay(
    context: typer.Context,
    which: Which,
    refusal: Annotated[int | None, typer.Option(help="One refusal alone, by its id.")] = None,
    as_json: Json = False,
) -> None:
    """Try again what of a feed was refused."""
    with opened(context.obj) as database:
        with database.system() as session:
            feed = feeds.named(session, which)
            account = working.account_of(session, feed.id)
        told = replaying.replay(working.as_account(database, account), feed.id, refusal)
        index_pending(database)
    if as_json:
        machine({"tried": told.tried, "fit": told.fit, "left": told.left})
    else:
        facts({"tried": told.tried, "fit by now": told.fit, "left": told.left})
    if told.left:
        raise typer.Exit(1)
