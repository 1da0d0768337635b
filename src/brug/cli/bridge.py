# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge`: connecting two nodes, and the state of each bridge."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from brug.bridges import connecting, partner_changes, partners
from brug.bridges.native import client
from brug.bridges.native.client import PartnerRefused
from brug.bridges.native.handling import NotOpen
from brug.cli import (
    bridge_afterwards,
    bridge_agreements,
    bridge_binding,
    bridge_crossing,
    bridge_explaining,
    bridge_judging,
    bridge_keys,
    bridge_mail,
    bridge_permissions,
    route_options,
)
from brug.cli.bridge_group import Which, group
from brug.cli.bridge_showing import show_bridge
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, say, table
from brug.cli.route_options import Ca, Certificate, Key, NoCa, NoCertificate, Proxy, ProxyPassword
from brug.model.errors import BrugError, Invalid

__all__ = ["group"]

group.add_typer(bridge_keys.group, name="keys")
group.add_typer(bridge_mail.group, name="mail")
group.add_typer(bridge_agreements.group, name="agreement")
group.add_typer(bridge_permissions.group, name="permission")
group.add_typer(bridge_permissions.types, name="personal-data")
_verbs: dict[str, Any] = (
    bridge_crossing.VERBS
    | bridge_judging.VERBS
    | bridge_explaining.VERBS
    | bridge_afterwards.VERBS
    | bridge_binding.VERBS
)
for _name, _verb in _verbs.items():
    group.command(_name)(_verb)


@group.command("invite")
def invite(
    context: typer.Context,
    partner: Annotated[str, typer.Option(help="What the partner will be called here.")],
    out: Annotated[Path | None, typer.Option(help="Write the invitation to a file.")] = None,
    org: Annotated[
        str | None, typer.Option(help="Name, UUID or id of the organisation it must be.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it can be accepted.")] = 7,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """Make an invitation that counts once; also for new keys of a partner that is known."""
    with acting(context.obj) as session:
        trust = route_options.text_of(ca) if ca else ""
        made = connecting.invite(session, partner, org, days, trust)
    if out is not None:
        _write(out, made.document)
    if as_json:
        machine({
            "bridge": made.bridge, "partner": made.name, "url": made.url,
            "expires": made.expires, "file": str(out) if out else None,
        })  # fmt: skip
        return
    say(f"Whoever has it can accept it once, until {made.expires:%Y-%m-%d %H:%M} UTC.")
    typer.echo(str(out) if out is not None else made.url)


@group.command("accept")
def accept(
    context: typer.Context,
    invitation: Annotated[str, typer.Argument(help="File or address of the invitation.")],
    partner: Annotated[
        str, typer.Option(help="What the partner will be called here; its own name if left out.")
    ] = "",
    proxy: Proxy = None,
    proxy_password: ProxyPassword = False,
    ca: Ca = None,
    certificate: Certificate = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Accept an invitation of another node; then compare the authentication string."""
    source: str | bytes = invitation
    if not invitation.startswith(("http://", "https://")):
        source = _file(Path(invitation))
    way = route_options.given(proxy, ca, certificate, key, password=proxy_password)
    with opened(context.obj) as database:
        made = connecting.accept(database, None, source, partner, way)
        with database.system() as session:
            show_bridge(session, made, as_json=as_json)
    say(f"Compare the string by telephone, then: brug bridge confirm {made.id} STRING")


@group.command("confirm")
def confirm(
    context: typer.Context,
    bridge: Which,
    string: Annotated[str, typer.Argument(help="What the other side reads out.")],
    as_json: Json = False,
) -> None:
    """Open a bridge: say the authentication string that the other side shows."""
    with opened(context.obj) as database:
        with database.system() as session:
            opened_now = connecting.confirm(session, partners.view(session, bridge), string)
        try:
            client.ping(database, opened_now)
            say("Both sides are open.")
        except PartnerRefused as error:
            waits = error.signed and error.reason == NotOpen.code
            say("Open at this side. The other side has to compare and confirm it, too."
                if waits else f"Open at this side; the other side: {error}")  # fmt: skip
        except BrugError as error:
            say(f"Open at this side; the other side: {error}")
        with database.system() as session:
            show_bridge(session, opened_now, as_json=as_json)


@group.command("list")
def show_all(context: typer.Context, as_json: Json = False) -> None:
    """List bridges and invitations that are open."""
    with acting(context.obj) as session:
        found = partners.listed(session)
        waiting = connecting.pending(session)
    if as_json:
        machine({"bridges": found, "invitations": waiting})
        return
    table(
        ("id", "partner", "organisation", "transport", "state"),
        ((one.id, one.partner, one.org_name, one.transport, one.state) for one in found),
    )
    for invited in waiting:
        until = f"{invited.expires:%Y-%m-%d %H:%M} UTC"
        say(f"invited: {invited.name}, until {until} ({invited.bridge})")


@group.command("show")
def show(context: typer.Context, bridge: Which, as_json: Json = False) -> None:
    """Show a bridge, its partner's keys and the authentication string."""
    with acting(context.obj) as session:
        show_bridge(session, partners.view(session, bridge), as_json=as_json)


@group.command("ping")
def ping(context: typer.Context, bridge: Which, as_json: Json = False) -> None:
    """Ask the partner's node whether it answers."""
    with opened(context.obj) as database:
        with database.system() as session:
            found = partners.view(session, bridge)
        reply = client.ping(database, found)
    if as_json:
        machine(reply.document)
    else:
        facts(reply.document)


@group.command("edit")
def edit(
    context: typer.Context,
    bridge: Which,
    name: Annotated[str | None, typer.Option(help="What the partner is called here.")] = None,
    relation: Annotated[
        str | None, typer.Option(help="What it is to the host: client, community or public.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Address of its node.")] = None,
    fetch: Annotated[
        bool | None,
        typer.Option("--fetch/--no-fetch", help="Fetch what it has for us: it cannot reach us."),
    ] = None,
    proxy: Proxy = None,
    proxy_password: ProxyPassword = False,
    ca: Ca = None,
    no_ca: NoCa = False,
    certificate: Certificate = None,
    key: Key = None,
    no_certificate: NoCertificate = False,
    as_json: Json = False,
) -> None:
    """Change a partner's name, how it is reached, or what it is to the host.

    TLP:AMBER goes to clients.
    """
    given: dict[str, Any] = {"name": name, "relation": relation, "url": url, "fetch": fetch}
    given = {field: value for field, value in given.items() if value is not None}
    given |= route_options.given(
        proxy, ca, certificate, key, password=proxy_password, no_ca=no_ca,
        no_certificate=no_certificate,
    )  # fmt: skip
    with acting(context.obj) as session:
        changed = partner_changes.edit(session, partners.view(session, bridge), given)
        show_bridge(session, changed, as_json=as_json)


@group.command("pause")
def pause(context: typer.Context, bridge: Which, as_json: Json = False) -> None:
    """Let nothing cross until it is resumed."""
    with acting(context.obj) as session:
        show_bridge(
            session, partners.pause(session, partners.view(session, bridge)), as_json=as_json
        )


@group.command("resume")
def resume(context: typer.Context, bridge: Which, as_json: Json = False) -> None:
    """Open a paused bridge again."""
    with acting(context.obj) as session:
        show_bridge(
            session, partners.resume(session, partners.view(session, bridge)), as_json=as_json
        )


@group.command("close")
def close(
    context: typer.Context,
    bridge: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Close a bridge for good; to have it back, connect anew."""
    if not yes:
        if not sys.stdin.isatty():
            raise Invalid("--yes", "it, where nobody can be asked")
        typer.confirm("Close it for good?", abort=True, err=True)
    with acting(context.obj) as session:
        show_bridge(
            session, partners.close(session, partners.view(session, bridge)), as_json=as_json
        )


@group.command("withdraw")
def withdraw(
    context: typer.Context,
    invitation: Annotated[str, typer.Argument(help="UUID, as `brug bridge list` shows it.")],
    as_json: Json = False,
) -> None:
    """Withdraw an invitation that nobody has accepted."""
    try:
        which = UUID(invitation)
    except ValueError as error:
        raise Invalid("invitation", "a UUID", invitation) from error
    with acting(context.obj) as session:
        connecting.withdraw(session, which)
    if as_json:
        machine({"withdrawn": str(which)})
    else:
        say("Withdrawn.")


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid("file", f"one that can be read ({error.strerror})", str(path)) from error


def _write(path: Path, document: bytes) -> None:
    """For nobody else to read: whoever has it can accept it."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(document)
    except OSError as error:
        raise Invalid("--out", f"a file that can be made ({error.strerror})", str(path)) from error
