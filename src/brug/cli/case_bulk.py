# SPDX-License-Identifier: EUPL-1.2
"""`brug case bulk ...`: one thing done in many cases, each by its own rules and for itself."""

from typing import Annotated

import msgspec
import typer

from brug.cases import bulk, listing
from brug.cases.bulk import AnyStep, Asked
from brug.cases.clocks import facts as moments
from brug.cases.listing import Wanted
from brug.cli.case_group import As, Because, Zone, acting_as, group
from brug.cli.output import Json, machine, table
from brug.model.errors import Invalid

bulk_group = typer.Typer(
    help="Do one thing in many cases: those named, or those that a search finds.",
    no_args_is_help=True,
)
group.add_typer(bulk_group, name="bulk")

Cases = Annotated[list[str] | None, typer.Argument(help="Numbers of cases, UUIDs or ids.")]
Kind = Annotated[str, typer.Option(help="All of this kind that the search finds.")]
State = Annotated[str, typer.Option(help="All in this state.")]
Text = Annotated[str, typer.Option(help="All in which these words stand.")]
Over = Annotated[bool | None, typer.Option("--over/--open", help="All that are over, or open.")]


class Chosen(msgspec.Struct, frozen=True):
    """Which cases, who acts, and how the answer is to be."""

    cases: list[str]
    wanted: Wanted
    who: str | None
    as_json: bool


def _do(context: typer.Context, step: AnyStep, chosen: Chosen) -> None:
    """In each; the exit code says whether all were done."""
    if bool(chosen.cases) == (chosen.wanted != Wanted()):
        raise Invalid("cases", "cases by name, or options of a search, and not both")
    with acting_as(context, chosen.who) as session:
        names = chosen.cases
        if not names:
            found, total = listing.listed(session, chosen.wanted, bulk.MOST)
            if total > bulk.MOST:
                raise Invalid("cases", f"a search that finds at most {bulk.MOST}", str(total))
            names = [one.uuid for one in found]
        outcomes = bulk.run(session, step, [Asked(one) for one in names]) if names else []
    told = [
        {
            "case": one.file.number if one.file else one.named,
            "done": one.is_done,
            "why_not": one.error.public if one.error else "",
        }
        for one in outcomes
    ]
    if chosen.as_json:
        machine(told)
    else:
        table(("case", "done", "why not"), (tuple(one.values()) for one in told))
    if not all(one.is_done for one in outcomes):
        raise typer.Exit(1)


@bulk_group.command("say")
def bulk_say(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The message, to all who take part in each.")],
    cases: Cases = None,
    kind: Kind = "",
    state: State = "",
    words: Text = "",
    over: Over = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Say something in each."""
    wanted = Wanted(kind=kind, state=state, text=words, over=over)
    _do(context, bulk.Say(text=text), Chosen(cases or [], wanted, who, as_json))


@bulk_group.command("plan")
def bulk_plan(
    context: typer.Context,
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    cases: Cases = None,
    assignee: Annotated[str, typer.Option("--for", help="Who does it: name or role.")] = "",
    due: Annotated[str, typer.Option(help="2026-12-24T09:00.")] = "",
    zone: Zone = "UTC",
    kind: Kind = "",
    state: State = "",
    words: Text = "",
    over: Over = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Plan a task in each; an open one that is called the same is assigned anew."""
    wanted = Wanted(kind=kind, state=state, text=words, over=over)
    at = moments.in_text(moments.read(due, zone, "due")) if due else ""
    step = bulk.Plan(title=title, assignee=assignee, due=at)
    _do(context, step, Chosen(cases or [], wanted, who, as_json))


@bulk_group.command("mark")
def bulk_mark(
    context: typer.Context,
    cases: Cases = None,
    tlp: Annotated[str | None, typer.Option(help="TLP label; as it is if not given.")] = None,
    pap: Annotated[str | None, typer.Option(help="PAP label; as it is if not given.")] = None,
    because: Because = "",
    kind: Kind = "",
    state: State = "",
    words: Text = "",
    over: Over = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Mark each."""
    wanted = Wanted(kind=kind, state=state, text=words, over=over)
    step = bulk.Mark(tlp=tlp, pap=pap, because=because)
    _do(context, step, Chosen(cases or [], wanted, who, as_json))


@bulk_group.command("join")
def bulk_join(
    context: typer.Context,
    organisation: Annotated[str, typer.Argument(help="Organisation: name, UUID or id.")],
    cases: Cases = None,
    role: Annotated[str, typer.Option(help="What it is in each.")] = "observer",
    person: Annotated[str, typer.Option(help="One person of it, by e-mail.")] = "",
    because: Because = "",
    kind: Kind = "",
    state: State = "",
    words: Text = "",
    over: Over = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Have an organisation, or one person, take part in each."""
    wanted = Wanted(kind=kind, state=state, text=words, over=over)
    step = bulk.Join(org=organisation, role=role, email=person, because=because)
    _do(context, step, Chosen(cases or [], wanted, who, as_json))


@bulk_group.command("move")
def bulk_move(
    context: typer.Context,
    trigger: Annotated[str, typer.Argument(help="What to do; `brug case show` lists it.")],
    cases: Cases = None,
    leaves: Annotated[str, typer.Option(help="State in which each has to be.")] = "",
    because: Because = "",
    kind: Kind = "",
    state: State = "",
    words: Text = "",
    over: Over = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Move each on, where that is allowed."""
    wanted = Wanted(kind=kind, state=state, text=words, over=over)
    step = bulk.Move(trigger=trigger, leaves=leaves, because=because)
    _do(context, step, Chosen(cases or [], wanted, who, as_json))


@bulk_group.command("link")
def bulk_link(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="event, attribute or case.")],
    uuid: Annotated[str, typer.Argument(help="Its UUID.")],
    cases: Cases = None,
    kind: Kind = "",
    state: State = "",
    words: Text = "",
    over: Over = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Link each with an event, an attribute or a case."""
    wanted = Wanted(kind=kind, state=state, text=words, over=over)
    step = bulk.Link(kind=what, uuid=uuid)
    _do(context, step, Chosen(cases or [], wanted, who, as_json))
