# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge permission` and `personal-data`: what a source allowed; what identifies people."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from brug.bridges.gate import permissions, personal_types
from brug.bridges.gate.permissions import Record
from brug.cli.bridge_agreements import As
from brug.cli.node import acting, opened
from brug.cli.output import Json, machine, record, records
from brug.directory import organisations
from brug.directory.accounts import acting_for_host
from brug.intel.finding import find

group = typer.Typer(
    help="Permissions of sources to pass on more than a label says.", no_args_is_help=True
)
types = typer.Typer(help="Which types of attribute identify people.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Number of the permission.")]
Evidence = Annotated[str, typer.Option(help="Where the answer is written.")]
_COLUMNS = ("id", "event_uuid", "from_label", "to_label", "audience", "state", "valid_until")


@group.command("list")
def show_all(
    context: typer.Context,
    event: Annotated[str | None, typer.Option(help="Of one event: number or UUID.")] = None,
    as_json: Json = False,
) -> None:
    """List permissions, the newest first."""
    with acting(context.obj) as session:
        permissions.expire(session)
        uuid = None
        if event is not None:
            number = find(session, "event", event)
            uuid = session.value("SELECT uuid::text FROM event WHERE id = %s", (number,))
        found = permissions.listed(session, uuid)
    records(found, _COLUMNS, as_json=as_json)


@group.command("ask")
def ask(
    context: typer.Context,
    event: Annotated[str, typer.Argument(help="Event: number or UUID.")],
    label: Annotated[str, typer.Option("--label", help="The label that it has, such as amber.")],
    to_label: Annotated[str, typer.Option("--to-label", help="The label asked for.")],
    source: Annotated[str, typer.Option(help="Who was asked.")],
    audience: Annotated[
        str | None, typer.Option("--for", help="For one organisation alone: name, UUID or id.")
    ] = None,
    attribute: Annotated[
        str | None, typer.Option(help="Of one attribute alone, by UUID.")
    ] = None,
    who: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Record that the source of an event was asked for permission."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            number = find(session, "event", event)
            uuid = session.value("SELECT uuid::text FROM event WHERE id = %s", (number,))
            found = permissions.ask(session, {
                "event_uuid": uuid, "attribute_uuid": attribute, "from_label": label,
                "to_label": to_label, "source": source,
                "audience_id": organisations.view(session, audience).id if audience else None,
            })  # fmt: skip
    _tell(found, as_json=as_json)


@group.command("grant")
def grant(
    context: typer.Context,
    number: Number,
    evidence: Evidence,
    until: Annotated[
        datetime | None, typer.Option(help="Until when (UTC), such as 2027-01-31.")
    ] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Record that the source said yes."""
    _answer(context, number, evidence, until, who, granted=True, as_json=as_json)


@group.command("refuse")
def refuse(
    context: typer.Context, number: Number, evidence: Evidence, who: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Record that the source said no."""
    _answer(context, number, evidence, None, who, granted=False, as_json=as_json)


@group.command("withdraw")
def withdraw(
    context: typer.Context, number: Number, evidence: Evidence, who: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Record that the source took it back."""
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            found = permissions.withdraw(session, number, evidence)
    _tell(found, as_json=as_json)


def _answer(
    context: typer.Context, number: int, evidence: str, until: datetime | None, who: str | None,
    *, granted: bool, as_json: bool,
) -> None:  # fmt: skip
    with opened(context.obj) as database:
        with database.system() as session:
            user_id = acting_for_host(session, who)
        with database.as_user(user_id) as session:
            found = permissions.answer(
                session, number, granted=granted, evidence=evidence, valid_until=_utc(until)
            )
    _tell(found, as_json=as_json)


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _tell(found: Record, *, as_json: bool) -> None:
    record(found, as_json=as_json, names=(*_COLUMNS, "source", "evidence"))


@types.command("list")
def list_types(context: typer.Context, as_json: Json = False) -> None:
    """List the types with their class and where that follows from."""
    with acting(context.obj) as session:
        found = personal_types.rows_at(session)
    if as_json:
        machine(found)
        return
    records(found, ("type", "cls", "valid_from", "own", "source"), as_json=False)


@types.command("set")
def set_type(
    context: typer.Context,
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Type of attribute.")],
    cls: Annotated[str, typer.Argument(metavar="CLASS", help="high, medium, text or low.")],
    source: Annotated[str, typer.Option(help="Where this follows from.")],
    since: Annotated[datetime | None, typer.Option(help="From which day (today).")] = None,
    as_json: Json = False,
) -> None:
    """Correct the class of a type, on this node and from a day on."""
    with acting(context.obj) as session:
        day = since.date() if since else None
        found = personal_types.correct(session, type_, cls, source, day)
    record(found, as_json=as_json, names=("type", "cls", "valid_from", "source"))
