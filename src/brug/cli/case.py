# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: open a case, look at one, move it on, say and record things in it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated

import typer

from brug.cases import due, files, keeping, kind_fields, listing, reaching
from brug.cases.acts import Filled, Recorded, Said
from brug.cases.bulk import moved
from brug.cases.case import Case, Kind
from brug.cases.clocks import facts as moments
from brug.cases.entries import Entry
from brug.cases.files import File
from brug.cases.kinds import KINDS, named
from brug.cases.listing import Wanted
from brug.cases.telling import document, next_steps, said, told_clock
from brug.cli import (  # noqa: F401 — their verbs
    case_acts,
    case_authorities,
    case_authority,
    case_calendar,
    case_crisis,
    case_cve,
    case_documents,
    case_embargo,
    case_export,
    case_hooks,
    case_many,
    case_persons,
    case_reports,
    case_scores,
)
from brug.cli.case_group import (
    As,
    Because,
    To,
    Which,
    Zone,
    act,
    acting_as,
    conflict,
    group,
    in_time,
    pairs,
    participant,
    times,
)  # fmt: skip
from brug.cli.output import Json, answers, facts, machine, records, spoken, table, visible
from brug.cli.output import say as say_aside
from brug.model.errors import Invalid

Fields = Annotated[
    list[str] | None, typer.Option("--set", help="FIELD=VALUE; repeat it, also for lists.")
]


class Order(Enum):
    """Of a list, as `Wanted.order` has it."""

    CHANGED = "changed"
    SEVERITY = "severity"


@group.command("kinds")
def kinds(
    kind: Annotated[str, typer.Argument(help="One kind: what each of its fields takes.")] = "",
    as_json: Json = False,
) -> None:
    """List the kinds of cases, with their fields, roles, facts and triggers."""
    if kind:
        _tell_kind(named(kind), as_json=as_json)
        return
    told = [
        {
            "kind": kind.key,
            "roles": [one.key for one in kind.roles],
            "fields": list(kind.fields.__struct_fields__),
            "facts": [one.key for one in kind.facts],
            "states": {one.key: list(one.states) for one in kind.machines},
            "triggers": {one.key: [t.trigger for t in one.transitions] for one in kind.machines},
        }
        for kind in KINDS.values()
    ]
    if as_json:
        machine(told)
        return
    for one in told:
        facts({name: _flat(value) for name, value in one.items()})


def _tell_kind(kind: Kind, *, as_json: bool) -> None:
    """What each field takes and what each fact means."""
    fields = [
        {"field": name, "title": title, "takes": takes}
        for name, title, takes in kind_fields.explained(kind)
    ]
    known = [{"fact": one.key, "title": one.title} for one in kind.facts]
    if as_json:
        machine({"kind": kind.key, "fields": fields, "facts": known})
        return
    table(("field", "title", "takes"), (tuple(one.values()) for one in fields))
    table(("fact", "title"), (tuple(one.values()) for one in known))


def _flat(value: object) -> object:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {', '.join(inner)}" for name, inner in value.items())
    return value


@group.command("open")
def open_(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="Kind of case; `brug case kinds` lists them.")],
    title: Annotated[str, typer.Argument(help="What it is about.")],
    fields: Fields = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Open a case; your organisation leads it."""
    given = kind_fields.read_texts(named(kind), pairs(fields))
    with acting_as(context, who) as session:
        file = keeping.open_case(session, kind, title, given)
        case_many.tell_alike(session, file)
    if as_json:
        machine(file)
    else:
        facts({"number": file.number, "title": file.title, "state": file.state})


@group.command("list")
def list_(
    context: typer.Context,
    kind: Annotated[str, typer.Option(help="Only of a kind.")] = "",
    state: Annotated[str, typer.Option(help="Only in a state.")] = "",
    over: Annotated[bool | None, typer.Option("--over/--open", help="Only over, or open.")] = None,
    text: Annotated[str, typer.Option(help="Words that all stand in the case.")] = "",
    severity: Annotated[str, typer.Option(help="Only of a level of severity.")] = "",
    crisis: Annotated[bool, typer.Option("--crisis", help="Only at a level of crisis.")] = False,
    order: Annotated[Order, typer.Option(help="What comes first, after a crisis.")] = Order.CHANGED,
    limit: Annotated[int, typer.Option(min=1, max=listing.MOST)] = 50,
    offset: Annotated[int, typer.Option(min=0, max=listing.FARTHEST)] = 0,
    who: As = None,
    as_json: Json = False,
) -> None:
    """List cases that you take part in, the last changed first."""
    wanted = Wanted(
        kind=kind, state=state, over=over, text=text, severity=severity, order=order.value,
        crisis=crisis or None,
    )  # fmt: skip
    with acting_as(context, who) as session:
        found, total = listing.listed(session, wanted, limit, offset)
    names = ("number", "title", "state", "severity", "tlp", "due", "changed")
    records(found, names, as_json=as_json)
    if total > offset + len(found):
        least = "at least " if total >= listing.cap(wanted) else ""
        say_aside(f"{offset + len(found)} of {least}{total}; the next ones by --offset")


@group.command("show")
def show(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """Show a case: what is known, who takes part, what may be done next, what happened."""
    with acting_as(context, who) as session:
        file, case = files.view(session, which)
        steps, entries = next_steps(session, case), files.known(session, file).entries
        reached = reaching.reached(session, case)
    if as_json:
        machine(document(file, case) | {"next": steps, "reached": reached})
        return
    _tell(file, case, steps, entries)
    for one in reached:
        if not one.is_whole:
            counts = f"{one.under_way} under way, {one.held} held, {one.refused} refused"
            say_aside(f"{one.name} has {one.received} entries; at the bridge: {counts}")


def _tell(file: File, case: Case, steps: list[str], entries: Mapping[str, Entry]) -> None:
    names = {one.id: one.name for one in case.participants.values()}
    facts({
        "number": file.number,
        **({"opened as": case.number} if case.number != file.number else {}),
        "title": case.title, "state": case.state,
        "marking": " ".join(f"{k}:{v}" for k, v in said(case.marking).items() if k != "what"),
        **{name: value for name, value in case.fields.items() if value is not None},
        **times(case, names),
        "next": steps,
        "conflicts": [conflict(case, one, entries) for one in case.open_conflicts],
        "ignored": [one.reason for one in case.ignored],
    })  # fmt: skip
    table(
        ("participant", "name", "role", "state"),
        (
            (
                one.id,
                one.name,
                one.role,
                ", ".join(p.state for (_, of), p in case.known_positions.items() if of == one.id)
                if one.left is None
                else "left",
            )
            for one in case.participants.values()
        ),
    )
    for entry in case.timeline:
        answers().print(visible(in_time(entry, names)), soft_wrap=True)


@group.command("clocks")
def clocks_(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """Show what is due in a case, for whom, by which rule, and what started it."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        bound = due.clocks_of(case, due.rules_here(session), datetime.now(UTC))
    told = [told_clock(one, spoken()) for one in bound]
    if as_json:
        machine(told)
        return
    names = ("participant", "title", "status", "started_by", "strict", "legal", "source")
    # A rule without a period says when in words.
    shown = (one | {"strict": one["strict"] or one["soft"]} for one in told)
    table(names, ([one[name] for name in names] for one in shown))


@group.command("fill")
def fill(
    context: typer.Context,
    which: Which,
    fields: Annotated[list[str], typer.Argument(help="FIELD=VALUE; nothing empties it.")],
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Fill fields of a case."""
    with acting_as(context, who) as session:
        kind = named(files.find(session, which).kind)
    doing = Filled(fields=kind_fields.read_texts(kind, pairs(fields)), because=because)
    act(context, which, doing, who, as_json=as_json)


@group.command("record")
def record_(
    context: typer.Context,
    which: Which,
    fact: Annotated[str, typer.Argument(help="Name of the fact, such as aware_at.")],
    at: Annotated[str, typer.Argument(help="When: 2026-11-27T14:20, or with an offset.")] = "",
    zone: Zone = "UTC",
    source: Annotated[str, typer.Option(help="Who or what says so.")] = "",
    of: Annotated[str, typer.Option(help="Participant of whom it is so; all if not given.")] = "",
    because: Because = "",
    take_back: Annotated[
        bool, typer.Option("--take-back", help="It was not so, and no time is; with the reason.")
    ] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Record when something became so, correct it or take it back; clocks follow from it."""
    if take_back and at:
        raise Invalid("at", "no time where it is taken back", at)
    moment = "" if take_back else moments.in_text(moments.read(at, zone))
    with acting_as(context, who) as session:
        whose = participant(files.view(session, which)[1], of).id if of else ""
    doing = Recorded(fact=fact, at=moment, zone=zone, source=source, of=whose, because=because)
    act(context, which, doing, who, as_json=as_json)


@group.command("move")
def move(
    context: typer.Context,
    which: Which,
    trigger: Annotated[str, typer.Argument(help="What to do; `brug case show` lists it.")],
    of: Annotated[str, typer.Option(help="Whose state, where each has one.")] = "",
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Move a case, or a participant's state in it, on."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        doing = moved(case, trigger, participant(case, of).id if of else "", because)
    act(context, which, doing, who, as_json=as_json)


@group.command("say")
def say(
    context: typer.Context,
    which: Which,
    text: Annotated[str, typer.Argument(help="The message.")],
    to: To = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Say something to those who take part, or to some of them."""
    act(context, which, Said(text=text), who, as_json=as_json, to=to)
