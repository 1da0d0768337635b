# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: which authority gets which report, and contacts of other countries."""

from typing import Annotated, Any

import msgspec
import typer

from brug.cases.reports import register
from brug.cli.case_group import As, acting_as, group, pairs
from brug.cli.output import Json, facts, machine, say, table
from brug.model.errors import Invalid

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="As `brug case authorities` has it.")]


@group.command("authorities")
def listed(context: typer.Context, who: As = None, as_json: Json = False) -> None:
    """List authorities and contacts: those of the node's file, and those corrected here."""
    with acting_as(context, who) as session:
        told = [_told(one) for one in register.listed(session)]
    if as_json:
        machine(told)
        return
    names = ("id", "what", "country", "sector", "report", "name", "from")
    shown = (
        row | {"from": f"{row['from']}, replaced"} if row["is_replaced"] else row for row in told
    )
    table(names, ([row.get(name, "") for name in names] for row in shown))


def _told(one: register.Entry) -> dict[str, Any]:
    return {
        "id": one.id, "what": one.what, "from": "register" if one.id else "file",
        "is_replaced": one.is_replaced, **msgspec.to_builtins(one.row),
    }  # fmt: skip


@group.command("authority-put")
def put(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="authority or contact.")],
    fields: Annotated[
        list[str],
        typer.Argument(help="FIELD=VALUE: country, report, sector, name, organisation, address,"
                       " url, where; of a contact email, phone."),
    ],
    who: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Add an authority or a contact, or correct the row of its country, report and sector."""
    said = {name: values[-1] for name, values in pairs(fields).items()}
    with acting_as(context, who) as session:
        told = _told(register.put(session, what, said))
    machine(told) if as_json else facts(told)


@group.command("authority-remove")
def remove(context: typer.Context, which: Number, who: As = None, as_json: Json = False) -> None:
    """Remove a row that was put in here; that of the file, if there is one, holds again."""
    if which == "0":
        raise Invalid("NUMBER", "a row that was put in here: those of the file are edited there")
    with acting_as(context, who) as session:
        register.remove(session, which)
    machine({"removed": which}) if as_json else say("Removed.")
