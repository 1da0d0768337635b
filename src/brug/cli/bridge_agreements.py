# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge agreement`: what is agreed for a bridge, version by version."""

import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from brug.bridges import agreements, partners
from brug.bridges.agreements import Agreement
from brug.cli.bridge_group import Which
from brug.cli.node import acting, opened
from brug.cli.output import Json, facts, machine, say, table
from brug.directory import organisations
from brug.directory.accounts import acting_for_host
from brug.formats import json_text
from brug.model.errors import Invalid, NotFound
from brug.store.session import Session

group = typer.Typer(help="Agreements: show, propose, accept, history.", no_args_is_help=True)
As = Annotated[
    str | None,
    typer.Option("--as", help="Who acts, by e-mail (the first site admin if not given)."),
]
Version = Annotated[int | None, typer.Option(help="Which version; the one in force, or the last.")]
Digest = Annotated[str, typer.Option(help="Start of its digest, where a version is there twice.")]


def shown(found: Agreement, *, in_force: bool) -> dict[str, Any]:
    """An agreement for machines."""
    return {
        "version": found.version, "digest": found.digest.hex(), "in_force": in_force,
        "proposed_here": found.proposed_here, "proposed": found.proposed, "ours": found.ours,
        "theirs": found.theirs, "reference": found.reference,
        "terms": msgspec.to_builtins(found.terms),
    }  # fmt: skip


def _state(found: Agreement, in_force: Agreement | None) -> str:
    if in_force is not None and found.id == in_force.id:
        return "in force"
    if found.accepted:
        return "accepted"
    return "waits for the partner" if found.ours else "waits for us"


@group.command("show")
def show(
    context: typer.Context, bridge: Which, version: Version = None, digest: Digest = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    """Show a version with its terms."""
    with acting(context.obj) as session:
        found = partners.view(session, bridge)
        now = agreements.in_force(session, found.id, datetime.now(UTC))
        several = agreements.history(session, found.id)
        if version is not None:
            one = agreements.view(session, found.id, version, digest)
        elif now is not None or several:
            one = now or several[0]
        else:
            raise NotFound(f"no agreement with {found.partner}")
    if as_json:
        machine(shown(one, in_force=now is not None and now.id == one.id))
        return
    facts({"version": one.version, "state": _state(one, now), "digest": one.digest.hex(),
           "accepted by us": one.ours, "accepted by them": one.theirs})  # fmt: skip
    facts(_flat(msgspec.to_builtins(one.terms)))


def _flat(given: Any, before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        elif isinstance(value, list | tuple):
            found[before + name] = [_inline(one) for one in value]
        elif isinstance(value, bool):
            found[before + name] = "yes" if value else "no"
        else:
            found[before + name] = value
    return found


def _inline(value: Any) -> str:
    match value:
        case dict():
            return " / ".join(map(_inline, value.values()))
        case list():
            return ", ".join(map(_inline, value))
        case _:
            return str(value)


@group.command("propose")
def propose(
    context: typer.Context,
    bridge: Which,
    terms: Annotated[
        Path, typer.Argument(help="File with the terms, TOML or JSON; - for standard input.")
    ],
    who: As = None,
    as_json: Json = False,
) -> None:
    """Propose a version, and sign it. The bridge, its parties and the number are filled in."""
    given = _read(terms)
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            found = partners.view(session, bridge)
            wanted = agreements.draft(session, found, given)
            made = agreements.propose(session, found, wanted)
    _tell(made, as_json=as_json)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("terms", "a file that can be read", str(path)) from error
    try:
        found = json_text.decode(text.encode()) if text.lstrip()[:1] == "{" else tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid("terms", f"TOML or JSON ({error})") from error
    if not isinstance(found, dict):
        raise Invalid("terms", "an object")
    return found


@group.command("accept")
def accept(
    context: typer.Context,
    bridge: Which,
    version: Annotated[int, typer.Argument(help="Number of the version.")],
    digest: Digest = "",
    reference: Annotated[
        str, typer.Option(help="Where a partner without a node accepted it, such as a letter.")
    ] = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Accept and sign what the partner proposed, or record that it accepted on paper."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            found = partners.view(session, bridge)
            one = agreements.view(session, found.id, version, digest)
            if not reference and one.ours and not one.theirs and found.transport != "native":
                raise Invalid("--reference", "where the partner accepted it, such as a letter")
            if reference:
                made = agreements.accept_on_paper(session, one, reference)
            else:
                made = agreements.accept(session, one)
    _tell(made, as_json=as_json)


def _tell(made: Agreement, *, as_json: bool) -> None:
    if as_json:
        machine(shown(made, in_force=False))
        return
    say(f"Version {made.version}: {_state(made, None)}.")
    typer.echo(made.digest.hex())


@group.command("history")
def history(context: typer.Context, bridge: Which, as_json: Json = False) -> None:
    """List all versions, the newest first."""
    with acting(context.obj) as session:
        found = partners.view(session, bridge)
        several = agreements.history(session, found.id)
        now = agreements.in_force(session, found.id, datetime.now(UTC))
    if as_json:
        machine([shown(one, in_force=now is not None and now.id == one.id) for one in several])
        return
    table(
        ("version", "state", "proposed by", "proposed", "from", "until", "digest"),
        (
            (
                one.version, _state(one, now), "us" if one.proposed_here else "them",
                f"{one.proposed:%Y-%m-%d %H:%M}", f"{one.terms.valid_from:%Y-%m-%d}",
                f"{one.terms.valid_until:%Y-%m-%d}" if one.terms.valid_until else "",
                one.digest.hex()[:12],
            )
            for one in several
        ),
    )  # fmt: skip


TEMPLATE = """\
# Terms of a bridge. What is commented out holds as it stands, but for examples ("e.g.").
our_country = "{ours}"          # two letters (ISO 3166-1), such as NL
their_country = "{theirs}"
# Whose events' signers change by our node's word, or theirs, beside the host's: names or UUIDs.
# e.g. our_node_users = [{users}]
# their_node_users = []
senders = [{senders}]
purposes = ["cyber-defence"]
# criminal-investigation, crisis-management, cyber-defence, diplomacy, incident-response,
# national-security, research, vulnerability-handling
legal_basis = "GDPR art. 6(1)(e)"
# kinds = ["case", "cluster", "event", "note", "proposal", "report", "sighting"]
# with "case" among them, both work on cases together: name the others to leave it out
# unmarked = "green"        # or clear, amber, amber+strict, red, hold, refuse
# quality = "note"          # or drop
# encrypt_mail_from = "amber" # or clear (always), green, amber+strict, red, never
# e.g. retention_days = 365 # kept without an end if left out
# after_retention = "delete" # or strip: only personal data goes
valid_from = {today}
# e.g. valid_until = {later}
document = ""               # where the agreement is written: it has to be filled in

[ceiling]
tlp = "amber"
# pap = "red"

[personal_data]
regime = "gdpr"             # or led, none
handling = "drop"           # or pseudonymise, share
# e.g. crossing = "Decision by which data of another regime may cross"

[personal_data.transfer]
tool = "eea"                # or adequacy, scc, ... (docs: make an agreement)
# e.g. scope = "What it covers"
# e.g. valid_until = {later}

[release]
# e.g. when = ["amber", "personal-data"]
# e.g. by = "The duty officer"
# four_eyes = false

[recall]
# by = "person"             # or itself
# most_an_hour = 10

[tells]
# opened = false
# used = false
"""


@group.command("template")
def template(context: typer.Context, bridge: Which) -> None:
    """Print terms to fill in, for `propose`."""
    with acting(context.obj) as session:
        found = partners.view(session, bridge)
        host = agreements.host(session)[0]
        both = sorted([host, str(found.org_uuid)])
        ours, theirs = (_country(session, one) for one in (host, str(found.org_uuid)))
        local = organisations.listed(session, local=True)
    users = ", ".join(f'"{one.uuid}"' for one in local if one.uuid != host)
    now = datetime.now(UTC).replace(microsecond=0)
    later = now.replace(year=now.year + 2, day=min(now.day, 28))
    senders = ", ".join(f'"{one}"' for one in both)
    typer.echo(
        TEMPLATE.format(
            senders=senders, today=now.isoformat(), later=later.isoformat(),
            ours=ours, theirs=theirs, users=users,
        )
    )  # fmt: skip


def _country(session: Session, org_uuid: str) -> str:
    """As the directory has it, where that is two letters."""
    said = organisations.view(session, org_uuid).nationality.strip().upper()
    return said if len(said) == 2 and said.isalpha() else ""
