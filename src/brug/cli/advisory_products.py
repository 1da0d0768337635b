# SPDX-License-Identifier: EUPL-1.2
"""`brug advisory product`: what organisations registered that they run."""

from pathlib import Path
from typing import Annotated

import typer

from brug.cases.catalogue import inventory, settling
from brug.cases.catalogue.inventory import Given
from brug.cli.advisory_group import group
from brug.cli.case_group import As, acting_as
from brug.cli.files import content
from brug.cli.node import opened
from brug.cli.output import Json, facts, machine, record, say, table

products = typer.Typer(help="Products that organisations run.", no_args_is_help=True)
group.add_typer(products, name="product")

Whose = Annotated[str, typer.Option("--org", help="Organisation: name, id or UUID; yours if none.")]


def _settle(context: typer.Context) -> None:
    with opened(context.obj) as database:
        settling.settle(database)


@products.command("add")
def add(
    context: typer.Context,
    purl: Annotated[str, typer.Option(help="Package URL.")] = "",
    cpe: Annotated[str, typer.Option(help="CPE name.")] = "",
    vendor: Annotated[str, typer.Option(help="Who makes it.")] = "",
    name: Annotated[str, typer.Option(help="What it is called.")] = "",
    version: Annotated[str, typer.Option(help="Version, or a range of versions.")] = "",
    note: Annotated[str, typer.Option(help="For yourselves.")] = "",
    org: Whose = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Register a product: by purl, CPE name, or vendor and name."""
    given = Given(vendor=vendor, name=name, version=version, purl=purl, cpe=cpe, note=note)
    with acting_as(context, who) as session:
        number = inventory.add(session, given, inventory.organisation(session, org))
    _settle(context)
    if as_json:
        machine({"id": number})
    else:
        facts({"id": number})


@products.command("sbom")
def sbom(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="CycloneDX or SPDX, or - for standard input.")],
    called: Annotated[str, typer.Option("--name", help="Name; a later one replaces it.")] = "",
    org: Whose = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Register what a software bill of materials lists."""
    raw = content(Path(file), "FILE")
    with acting_as(context, who) as session:
        bill = inventory.add_bill(
            session, raw, called or Path(file).name, inventory.organisation(session, org)
        )
    _settle(context)
    record(bill, as_json=as_json)


@products.command("list")
def list_(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What stands in it.")] = "",
    org: Whose = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 100,
    who: As = None,
    as_json: Json = False,
) -> None:
    """List registered products, and how many advisories warn of each."""
    with acting_as(context, who) as session:
        chosen = inventory.organisation(session, org) if org else None
        found, total = inventory.listed(session, chosen, text, limit)
    if as_json:
        machine({"total": total, "products": found})
        return
    table(
        ("id", "organisation", "vendor", "name", "version", "known as", "from", "advisories"),
        (
            (one.id, one.organisation, one.vendor, one.name, one.version, one.purl or one.cpe,
             one.bill, one.concerned or "")
            for one in found
        ),
    )  # fmt: skip
    if total > len(found):
        say(f"{len(found)} of {total}")


@products.command("remove")
def remove(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Id of the product.")],
    bill: Annotated[bool, typer.Option("--sbom", help="It is a bill's id: all of it.")] = False,
    who: As = None,
) -> None:
    """Take a product, or a whole bill of materials, out of the register."""
    with acting_as(context, who) as session:
        if bill:
            inventory.remove_bill(session, number)
        else:
            inventory.remove(session, number)
