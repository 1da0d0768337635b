# SPDX-License-Identifier: EUPL-1.2
"""`brug clocks`: the deadlines that a node knows, and what one of them comes to."""

from datetime import datetime
from typing import Annotated, Any

import typer

from brug.cases import applying, clocks
from brug.cases.clocks import Clock, Row, asking, telling, titles
from brug.cases.clocks.ending import RULES
from brug.cases.clocks.facts import Moment, shown
from brug.cases.kinds import KINDS
from brug.cli.output import Json, facts, machine, say, spoken, table
from brug.mail.speaking import say_in
from brug.model.errors import Invalid

group = typer.Typer(help="Deadlines: which there are, and what one comes to.")

Fact = Annotated[
    list[str] | None,
    typer.Option("--fact", help="NAME=TIME, such as aware_at=2026-11-27T14:20. Repeatable."),
]
Zone = Annotated[str, typer.Option(help="Zone of the times that give no offset.")]
Authority = Annotated[
    str, typer.Option(help="Country of the authority, such as NL: its holidays and zone.")
]


@group.callback(invoke_without_command=True)
def show_all(
    context: typer.Context,
    role: Annotated[str, typer.Option(help="Only those that oblige this role.")] = "",
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Only those not seen in their source.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the deadlines, where each was read, and what this node corrected."""
    if context.invoked_subcommand is not None:
        return
    known = clocks.table(context.obj.config)
    if role and role not in known.known.roles:
        raise Invalid("--role", f"one of {', '.join(known.known.roles)}", role)
    found = [
        row for row in known
        if (not role or role in row.obliged) and not (unverified and row.is_verified)
    ]  # fmt: skip
    if as_json:
        machine([telling.row(one, spoken()) for one in found])
        return
    table(
        ("id", "title", "starts with", "period", "obliged", "article", "source"),
        (
            (
                row.id,
                titles.title_of(row, spoken()),
                row.trigger,
                _period(row),
                ", ".join(row.obliged),
                _article(row),
                _source(row),
            )
            for row in found
        ),
    )
    for row in applying.idle(known, KINDS.values()):
        say(f"{row.id}: in no case: no kind records all of {', '.join(row.facts().values())}")


@group.command("compute")
def compute(
    context: typer.Context,
    row: Annotated[str, typer.Argument(help="Id of the deadline, as `brug clocks` lists it.")],
    fact: Fact = None,
    zone: Zone = "UTC",
    authority: Authority = "",
    authority_zone: Annotated[
        str, typer.Option(help="Zone of the authority, if not that of its capital.")
    ] = "",
    role: Annotated[
        list[str] | None, typer.Option(help="A role of the one obliged. Repeatable.")
    ] = None,
    circumstance: Annotated[
        list[str] | None, typer.Option(help="A circumstance that the row names. Repeatable.")
    ] = None,
    now: Annotated[str, typer.Option(help="As if it were this time.")] = "",
    as_json: Json = False,
) -> None:
    """Compute one deadline from facts: its two ends, what started it, the rule and its source."""
    known = clocks.table(context.obj.config)
    asked = asking.Asked(
        facts=[_fact(one) for one in fact or ()], zone=zone, authority=authority,
        authority_zone=authority_zone, roles=tuple(role or ()),
        circumstances=tuple(circumstance or ()), now=now,
    )  # fmt: skip
    found, at = asking.compute(known, row, asked, OPTIONS)
    if as_json:
        machine(telling.computed(found, at, spoken()))
    else:
        facts(_told(found, zone, at))


OPTIONS = {
    "facts": "--fact", "zone": "--zone", "authority": "--authority", "now": "--now",
    "authority_zone": "--authority-zone", "roles": "--role", "circumstances": "--circumstance",
}  # fmt: skip


def _fact(said: str) -> tuple[str, str]:
    name, equals, time = said.partition("=")
    if not equals:
        raise Invalid("--fact", "NAME=TIME, such as aware_at=2026-11-27T14:20", said)
    return name, time


def _period(row: Row) -> str:
    if row.cap is not None:
        return f"{row.period}, at most {row.cap.period} from {row.cap.trigger}"
    return row.period or (f"until {row.due}" if row.due else titles.soft_of(row, spoken()))


def _article(row: Row) -> str:
    law = titles.law_of(row, spoken())
    return f"{law}, {row.article}" if row.article else law


def _source(row: Row) -> str:
    """Where it was read, or that nobody checked it; and what the node made of it."""
    seen = {"verified": row.where, "memory": "from memory, not checked", "proposal": "proposal"}
    text = seen[row.status]
    if row.where and not row.is_verified:
        text += f" ({row.where})"
    if not row.is_own:
        return text
    fields = ", ".join(field for field in row.corrected if field != "where")
    return f"{text}; of this node: {fields}" if fields else f"{text}; of this node"


def _told(found: Clock, zone: str, now: datetime) -> dict[str, Any]:
    row = found.row

    def both(at: datetime | None) -> str:
        if at is None:
            soft = titles.soft_of(row, spoken())
            return f"no time: {soft or 'as soon as ' + row.due + ' is recorded'}"
        there = shown(at, zone)
        other = found.zone if found.zone != zone else "UTC"
        return there if other == zone else f"{there} ({shown(at, other)} {other})"

    said = {
        "deadline": f"{row.id}: {titles.title_of(row, spoken())}",
        "status": f"{found.status} at {shown(now, zone)}",
        "strict end": both(found.strict),
        "legal end": both(found.legal),
        "started by": f"{found.started_by}, {_moment(found.started)}",
        "met by": f"{row.met_by}, {_moment(found.met)}" if found.met else row.met_by,
        "obliged": ", ".join(row.obliged),
        "to": row.to,
        "rule": RULES[row.rule],
        "article": _article(row),
        "source": _source(row),
        "notes": row.notes,
    }
    shown_facts = {name: text for name, text in said.items() if text}
    for number, one in enumerate(found.remarks, 1):
        shown_facts[f"remark {number}"] = one.said(say_in(spoken()))
    return shown_facts


def _moment(at: Moment | None) -> str:
    return f"{shown(at.at, at.zone)} {at.zone}" if at else ""
