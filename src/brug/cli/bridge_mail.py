# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge mail`: partners without a node, who get letters."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.bridges import partners
from brug.bridges.crossing import outbox as changes
from brug.bridges.crossing import rows
from brug.bridges.mail import mailboxes, previewing, rounds
from brug.bridges.mail.mailboxes import Contact
from brug.bridges.partners import BridgeRow
from brug.cli.bridge_group import Which
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, say
from brug.model.errors import BrugError, Invalid
from brug.store import outbox
from brug.store.session import Session

group = typer.Typer(
    help="Partners without a node, who get letters: add, contacts, frequency, send.",
    no_args_is_help=True,
)
Frequency = Annotated[
    str | None, typer.Option(help="immediately, daily, weekly or monthly (at midnight, UTC).")
]
Since = Annotated[
    str | None,
    typer.Option(help="Also what was published since this day; what is older goes by hand only."),
]
Address = Annotated[str, typer.Argument(help="E-mail address of the contact.")]
Key = Annotated[Path | None, typer.Option(help="File with the contact's OpenPGP public key.")]
Language = Annotated[str | None, typer.Option(help="Of the letters: en or nl.")]

_LEFT_OUT = {
    "no_files": ", without the contents of files", "bare": ", without an attachment",
}  # fmt: skip


class NotSent(BrugError):
    """The round ended before everything was sent."""

    code = "not_sent"


@group.command("add")
def add(
    context: typer.Context,
    organisation: Annotated[str, typer.Argument(help="Name, UUID or id of the organisation.")],
    to: Annotated[list[str] | None, typer.Option(help="Address of a contact; repeat it.")] = None,
    key: Key = None,
    name: Annotated[str, typer.Option(help="What the partner is called here.")] = "",
    relation: Annotated[
        str, typer.Option(help="What it is to the host: client, community or public.")
    ] = "community",
    frequency: Frequency = None,
    since: Since = None,
    as_json: Json = False,
) -> None:
    """Make a bridge by mail. Nothing goes before an agreement is in force."""
    if key is not None and len(to or []) != 1:
        raise Invalid("--key", "one --to that it belongs to; others by `brug bridge mail contact`")
    given = {"name": name, "relation": relation, "frequency": frequency, "since": since}
    with acting(context.obj) as session:
        made = mailboxes.add(session, organisation, given)
        for address in to or []:
            contact = {"email": address, "gpgkey": _key(key)}
            mailboxes.put_contact(session, made, contact)
        _show(session, made, as_json=as_json)
    say(f"Nothing goes to it until an agreement is in force: brug bridge agreement template"
        f" {made.id}")  # fmt: skip


@group.command("contact")
def contact(
    context: typer.Context,
    bridge: Which,
    address: Address,
    key: Key = None,
    no_key: Annotated[bool, typer.Option("--no-key", help="Forget its key.")] = False,
    language: Language = None,
    as_json: Json = False,
) -> None:
    """Add a contact, or change its key or language."""
    if key is not None and no_key:
        raise Invalid("--no-key", "either it or --key")
    given = {"email": address, "gpgkey": "" if no_key else _key(key), "language": language}
    with acting(context.obj) as session:
        found = partners.view(session, bridge)
        mailboxes.put_contact(session, found, given)
        _show(session, found, as_json=as_json)


@group.command("drop")
def drop(context: typer.Context, bridge: Which, address: Address, as_json: Json = False) -> None:
    """Write no more to a contact."""
    with acting(context.obj) as session:
        found = partners.view(session, bridge)
        mailboxes.drop_contact(session, found, address)
        _show(session, found, as_json=as_json)


@group.command("set")
def change(
    context: typer.Context,
    bridge: Which,
    frequency: Frequency = None,
    since: Since = None,
    as_json: Json = False,
) -> None:
    """Change how often letters go, or from when on."""
    with acting(context.obj) as session:
        found = partners.view(session, bridge)
        mailboxes.change(session, found, {"frequency": frequency, "since": since})
        _show(session, found, as_json=as_json)


@group.command("show")
def show(context: typer.Context, bridge: Which, as_json: Json = False) -> None:
    """Show who gets letters, how often, and what is wrong."""
    with acting(context.obj) as session:
        _show(session, partners.view(session, bridge), as_json=as_json)


@group.command("preview")
def preview(
    context: typer.Context,
    bridge: Which,
    event: Annotated[str, typer.Argument(help="Event: number or UUID.")],
    language: Annotated[str, typer.Option(help="Of the letter: en or nl.")] = "en",
    as_json: Json = False,
) -> None:
    """Print the letter that would go about an event, and what is against it."""
    with opened(context.obj) as database, database.system() as session:
        found = partners.view(session, bridge)
        seen = previewing.preview(database, session, found, event, [language])
    letter = seen.letters.get(language)
    if as_json:
        machine({
            "outcome": seen.outcome, "says": seen.says,
            "subject": letter.subject if letter else None, "text": letter.text if letter else None,
            "problem": seen.problem, "to": [msgspec.to_builtins(one) for one in seen.addressed],
        })  # fmt: skip
        return
    say(seen.says)
    if seen.problem:
        say(f"No letter goes: {seen.problem}")
    for one in seen.addressed:
        how = "encrypted" if one.encrypted else "in the clear"
        left_out = _LEFT_OUT.get(one.form, "")
        say(f"To {one.email} ({how}, {one.language}, {one.size} bytes{left_out})")
    if letter is not None:
        typer.echo(f"{letter.subject}\n\n{letter.text}")


@group.command("send")
def send(context: typer.Context, bridge: Which, as_json: Json = False) -> None:
    """Send what waits, without waiting for the time of the digest."""
    with opened(context.obj) as database:
        with database.system() as session:
            found = partners.view(session, bridge)
            mailboxes.view(session, found)
            if not outbox.is_set_up(session):
                raise NotSent("no mail is set up: `brug settings set mail.host HOST`")
            changes.sequence(session)
        if found.state != "open":
            raise NotSent(f"the bridge is {found.state}")
        done = rounds.one_bridge(database, found.id, everything=True)
        with database.system() as session:
            problem = rows.progress(session)[found.id].problem
            left, why = rounds.left(session, found.id)
    if not done:
        raise NotSent(problem or "the node that is served works on it just now")
    if left:
        raise NotSent(f"{left} could not be sent, and will be tried again: {why}")
    if as_json:
        machine({"sent": True})
        return
    say("What may go and was due has gone; brug bridge crossings says what became of each.")


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("--key", "a file with an armoured key", str(path)) from error


def _told(one: Contact) -> dict[str, Any]:
    return {
        "email": one.email, "key": one.has_usable_key, "language": one.language,
        "problem": one.problem,
    }  # fmt: skip


def _show(session: Session, bridge: BridgeRow, *, as_json: bool) -> None:
    mailbox = mailboxes.view(session, bridge)
    contacts = [_told(one) for one in mailboxes.contacts(session, bridge.id)]
    known = rows.progress(session).get(bridge.id)
    told: dict[str, Any] = {
        "id": bridge.id, "partner": bridge.partner, "organisation": bridge.org_name,
        "relation": bridge.relation, "state": bridge.state, "frequency": mailbox.frequency,
        "next digest": mailbox.next_digest, "since": mailbox.since,
        "last round": known.last_success if known else None,
        "last letter": mailboxes.last_letters(session).get(bridge.id),
        "held": known.held if known else 0,
        "problem": known.problem if known else "",
    }  # fmt: skip
    if as_json:
        machine({k.replace(" ", "_"): v for k, v in told.items()} | {"contacts": contacts})
        return
    facts(told)
    for one in contacts:
        said = "encrypted" if one["key"] else "in the clear: no valid key"
        wrong = f"; {one['problem']}" if one["problem"] else ""
        facts({"contact": f"{one['email']} ({said}, {one['language']}{wrong})"})
