# SPDX-License-Identifier: EUPL-1.2
"""`brug feed publish` and what belongs to it: feeds that this node gives out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.bridges.feeds import folders, published, publishing, readers, serving
from brug.bridges.feeds.published import Published
from brug.bridges.partners import BridgeRow
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, say, table
from brug.directory.accounts import acting_for_host
from brug.formats.json_text import Malformed, decode
from brug.model.errors import Invalid
from brug.store import settings

Name = Annotated[str, typer.Argument(help="Name of the published feed.")]


class Form(StrEnum):
    """What a feed is written as."""

    misp = "misp"
    csv = "csv"
    values = "values"
    rpz = "rpz"


class Relation(StrEnum):
    """How TLP sees who reads it."""

    client = "client"
    community = "community"
    public = "public"


def add_to(group: typer.Typer) -> None:
    """Puts these verbs beside those of fetched feeds."""
    for name, verb in (
        ("publish", publish), ("published", show_all), ("token", new_token), ("write", write),
        ("unpublish", unpublish),
    ):  # fmt: skip
        group.command(name)(verb)


def _address(base: str, feed: Published, segment: str) -> str:
    first = "manifest.json" if feed.format == "misp" else serving.FILES[feed.format]
    return f"{base.rstrip('/')}/feeds/{segment}/{first}"


def _shown(feed: Published, base: str) -> dict[str, Any]:
    return msgspec.structs.asdict(feed) | {"address": _address(base, feed, feed.name)}


def publish(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Small letters and digits, with a hyphen.")],
    form: Annotated[Form, typer.Option("--format", help="What it is written as.")] = Form.misp,
    search: Annotated[
        str, typer.Option(help='Parameters of a search as JSON: {"tags": ["tlp:clear"]}.')
    ] = "{}",
    to: Annotated[
        str | None, typer.Option(help="Organisation that reads it: name, id or UUID.")
    ] = None,
    anyone: Annotated[
        bool, typer.Option("--anyone", help="For everyone: what is TLP:CLEAR and for all.")
    ] = False,
    relation: Annotated[
        Relation, typer.Option(help="What the organisation is to the host, where it is new.")
    ] = Relation.community,
    token: Annotated[
        bool, typer.Option("--token", help="A token also where it is for everyone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Publish a search as a feed, for an organisation or for everyone."""
    if (to is None) is not anyone:
        raise Invalid("--to", "an organisation, or --anyone")
    try:
        given = decode(search.encode())
    except Malformed as error:
        raise Invalid("--search", f"a JSON object ({error.reason})", search) from error
    if not isinstance(given, dict):
        raise Invalid("--search", "a JSON object", search)
    bridge: BridgeRow | None = None
    with opened(context.obj) as database:
        with database.system() as session:
            user = acting_for_host(session)
            base = str(settings.get(session, "node.url"))
        with database.as_user(user) as session:
            wanted: dict[str, Any] = {"name": name, "format": str(form), "filters": given}
            if to is not None:
                bridge = readers.bridge_to(session, to, str(relation))
                wanted["bridge_id"] = bridge.id
            made, secret = published.add(session, wanted | {"token": token})
        made = publishing.refreshed(database, made, now=True)
    if as_json:
        machine(_shown(made, base) | {"token": secret})
        return
    facts(_facts(made, base) | ({"token": secret} if secret else {}))
    if secret:
        say("The token is not shown again. It goes into the header Authorization, or into the"
            f" address: {_address(base, made, secret)}")  # fmt: skip
    if bridge is not None and made.events == 0:
        say("It holds nothing. What it may hold is agreed on a bridge of its own:"
            f" `brug bridge agreement history '{bridge.partner}'`.")  # fmt: skip


def _facts(feed: Published, base: str) -> dict[str, Any]:
    return {
        "feed": feed.name, "format": feed.format, "for": feed.audience or "everyone",
        "address": _address(base, feed, feed.name), "events": feed.events,
        "attributes": feed.attributes,
        "left out": [f"{reason}: {number}" for reason, number in sorted(feed.left_out.items())],
        "held": feed.held, "problem": feed.problem,
    }  # fmt: skip


def show_all(context: typer.Context, as_json: Json = False) -> None:
    """List the feeds that this node publishes."""
    with acting(context.obj) as session:
        found = published.listed(session)
        base = str(settings.get(session, "node.url"))
    if as_json:
        machine([_shown(one, base) for one in found])
        return
    table(
        ("name", "format", "for", "state", "events", "attributes", "last fetched", "address"),
        (
            (f.name, f.format, f.audience or "everyone", "on" if f.enabled else "off", f.events,
             f.attributes, str(f.asked)[:16] if f.asked else "", _address(base, f, f.name))
            for f in found
        ),
    )  # fmt: skip


def new_token(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Give a published feed another token; the one before opens nothing any more. One that had
    none is opened by its token alone from then on.
    """
    with opened(context.obj) as database:
        with database.system() as session:
            user = acting_for_host(session)
        with database.as_user(user) as session:
            had_one = published.view(session, name).has_token
            found, secret = published.new_token(session, name)
    if as_json:
        machine({"name": found.name, "token": secret})
        return
    facts({"feed": found.name, "token": secret})
    if not had_one:
        say("From now on the name alone opens nothing.")


def write(
    context: typer.Context,
    name: Name,
    folder: Annotated[Path, typer.Argument(help="A folder that is there.")],
    as_json: Json = False,
) -> None:
    """Write a published feed into a folder, as it is now."""
    with opened(context.obj) as database:
        with database.system() as session:
            feed = published.view(session, name)
        told = folders.write(database, feed, folder)
    if as_json:
        machine(told)
        return
    facts({"files written": told.written, "files taken away": told.removed})


def unpublish(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Take a published feed away; what was fetched of it stays where it is."""
    with opened(context.obj) as database:
        with database.system() as session:
            user = acting_for_host(session)
        with database.as_user(user) as session:
            gone = published.delete(session, name)
    if as_json:
        machine({"name": gone.name})
        return
    facts({"feed taken away": gone.name})
