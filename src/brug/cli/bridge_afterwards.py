# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge follow`, `retention`, `hold`, `tell`: what becomes of what crossed."""

from datetime import datetime
from typing import Annotated, Any

import typer

from brug.bridges import partners
from brug.bridges.afterwards import due, ending, holds, reporting, sourced, tracing
from brug.bridges.afterwards.due import Item
from brug.cli.bridge_crossing import As, Because, Event
from brug.cli.node import acting, opened
from brug.cli.output import Json, machine, say, table
from brug.directory.accounts import acting_for_host
from brug.intel.finding import find, uuid_of
from brug.model.naming import is_uuid

Of = Annotated[
    str | None, typer.Option("--bridge", help="Of one bridge: partner's name, number or UUID.")
]


def follow(context: typer.Context, event: Event, as_json: Json = False) -> None:
    """Show what became of an event on each bridge: held, sent, received, opened, recalled, ..."""
    with acting(context.obj) as session:
        uuid = event.lower() if is_uuid(event) else uuid_of(
            session, "event", find(session, "event", event)
        )  # fmt: skip
        found = tracing.of_event(session, uuid)
        # What was deleted here can still be followed, by its UUID.
        if not found:
            find(session, "event", event)
    if as_json:
        machine(found)
        return
    if not found:
        say("It was sent over no bridge, and waits at none.")
        return
    table(
        ("partner", "state", "held", "sent", "received", "opened", "used", "recalled",
         "recall answered", "ended"),
        (
            (
                one.partner, one.state, _at(one.held), _at(one.sent), _at(one.received),
                one.opened or "", "" if one.used is None else one.used, _at(one.recalled),
                _what(one.recall, one.recall_confirmed), _what(one.ended, one.ended_at),
            )
            for one in found
        ),
    )  # fmt: skip


def retention(
    context: typer.Context,
    bridge: Of = None,
    run: Annotated[bool, typer.Option("--run", help="Do now what is due.")] = False,
    as_json: Json = False,
) -> None:
    """List what came and has to go, the next to go first; or do what is due.

    From partners as agreed, from MISP servers and feeds as their records say.
    """
    with opened(context.obj) as database:
        with database.system() as session:
            which = partners.view(session, bridge) if bridge else None
            waiting = [] if run else due.listed(session, which)
            kept = [] if run or which else sourced.listed(session)
        done = ending.end_due(database, which) if run else []
        gone = sourced.end_due(database) if run and which is None else []
    if as_json:
        machine([*done, *gone] if run else [*waiting, *kept])
    elif run:
        table(
            ("from", "event", "done"),
            [
                *((one.partner, one.info or one.event_uuid, one.outcome) for one in done),
                *((_sources(one), one.info or one.event_uuid, "deleted") for one in gone),
            ],
        )
    else:
        table(
            ("from", "event", "came", "goes", "then", "kept by"),
            [
                *((one.partner, one.info or one.event_uuid, _at(one.came), _at(one.goes), one.way,
                   _held(one)) for one in waiting),
                *((_sources(one), one.info or one.event_uuid, _at(one.came), _at(one.goes),
                   "delete", one.kept) for one in kept),
            ],
        )  # fmt: skip


def _sources(item: sourced.Item) -> str:
    return ", ".join(item.sources)


def hold(
    context: typer.Context, event: Event, because: Because, who: As = None, as_json: Json = False
) -> None:
    """Keep an event for a legal reason, whatever retention or a partner asks for."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            placed = holds.place(session, event, because)
    if as_json:
        machine(placed)
    else:
        say(f"Kept until the hold is lifted: {placed.info} ({placed.event_uuid})")


def unhold(context: typer.Context, event: Event, who: As = None) -> None:
    """End a legal hold: what should have gone goes, and recalls wait for a person again."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            holds.lift(session, event)
    say("The hold is lifted.")


def show_held(context: typer.Context, as_json: Json = False) -> None:
    """List legal holds, the oldest first."""
    with acting(context.obj) as session:
        found = holds.listed(session)
    if as_json:
        machine(found)
        return
    table(
        ("event", "info", "because", "since"),
        ((one.event_uuid, one.info, one.because, _at(one.placed)) for one in found),
    )


def tell(context: typer.Context, bridge: Of = None, as_json: Json = False) -> None:
    """Tell partners now what the agreement lets them know, which otherwise goes once a day."""
    with opened(context.obj) as database:
        with database.system() as session:
            which = partners.view(session, bridge) if bridge else None
        told = reporting.report(database, which, today=True)
    if as_json:
        machine(told)
        return
    table(("partner", "opened", "used"), ((one.partner, one.opened, one.used) for one in told))


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _what(outcome: str | None, moment: datetime | None) -> str:
    return f"{outcome} {_at(moment)}".strip() if outcome else ""


def _held(item: Item) -> str:
    return "for a legal reason" if item.held else ""


VERBS: dict[str, Any] = {
    "follow": follow, "retention": retention, "hold": hold, "unhold": unhold, "holds": show_held,
    "tell": tell,
}  # fmt: skip
