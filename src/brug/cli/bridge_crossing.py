# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge ...`: what crossed, what is held, what is to be sent again or called back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.bridges import bundle, partners
from brug.bridges.crossing import asking, recalls, rows
from brug.bridges.crossing.rows import Crossing
from brug.bridges.feeds import leaving, waiting_parts
from brug.bridges.feeds.waiting_parts import Waiting
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, record, say, table
from brug.directory.accounts import acting_for_host
from brug.intel import finding
from brug.model.errors import Invalid
from brug.model.naming import is_uuid
from brug.store.session import Session

Number = Annotated[int, typer.Argument(help="Number of the crossing.")]
Bridge = Annotated[str, typer.Argument(help="Bridge: partner's name, number or UUID.")]
Event = Annotated[str, typer.Argument(help="Event: number or UUID.")]
Because = Annotated[str, typer.Option(help="The reason; it is kept.")]
To = Annotated[str, typer.Option("--to", help="Bridge: partner's name, number or UUID.")]
As = Annotated[
    str | None,
    typer.Option("--as", help="Who acts, by e-mail (the first site admin if not given)."),
]


def shown(found: Crossing) -> dict[str, Any]:
    """A crossing for machines."""
    return msgspec.structs.asdict(found) | {"digest": found.digest.hex()}


def tell(found: Crossing, *, as_json: bool) -> None:
    if as_json:
        machine(shown(found))
        return
    facts(
        {
            "crossing": found.id,
            "partner": found.partner,
            "direction": "out" if found.outward else "in",
            "item": f"{found.kind} {found.event_uuid} {found.info}",
            "decided": f"{found.outcome} ({found.passed} pass, {found.redacted} redacted,"
            f" {found.dropped} left out)",
            "state": found.state,
            "held parts": found.waiting_parts,
            "reasons": " ".join(dict.fromkeys(str(one.get("text", "")) for one in found.reasons)),
            "taken back": [
                " ".join(filter(None, (one["kind"], one["uuid"], one.get("name"))))
                for one in found.taken_back
            ],
            "problem": found.problem,
        }
    )


def _uuid(session: Session, event: str) -> str:
    """Of an event by its number, or by its UUID where it is not here any more."""
    if is_uuid(event):
        return event.lower()
    if not event.isdecimal():
        raise Invalid("event", "the number or UUID of an event", event)
    return finding.uuid_of(session, "event", finding.find(session, "event", event))


def crossings(
    context: typer.Context,
    bridge: Annotated[str | None, typer.Option(help="Of one bridge.")] = None,
    event: Annotated[str | None, typer.Option(help="Of one event: number or UUID.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Only what waits for a person.")] = False,
    as_json: Json = False,
) -> None:
    """List what crossed or was kept here, the newest first; with --held also parts that wait beside
    what is in feeds, which have no number.
    """
    in_feeds: list[Waiting] = []
    with acting(context.obj) as session:
        number = partners.view(session, bridge).id if bridge else None
        event = _uuid(session, event) if event else None
        if held:
            found = [one for one in rows.held(session, number) if event in {None, one.event_uuid}]
            several = waiting_parts.listed(session, number)
            in_feeds = [one for one in several if event in {None, one.event_uuid}]
        else:
            found = rows.listed(session, bridge_id=number, event_uuid=event)
    if as_json:
        machine([*(shown(one) for one in found), *map(_in_feeds, in_feeds)])
        return
    table(
        ("number", "partner", "way", "what", "event", "decided", "state", "when"),
        [
            (
                one.id,
                one.partner,
                "out" if one.outward else "in",
                one.kind,
                one.info or one.event_uuid,
                one.outcome,
                one.state,
                f"{one.decided:%Y-%m-%d %H:%M}",
            )
            for one in found
        ]
        + [
            (
                "", one.partner, "out", f"parts: {one.parts}", one.info, "hold", "in feeds",
                f"{one.since:%Y-%m-%d %H:%M}",
            )
            for one in in_feeds
        ],
    )  # fmt: skip


def _in_feeds(one: Waiting) -> dict[str, Any]:
    """In the form of a crossing, which it is none."""
    return {
        "id": None, "bridge_id": one.bridge_id, "partner": one.partner, "outward": True,
        "kind": "event", "event_uuid": one.event_uuid, "event_id": one.event_id, "info": one.info,
        "outcome": "hold", "reasons": one.why, "state": "in feeds", "decided": one.since,
        "waiting_parts": one.parts,
    }  # fmt: skip


@contextmanager
def acting_as(context: typer.Context, who: str | None) -> Iterator[Session]:
    """What a person judges is judged in that person's name, and recorded so."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            yield session


def send(context: typer.Context, event: Event, to: To) -> None:
    """Have an event looked at for a partner now, whatever the bridge's filters say."""
    with acting(context.obj) as session:
        asking.send_now(session, partners.view(session, to), event)
    typer.echo("It is looked at with the next round; the gate decides as for anything else.")


def filters(
    context: typer.Context,
    bridge: Bridge,
    tag: Annotated[list[str] | None, typer.Option(help="Tag that is wanted; !TAG is not.")] = None,
    org: Annotated[
        list[str] | None, typer.Option(help="Creator that is wanted; !NAME is not.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--type", help="Attribute type; !TYPE is not wanted.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Only events changed in so many days.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Everything is wanted.")] = False,
    as_json: Json = False,
) -> None:
    """Show or set what of the events is wanted on a bridge. The gate decides beside it.

    What is given takes the place of all that there was.
    """
    named = {"tags": tag, "orgs": org, "types": kind, "days": days}
    given = {name: value for name, value in named.items() if value is not None}
    if clear and given:
        raise Invalid("--clear", "no filters beside it")
    with acting(context.obj) as session:
        found = partners.view(session, bridge)
        wanted = found.filters
        if given or clear:
            wanted = asking.set_filters(session, found, given)
    if as_json:
        machine(wanted)
        return
    facts(wanted or {"filters": "none: everything is wanted"})


def retry(context: typer.Context, bridge: Bridge) -> None:
    """Try everything of a bridge again now."""
    with acting(context.obj) as session:
        asking.retry(session, partners.view(session, bridge))
    say("Everything is tried now.")


def recall(
    context: typer.Context,
    event: Event,
    because: Because,
    of: Annotated[
        str | None, typer.Option("--from", help="One bridge; all that have it if not given.")
    ] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Ask partners to stop using and delete an event. What was read cannot be unread."""
    with acting_as(context, who) as session:
        from_one = partners.view(session, of) if of else None
        uuid = _uuid(session, event)
        before = _feeds(session, uuid)
        asked = recalls.ask_all(session, uuid, because, from_one)
        left = sorted(before - _feeds(session, uuid))
    if as_json:
        machine([shown(one) for one in asked])
        return
    table(("number", "partner", "event"), ((one.id, one.partner, one.event_uuid) for one in asked))
    for name in left:
        typer.echo(f"It left the feed {name}; its folders follow while the node is served.")


def _feeds(session: Session, event_uuid: str) -> set[str]:
    with session.as_system():
        return set(leaving.holding_it(session, event_uuid))


def recalled(context: typer.Context, as_json: Json = False) -> None:
    """List recalls of partners that wait for a person."""
    with acting(context.obj) as session:
        found = recalls.asked(session)
    if as_json:
        machine(found)
        return
    table(
        ("number", "partner", "event", "because", "came"),
        ((r.id, r.partner, r.info or r.event_uuid, r.because, f"{r.came:%Y-%m-%d %H:%M}")
         for r in found),
    )  # fmt: skip


def answer(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Number of the recall.")],
    because: Because,
    who: As = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep it for a legal reason; it leaves the sensors.")
    ] = False,
) -> None:
    """Delete what a partner recalled, or keep it and say so."""
    with acting_as(context, who) as session:
        typer.echo(recalls.follow(session, number, keep=keep, because=because))


def pack_bundle(
    context: typer.Context,
    bridge: Bridge,
    out: Annotated[Path, typer.Option(help="File to write; it must not be there yet.")],
    as_json: Json = False,
) -> None:
    """Write what a paused bridge has to carry into a file that only the partner can read."""
    with opened(context.obj) as database:
        with database.system() as session:
            found = partners.view(session, bridge)
        made = bundle.pack(database, found, out)
    record(made, as_json=as_json)


def unpack_bundle(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Bundle that was carried here.")],
    receipts: Annotated[
        Path | None, typer.Option(help="File to write receipts to, to be carried back.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take a bundle of a partner: crossings, or receipts for what was packed here."""
    with opened(context.obj) as database:
        done = bundle.unpack(database, file, receipts)
    record(done, as_json=as_json, names=("partner", "content", "new", "known", "receipts"))
    for line in done.refused:
        say(line)
    if done.refused:
        raise typer.Exit(1)


VERBS = {
    "crossings": crossings, "send": send, "filters": filters, "retry": retry,
    "recall": recall, "recalled": recalled, "answer": answer, "pack": pack_bundle,
    "unpack": unpack_bundle,
}  # fmt: skip
