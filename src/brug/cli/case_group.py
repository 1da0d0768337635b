# SPDX-License-Identifier: EUPL-1.2
"""The group that all verbs under `brug case` belong to, and in whose name they act."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer

from brug.cases import bulk, files, keeping
from brug.cases.acts import AnyAct, Filled, Linked, Moved, Recorded
from brug.cases.case import Case, Conflict
from brug.cases.crisis import decisions
from brug.cases.entries import Entry
from brug.cases.telling import said
from brug.cli.node import opened
from brug.cli.output import facts, machine
from brug.directory.accounts import acting_for_host
from brug.model.errors import Invalid
from brug.store.session import Session

group = typer.Typer(
    help="Cases: open, look at, act in them with those who take part.", no_args_is_help=True
)

Which = Annotated[str, typer.Argument(help="Number of the case, its UUID or id.")]
Because = Annotated[str, typer.Option(help="The reason; it is kept.")]
As = Annotated[
    str | None,
    typer.Option("--as", help="Who acts, by e-mail (the first site admin if not given)."),
]
To = Annotated[list[str] | None, typer.Option(help="Participant whom it is for; all if not given.")]
Zone = Annotated[str, typer.Option(help="Time zone in which the time is stated.")]

participant = bulk.participant


@contextmanager
def acting_as(context: typer.Context, who: str | None) -> Iterator[Session]:
    """A session of the one who acts: cases show to those who take part, and to nobody else."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            yield session


def act(
    context: typer.Context, which: str, doing: AnyAct, who: str | None, *, as_json: bool,
    to: list[str] | None = None,
) -> None:  # fmt: skip
    """One act; what was written of it."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        to = [participant(case, one).id for one in to or ()]
        entry = keeping.act(session, which, doing, to)
    told(entry, as_json=as_json)


def told(entry: Entry, *, as_json: bool) -> None:
    if as_json:
        machine(msgspec.to_builtins(entry))
    else:
        facts({"entry": entry.id} | {k: in_line(v) for k, v in said(entry.act).items()})


def in_line(value: object, names: Mapping[str, str] | None = None) -> str:
    """For people: participants by their names, fields as they are filled in."""
    match value:
        case dict():
            return "; ".join(f"{name}={in_line(one, names)}" for name, one in value.items())
        case list():
            return ", ".join(in_line(one, names) for one in value)
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return (names or {}).get(str(value), str(value))


def times(case: Case, names: Mapping[str, str]) -> dict[str, str]:
    """What became so and when, of the case and of each participant."""
    last = {name: several[-1].act for name, several in case.facts.items()} | {
        f"{name} of {names.get(of, of)}": several[-1].act
        for (name, of), several in case.own_facts.items()
    }
    return {
        name: f"{one.at} ({one.zone})"
        for name, one in last.items()
        if isinstance(one, Recorded) and one.at
    }


def in_time(entry: Entry, names: Mapping[str, str]) -> str:
    """One entry of the timeline, with for whom it is where it is not for all."""
    told = {k: v for k, v in said(entry.act).items() if k not in {"what", "org", "node"}}
    shown = ", ".join(f"{name} {in_line(value, names)}" for name, value in told.items())
    to = f"  (to {in_line(list(entry.to), names)})" if entry.to else ""
    return f"{entry.at}  {entry.act.__struct_config__.tag}  {shown}{to}"


def conflict(case: Case, one: Conflict, entries: Mapping[str, Entry]) -> str:
    """What it is about, and what either side says."""
    names = {each.id: each.name for each in case.participants.values()}
    about = " ".join(in_line(part, names) for part in one.about.split())
    holds, beside = (_side(case, one.about, entries[each]) for each in (one.holds, one.beside))
    return f"{about}: {holds} holds, beside {beside}"


def _side(case: Case, about: str, entry: Entry) -> str:
    said: object = ""
    match entry.act:
        case Filled(fields=fields):
            said = fields.get(about)
        case Moved(trigger=trigger):
            said = trigger
        case Recorded(at=at):
            said = at
        case Linked(uuid=uuid):
            said = uuid
    return f"{in_line(said) or 'nothing'} ({decisions.org_of(case, entry)})"


def pairs(given: list[str] | None) -> dict[str, list[str]]:
    """NAME=VALUE, repeated for lists. Raises Invalid."""
    found: dict[str, list[str]] = {}
    for one in given or ():
        name, mark, value = one.partition("=")
        if not mark:
            raise Invalid("field", "NAME=VALUE", one)
        found.setdefault(name.strip(), []).append(value)
    return found
