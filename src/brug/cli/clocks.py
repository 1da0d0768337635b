# SPDX-License-Identifier: EUPL-1.2
"""`brug clocks`: the deadlines that a node knows, and what one of them comes to."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from brug.cases import applying, clocks
from brug.cases.clocks import Calendar, Clock, Row, Table, titles
from brug.cases.clocks.ending import RULES
from brug.cases.clocks.facts import Moment, read, shown, zone_named
from brug.cases.kinds import KINDS
from brug.cli.output import Json, facts, machine, say, spoken, table
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
        machine([_said(row) for row in found])
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
    wanted = known.row(row)
    given = clocks.Given(
        roles=frozenset(wanted.obliged) | _names("--role", role, known.known.roles),
        circumstances=_names("--circumstance", circumstance, known.known.circumstances),
    )
    zone_named(zone, "--zone")
    at = read(now, zone, "--now").at if now else datetime.now(UTC).replace(microsecond=0)
    said = _facts(fact or [], zone, wanted, known)
    calendar = _calendar(wanted, authority, authority_zone)
    found = clocks.clock(wanted, said, at, calendar, given, known)
    if found.started is None:
        raise clocks.ClockNotStarted(wanted)
    if as_json:
        machine(_computed(found, at))
    else:
        facts(_told(found, zone, at))


def _facts(said: list[str], zone: str, row: Row, known: Table) -> clocks.Facts:
    stated = []
    for one in said:
        name, equals, time = one.partition("=")
        if not equals:
            raise Invalid("--fact", "NAME=TIME, such as aware_at=2026-11-27T14:20", one)
        if name not in known.known.facts:
            expected = f"a fact of the table; this deadline has {', '.join(_facts_of(row, known))}"
            raise Invalid("--fact", expected, name)
        stated.append((name, read(time, zone, name)))
    return clocks.Facts(stated)


def _facts_of(row: Row, known: Table) -> list[str]:
    """What a row depends on, through the row that it follows as well."""
    before = known.row(row.follows).facts() if row.follows else {}
    return list(dict.fromkeys([*row.facts().values(), *before.values()]))


def _names(option: str, given: list[str] | None, known: dict[str, str]) -> frozenset[str]:
    for name in given or ():
        if name not in known:
            raise Invalid(option, f"one of {', '.join(known)}", name)
    return frozenset(given or ())


def _calendar(row: Row, country: str, zone: str) -> Calendar:
    """Hours end alike everywhere; days end where the authority is."""
    if zone:
        zone_named(zone, "--authority-zone")
    if country:
        return clocks.calendar_of(country, zone, "--authority")
    length = row.length()
    if length is not None and (not length.is_hours or row.rule == "dora-noon"):
        raise Invalid("--authority", "the country whose days and holidays count, such as NL")
    return clocks.weekends_only(zone or "UTC")


def _period(row: Row) -> str:
    if row.cap is not None:
        return f"{row.period}, at most {row.cap.period} from {row.cap.trigger}"
    return row.period or (f"until {row.due}" if row.due else row.soft)


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


def _said(row: Row) -> dict[str, Any]:
    """A row as JSON has it; nothing that is empty."""
    said = {name: getattr(row, name) for name in row.__struct_fields__}
    said["title"] = titles.title_of(row, spoken())
    said["instrument"] = titles.law_of(row, spoken())
    return {name: value for name, value in said.items() if value not in (None, "", (), False)}


def _computed(found: Clock, now: datetime) -> dict[str, Any]:
    return {
        "row": _said(found.row), "status": found.status, "now": now, "zone": found.zone,
        "started_by": found.started_by, "started": found.started,
        "strict": found.strict, "legal": found.legal, "met": found.met,
        "rule": RULES[found.row.rule], "is_verified": found.is_verified,
        "warns": [{"mark": mark, "at": at} for mark, at in found.warns],
        "remarks": [{"code": one.code, "text": one.text} for one in found.remarks],
    }  # fmt: skip


def _told(found: Clock, zone: str, now: datetime) -> dict[str, Any]:
    row = found.row

    def both(at: datetime | None) -> str:
        if at is None:
            return f"no time: {row.soft or 'as soon as ' + row.due + ' is recorded'}"
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
        shown_facts[f"remark {number}"] = one.text
    return shown_facts


def _moment(at: Moment | None) -> str:
    return f"{shown(at.at, at.zone)} {at.zone}" if at else ""
