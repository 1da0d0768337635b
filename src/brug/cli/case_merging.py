# SPDX-License-Identifier: EUPL-1.2
"""`brug case merge`, `unmerge`, `split`."""

from typing import Annotated

import typer

from brug.cases import files, merging, splitting
from brug.cases.merging import Take
from brug.cases.splitting import Cut
from brug.cli.case_group import As, Because, Which, acting_as, group, participant
from brug.cli.output import Json, facts, machine

Along = Annotated[
    list[str] | None, typer.Option("--with", help="Participant who comes along; nobody else does.")
]


@group.command("merge")
def merge(
    context: typer.Context,
    merged: Annotated[str, typer.Argument(help="Case that is over then: number, UUID or id.")],
    into: Annotated[str, typer.Argument(help="Case that goes on.")],
    links: Annotated[bool, typer.Option(help="Links come along.")] = True,
    documents: Annotated[bool, typer.Option(help="Documents come along.")] = True,
    tasks: Annotated[bool, typer.Option(help="Open tasks come along.")] = True,
    fields: Annotated[bool, typer.Option(help="What is empty there is filled in.")] = False,
    messages: Annotated[bool, typer.Option(help="Messages come along, quoted.")] = False,
    along: Along = None,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Merge a case into another: of what was said to all in it, what you choose comes along."""
    with acting_as(context, who) as session:
        source = files.view(session, merged)[1]
        take = Take(
            links=links, documents=documents, tasks=tasks, fields=fields, messages=messages,
            participants=tuple(participant(source, one).id for one in along or ()),
            because=because,
        )  # fmt: skip
        done = merging.merge(session, into, merged, take)
    if as_json:
        machine(done)
        return
    counts = {name: getattr(done, name) for name in done.__struct_fields__[2:]}
    facts({"over": done.merged.number, "goes on": done.into.number, **counts})


@group.command("unmerge")
def unmerge(
    context: typer.Context, which: Which, because: Because = "", who: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Take a merge back: the case goes on by itself; what the other one got stays there."""
    with acting_as(context, who) as session:
        file = merging.undo(session, which, because)
    if as_json:
        machine(file)
    else:
        facts({"number": file.number, "state": file.state})


@group.command("split")
def split(
    context: typer.Context,
    which: Which,
    title: Annotated[str, typer.Argument(help="Title of the new case.")],
    entries: Annotated[list[str], typer.Argument(help="UUIDs of entries that it begins with.")],
    kind: Annotated[str, typer.Option(help="Kind of the new case; the same if not given.")] = "",
    along: Along = None,
    close_tasks: Annotated[bool, typer.Option(help="Chosen tasks are done in the old one.")] = True,
    tell_all: Annotated[bool, typer.Option(help="All of the old case see the link.")] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Begin a case with messages, documents, tasks and links of another."""
    with acting_as(context, who) as session:
        old = files.view(session, which)[1]
        cut = Cut(
            title=title, entries=tuple(entries), kind=kind, close_tasks=close_tasks,
            tell_all=tell_all,
            participants=tuple(participant(old, one).id for one in along or ()),
        )  # fmt: skip
        made = splitting.split(session, which, cut)
    if as_json:
        machine(made)
    else:
        facts({"number": made.number, "title": made.title})
