# SPDX-License-Identifier: EUPL-1.2
"""`brug case cve ...`: CVE numbers of a disclosure, and the record that its CNA publishes."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from brug.cases import cve, files
from brug.cli.case_group import As, Which, acting_as, group
from brug.cli.files import content, written
from brug.cli.output import Json, facts, machine, records, say
from brug.formats.json_text import encode

Cna = Annotated[str, typer.Option(help="Numbering authority that reserved it.")]


@group.command("cve")
def record(
    context: typer.Context,
    which: Which,
    number: Annotated[str, typer.Option("--id", help="Which, where the case has several.")] = "",
    out: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; answered if not given.")
    ] = None,
    rejected: Annotated[
        str, typer.Option(help="Make the record of a number that is not used: why.")
    ] = "",
    who: As = None,
) -> None:
    """Write the CVE record of a disclosure (CVE JSON 5); says what it still lacks."""
    with acting_as(context, who) as session:
        made = cve.made(session, which, number, rejected)
    with written(out or Path("-"), "output") as file:
        file.write(msgspec.json.format(encode(made.record), indent=2) + b"\n")
    for one in made.lacking:
        say(f"{made.number}: {'missing' if one.must else 'wished'}: {one.what} ({one.pointer})")


@group.command("cve-numbers")
def numbers(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """List the CVE numbers of a disclosure with their state."""
    with acting_as(context, who) as session:
        found = cve.numbers(files.view(session, which)[1])
    records(found, ("id", "state", "cna"), as_json=as_json)


@group.command("cve-set")
def set_(
    context: typer.Context,
    which: Which,
    number: Annotated[str, typer.Argument(help="As in CVE-2026-0001.")],
    state: Annotated[str, typer.Argument(help="reserved, published or rejected.")] = "reserved",
    cna: Cna = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Keep a CVE number in a disclosure, or say its next state."""
    with acting_as(context, who) as session:
        cve.keep(session, which, number, state, cna)
    (machine if as_json else facts)({"number": number.strip().upper(), "state": state})


@group.command("cve-take")
def take(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """Take the next number that was reserved ahead."""
    with acting_as(context, who) as session:
        number = cve.take(session, which)
    (machine if as_json else facts)({"number": number, "state": "reserved"})


@group.command("cve-import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON of the CVE services, or any text.")],
    cna: Cna = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Import CVE numbers that were reserved, for cases to take."""
    raw = content(file, "file")
    with acting_as(context, who) as session:
        told = {"new": cve.fill_pool(session, raw, cna), "free": cve.free(session)}
    (machine if as_json else facts)(told)
