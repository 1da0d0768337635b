# SPDX-License-Identifier: EUPL-1.2
"""`brug case person ...` and `brug case quarantine ...`: people without an account, held mail."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from brug.cases.persons import joining, quarantine
from brug.cli.case_group import As, Which, acting_as, group
from brug.cli.files import content
from brug.cli.output import Json, answers, facts, machine, records, visible
from brug.model.errors import Invalid

persons = typer.Typer(
    help="People who take part without an account: have them join, links, keys.",
    no_args_is_help=True,
)
held = typer.Typer(help="Mail for cases that is held: look, let in, leave out.",
                   no_args_is_help=True)  # fmt: skip
group.add_typer(persons, name="person")
group.add_typer(held, name="quarantine")

Person = Annotated[str, typer.Argument(metavar="PERSON", help="Name, e-mail address or UUID.")]
Mail = Annotated[int, typer.Argument(metavar="MAIL", help="`brug case quarantine list` tells it.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]


@persons.command("list")
def list_(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """List who takes part in a case without an account, and when they last came in."""
    with acting_as(context, who) as session:
        found = joining.listed(session, which)
    columns = ("name", "role", "email", "links", "used", "mails", "problem")
    records(found, columns, as_json=as_json)


@persons.command("add")
def add(
    context: typer.Context,
    which: Which,
    email: Annotated[str, typer.Argument(help="E-mail address; it is told to nobody else.")],
    name: Annotated[str, typer.Option(help="As the others in the case read it.")],
    role: Annotated[str, typer.Option(help="What they are in this case; not one that leads.")],
    organisation: Annotated[str, typer.Option(help="Which they speak for.")] = "",
    key: Annotated[Path | None, typer.Option(help="File with their OpenPGP public key.")] = None,
    language: Annotated[str, typer.Option(help="Of mails: en or nl.")] = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Have somebody take part who has no account: a mail with a personal link goes to them."""
    given = {
        "email": email, "name": name, "role": role, "organisation": organisation,
        "language": language, "gpgkey": _key(key),
    }  # fmt: skip
    with acting_as(context, who) as session:
        done = joining.invite(session, which, given)
    _told(done, as_json=as_json)


@persons.command("link")
def link(
    context: typer.Context, which: Which, person: Person, who: As = None, as_json: Json = False
) -> None:
    """End somebody's links, and send a new one."""
    with acting_as(context, who) as session:
        done = joining.renew(session, which, person)
    _told(done, as_json=as_json)


@persons.command("revoke")
def revoke(
    context: typer.Context, which: Which, person: Person, who: As = None, as_json: Json = False
) -> None:
    """End somebody's links; they take part as before, by mail (`brug case leave` ends that)."""
    with acting_as(context, who) as session:
        done = joining.revoke(session, which, person)
    _told(done, as_json=as_json)


@persons.command("change")
def change(
    context: typer.Context,
    which: Which,
    person: Person,
    email: Annotated[str | None, typer.Option(help="Another address; a new link goes there.")]
    = None,
    key: Annotated[Path | None, typer.Option(help="File with their OpenPGP public key.")] = None,
    no_key: Annotated[bool, typer.Option("--no-key", help="They have none any more.")] = False,
    language: Annotated[str | None, typer.Option(help="Of mails: en or nl.")] = None,
    mails: Annotated[
        bool | None, typer.Option("--mails/--no-mails", help="Whether they hear what is new.")
    ] = None,
    who: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Change how somebody is reached."""
    if key is not None and no_key:
        raise Invalid("--no-key", "either it or --key")
    given: dict[str, str] = {}
    if email is not None:
        given["email"] = email
    if key is not None or no_key:
        given["gpgkey"] = _key(key)
    if language is not None:
        given["language"] = language
    if mails is not None:
        given["mails"] = "1" if mails else "0"
    with acting_as(context, who) as session:
        done = joining.change(session, which, person, given)
    _told(done, as_json=as_json)


def _key(file: Path | None) -> str:
    return "" if file is None else content(file, "key").decode(errors="replace")


def _told(one: joining.Listed, *, as_json: bool) -> None:
    if as_json:
        machine(one)
    else:
        facts(msgspec.to_builtins(one))


@held.command("list")
def held_(context: typer.Context, who: As = None, as_json: Json = False) -> None:
    """List mail that waits for your decision."""
    with acting_as(context, who) as session:
        found = quarantine.listed(session)
    columns = ("id", "came", "reason", "case", "person", "senders", "subject", "size")
    records(found, columns, as_json=as_json)


@held.command("show")
def show(context: typer.Context, mail: Mail, who: As = None, as_json: Json = False) -> None:
    """Show a mail that is held: its text, the names of its files, what was left out."""
    with acting_as(context, who) as session:
        opened = quarantine.show(session, mail)
    told = msgspec.to_builtins(opened.held) | {
        "text": opened.mail.text if opened.mail else "",
        "files": [one.name for one in opened.mail.parts] if opened.mail else [],
        "dropped": opened.mail.dropped if opened.mail else [],
    }
    if as_json:
        machine(told)
        return
    text = told.pop("text")
    facts(told)
    for line in text.splitlines():
        answers().print(visible(line), soft_wrap=True)


@held.command("release")
def release(
    context: typer.Context,
    mail: Mail,
    because: Reason,
    case: Annotated[str, typer.Option(help="For mail that names no case: which.")] = "",
    person: Annotated[str, typer.Option(help="And whose it is.")] = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Let a mail into its case, as a message of whom it is from."""
    given = {"because": because, "case": case, "person": person}
    with acting_as(context, who) as session:
        done = quarantine.release(session, mail, given)
    if as_json:
        machine(done)
    else:
        facts({"released": done.id, "case": done.case})


@held.command("discard")
def discard(
    context: typer.Context, mail: Mail, because: Reason, who: As = None, as_json: Json = False
) -> None:
    """Leave a mail out for good; the mailbox still has it."""
    with acting_as(context, who) as session:
        done = quarantine.discard(session, mail, {"because": because})
    if as_json:
        machine(done)
    else:
        facts({"discarded": done.id})
