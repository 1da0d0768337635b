# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: who takes part, tasks, links, decisions, markings, embargoes."""

from typing import Annotated
from uuid import uuid4

import msgspec
import typer

from brug.cases import breaking, files, people
from brug.cases.acts import (
    Decided,
    Left,
    Linked,
    Marked,
    Planned,
    Renamed,
)  # fmt: skip
from brug.cases.clocks import facts as moments
from brug.cases.embargoes import stating
from brug.cases.forms import instant
from brug.cases.telling import said
from brug.cli.case_group import (
    As,
    Because,
    To,
    Which,
    Zone,
    act,
    acting_as,
    group,
    participant,
    told,
)
from brug.cli.output import Json, facts, machine, say, table
from brug.model.errors import Invalid


@group.command("join")
def join(
    context: typer.Context,
    which: Which,
    organisation: Annotated[str, typer.Argument(help="Organisation: name, UUID or id.")],
    role: Annotated[str, typer.Option(help="What it is in this case.")],
    person: Annotated[
        str, typer.Option(help="One person of it, by e-mail; nobody else of it then.")
    ] = "",
    name: Annotated[
        str, typer.Option(help="What it is called, of one that this node does not know.")
    ] = "",
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Have an organisation, or one person, take part."""
    with acting_as(context, who) as session:
        doing = people.joining(session, organisation, role, name=name, email=person)
    doing = msgspec.structs.replace(doing, because=because)
    act(context, which, doing, who, as_json=as_json)


@group.command("leave")
def leave(
    context: typer.Context,
    which: Which,
    who_leaves: Annotated[str, typer.Argument(help="Participant: name, role or UUID.")],
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Leave a case, or have somebody leave: they see nothing of it from then on."""
    with acting_as(context, who) as session:
        leaving = participant(files.view(session, which)[1], who_leaves)
    doing = Left(participant=leaving.id, because=because)
    act(context, which, doing, who, as_json=as_json)


@group.command("break-glass")
def break_glass(
    context: typer.Context,
    which: Which,
    because: Annotated[str, typer.Option(help="The reason; all who take part read it.")],
    who: As = None,
    as_json: Json = False,
) -> None:
    """Read a case of others for some hours, as a site admin: they all see it, and why."""
    with acting_as(context, who) as session:
        file, entry = breaking.break_glass(session, which, because)
        until = breaking.until(session, entry)
    said = {"number": file.number, "uuid": file.uuid, "entry": entry.id, "until": until}
    machine(said) if as_json else facts(said)


@group.command("glass")
def glass(context: typer.Context, who: As = None, as_json: Json = False) -> None:
    """List the cases of others that a site admin reads now, and until when."""
    with acting_as(context, who) as session:
        held = breaking.mine(session)
    told = [
        {"number": one.file.number, "uuid": one.file.uuid, "participant": one.participant,
         "until": one.until}
        for one in held
    ]  # fmt: skip
    names = ("number", "until", "participant")
    machine(told) if as_json else table(names, ([one[name] for name in names] for one in told))


@group.command("rename")
def rename(
    context: typer.Context,
    which: Which,
    title: Annotated[str, typer.Argument(help="What it is about.")],
    who: As = None,
    as_json: Json = False,
) -> None:
    """Give a case another title."""
    act(context, which, Renamed(title=title), who, as_json=as_json)


@group.command("mark")
def mark(
    context: typer.Context,
    which: Which,
    tlp: Annotated[str, typer.Option(help="clear, green, amber, amber+strict or red.")] = "",
    pap: Annotated[str, typer.Option(help="clear, green, amber or red.")] = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Mark a case with TLP and PAP; without a label there is none."""
    act(context, which, Marked(tlp=tlp, pap=pap), who, as_json=as_json)


@group.command("embargo")
def embargo(
    context: typer.Context,
    which: Which,
    until: Annotated[
        str, typer.Argument(help="2026-12-24T09:00; without it what the embargo is, is shown.")
    ] = "",
    zone: Zone = "UTC",
    end: Annotated[bool, typer.Option("--end", help="End it now; --because says why.")] = False,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Show until when nothing may be published, say so, or end that."""
    if not until and not end:
        _show_embargo(context, which, who, as_json=as_json)
        return
    at = moments.in_text(moments.read(until, zone, "until")) if until else ""
    doing = stating.stated(at, zone, because, end=end)
    with acting_as(context, who) as session:
        entry = stating.say(session, which, doing)
    told(entry, as_json=as_json)


def _show_embargo(context: typer.Context, which: str, who: str | None, *, as_json: bool) -> None:
    with acting_as(context, who) as session:
        file, case = files.view(session, which)
    now = case.embargo
    if as_json:
        machine(said(now) if now else None)
    elif now is None:
        say(f"{file.number} is under no embargo.")
    else:
        at = moments.told(instant("until", now.until), now.zone)
        facts({"until": at, "in UTC": now.until, "because": now.because})


@group.command("decide")
def decide(
    context: typer.Context,
    which: Which,
    question: Annotated[str, typer.Argument(help="What was to be decided.")],
    outcome: Annotated[str, typer.Argument(help="What it shall be.")],
    replaces: Annotated[str, typer.Option(help="Entry of the decision that it replaces.")] = "",
    basis: Annotated[
        list[str] | None, typer.Option(help="Entry that it rests on; repeat it.")
    ] = None,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Keep a decision with its reason."""
    doing = Decided(
        question=question, outcome=outcome, because=because,
        replaces=replaces.lower() or msgspec.UNSET,
        basis=tuple(one.lower() for one in basis or ()) or msgspec.UNSET,
    )  # fmt: skip
    act(context, which, doing, who, as_json=as_json)


@group.command("plan")
def plan(
    context: typer.Context,
    which: Which,
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    task: Annotated[
        str,
        typer.Option(help="UUID of a task that this changes; what is not given stays as it is."),
    ] = "",
    assignee: Annotated[str, typer.Option("--for", help="Participant who does it.")] = "",
    due: Annotated[str, typer.Option(help="2026-12-24T09:00.")] = "",
    zone: Zone = "UTC",
    done: Annotated[bool | None, typer.Option("--done/--to-do", help="Whether it is done.")] = None,
    to: To = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Plan a task, change it, or say that it is done."""
    at = moments.in_text(moments.read(due, zone, "due")) if due else ""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        before = case.tasks.get(task.lower()) if task else Planned(task=str(uuid4()), title=title)
        if before is None:
            raise Invalid("task", "the UUID of a task of the case", task)
        whose = participant(case, assignee).id if assignee else before.assignee
    doing = Planned(
        task=before.task, title=title, assignee=whose, due=at or before.due,
        is_done=before.is_done if done is None else done,
    )  # fmt: skip
    act(context, which, doing, who, as_json=as_json, to=to)


@group.command("link")
def link(
    context: typer.Context,
    which: Which,
    kind: Annotated[str, typer.Argument(help="event, attribute or case.")],
    uuid: Annotated[str, typer.Argument(help="Its UUID.")],
    title: Annotated[str, typer.Option(help="What it is, in words.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="It has nothing to do with it.")] = False,
    to: To = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Link what has to do with a case."""
    doing = Linked(kind=kind, uuid=uuid.lower(), title=title, is_undone=undo)
    act(context, which, doing, who, as_json=as_json, to=to)
