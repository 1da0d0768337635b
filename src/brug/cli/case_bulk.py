# SPDX-License-Identifier: EUPL-1.2
"""`brug case bulk ...`: one thing done in many cases, each by its own rules and for itself."""

from collections.abc import Callable
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

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


def _option(name: str, kind: Any, default: Any) -> Parameter:
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, annotation=kind, default=default)


_CASES = _option("cases", Cases, None)
_CHOICE = (
    _option("kind", Kind, ""), _option("state", State, ""), _option("words", Text, ""),
    _option("over", Over, None), _option("who", As, None), _option("as_json", Json, False),
)  # fmt: skip


def _verb(name: str) -> Callable[[Callable[..., AnyStep]], Callable[..., AnyStep]]:
    """A verb of what a function makes of its options; those that choose cases are added."""

    def put(step: Callable[..., AnyStep]) -> Callable[..., AnyStep]:
        own = signature(step, eval_str=True).parameters.values()
        asked = [one for one in own if one.default is Parameter.empty]
        rest = [one for one in own if one.default is not Parameter.empty]

        def verb(context: typer.Context, **given: Any) -> None:
            kind, state, words, over, who, as_json = (given.pop(one.name) for one in _CHOICE)
            wanted = Wanted(kind=kind, state=state, text=words, over=over)
            cases = given.pop(_CASES.name) or []
            _do(context, step(**given), Chosen(cases, wanted, who, as_json))

        context = Parameter(
            "context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        )  # fmt: skip
        verb.__dict__["__signature__"] = Signature([context, *asked, _CASES, *rest, *_CHOICE])
        verb.__doc__ = step.__doc__
        bulk_group.command(name)(verb)
        return step

    return put


@_verb("say")
def say(
    text: Annotated[str, typer.Argument(help="The message, to all who take part in each.")],
) -> AnyStep:
    """Say something in each."""
    return bulk.Say(text=text)


@_verb("plan")
def plan(
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    assignee: Annotated[str, typer.Option("--for", help="Who does it: name or role.")] = "",
    due: Annotated[str, typer.Option(help="2026-12-24T09:00.")] = "",
    zone: Zone = "UTC",
) -> AnyStep:
    """Plan a task in each; an open one that is called the same is assigned anew."""
    at = moments.in_text(moments.read(due, zone, "due")) if due else ""
    return bulk.Plan(title=title, assignee=assignee, due=at)


@_verb("mark")
def mark(
    tlp: Annotated[str | None, typer.Option(help="TLP label; as it is if not given.")] = None,
    pap: Annotated[str | None, typer.Option(help="PAP label; as it is if not given.")] = None,
    because: Because = "",
) -> AnyStep:
    """Mark each."""
    return bulk.Mark(tlp=tlp, pap=pap, because=because)


@_verb("join")
def join(
    organisation: Annotated[str, typer.Argument(help="Organisation: name, UUID or id.")],
    role: Annotated[str, typer.Option(help="What it is in each.")] = "observer",
    person: Annotated[str, typer.Option(help="One person of it, by e-mail.")] = "",
    because: Because = "",
) -> AnyStep:
    """Have an organisation, or one person, take part in each."""
    return bulk.Join(org=organisation, role=role, email=person, because=because)


@_verb("move")
def move(
    trigger: Annotated[str, typer.Argument(help="What to do; `brug case show` lists it.")],
    leaves: Annotated[str, typer.Option(help="State in which each has to be.")] = "",
    because: Because = "",
) -> AnyStep:
    """Move each on, where that is allowed."""
    return bulk.Move(trigger=trigger, leaves=leaves, because=because)


@_verb("link")
def link(
    what: Annotated[str, typer.Argument(help="event, attribute or case.")],
    uuid: Annotated[str, typer.Argument(help="Its UUID.")],
) -> AnyStep:
    """Link each with an event, an attribute or a case."""
    return bulk.Link(kind=what, uuid=uuid)
