# SPDX-License-Identifier: EUPL-1.2
"""`brug case embargo-...`: policies, terms and who agreed, alarms, vendors that do not answer."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from brug.cases import files, keeping
from brug.cases.embargoes import alarms, negotiating, policies
from brug.cases.embargoes.telling import EmbargoTold, embargo_of, vendors_of
from brug.cli.case_group import As, Because, Which, Zone, acting_as, group, participant
from brug.cli.output import Json, machine, records, say, table
from brug.model.errors import Invalid
from brug.store import settings


@group.command("embargo-policies")
def list_policies(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="A case, to see until when.")] = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """List how long embargoes last by which policy, with their sources."""
    with acting_as(context, who) as session:
        if which:
            found = policies.proposals(session, files.view(session, which)[1])
            ends = {one.policy.key: one.until for one in found}
            rows = [one.policy for one in found]
        else:
            rows, ends = list(policies.table(policies.config(session))[0].values()), {}
    told = [msgspec.to_builtins(one) | {"until": ends.get(one.key)} for one in rows]
    _told(told, ("key", "title", "days", "starts", "until", "checked", "source"), as_json=as_json)


@group.command("embargo-terms")
def list_terms(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """List the terms of an embargo, version by version, and who agreed to which."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
    told = embargo_of(case)
    _terms(told, as_json=as_json)


@group.command("negotiate")
def negotiate(
    context: typer.Context,
    which: Which,
    step: Annotated[str, typer.Argument(help=f"What is done: {', '.join(negotiating.STEPS)}.")],
    until: Annotated[
        str, typer.Option(help="Of propose: until when, such as 2027-01-31T09:00.")
    ] = "",
    zone: Zone = "UTC",
    version: Annotated[int, typer.Option(help="Number of the terms that are meant.")] = 0,
    of: Annotated[
        str, typer.Option(help="Whose consent it is: name, role or UUID; yours if not given.")
    ] = "",
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Propose, accept, reject or end an embargo, or agree to it; the terms as they are then."""
    with acting_as(context, who) as session:
        whose = participant(files.view(session, which)[1], of).id if of else ""
        negotiating.take(
            session, which,
            negotiating.Step(step=step, until=until, zone=zone, version=version, of=whose,
                             because=because),
        )  # fmt: skip
        told = embargo_of(files.view(session, which)[1])
    _terms(told, as_json=as_json)


def _terms(told: EmbargoTold, *, as_json: bool) -> None:
    if as_json:
        machine(told)
        return
    table(
        ("version", "until", "zone", "state", "by", "agreed", "refused"),
        (
            (one.version, one.until, one.zone, one.state, one.by, ", ".join(one.agreed),
             ", ".join(one.refused))
            for one in told.versions
        ),
    )  # fmt: skip
    table(("name", "state", "agreed to", "at"), map(msgspec.structs.astuple, told.participants))


@group.command("alarms")
def list_alarms(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="A case; all that are open if not given.")] = "",
    close: Annotated[int, typer.Option(help="Number of one to close.")] = 0,
    because: Annotated[str, typer.Option(help="Why it is closed; the case keeps it.")] = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """List alarms in disclosures, or close one of a case with its reason."""
    if close and not which:
        raise Invalid("CASE", "the case of the alarm")
    with acting_as(context, who) as session:
        if close:
            alarms.close(session, which, close, because)
        if which:
            found = alarms.of_case(session, files.find(session, which).id)
        else:
            found = alarms.open_ones(session, 200)
    records(found, ("id", "number", "kind", "about", "at", "closed"), as_json=as_json)


@group.command("vendors")
def vendors(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """List the vendors of a disclosure: last written to, last answer, and what is due.

    All of them for who leads it, and else the own part alone.
    """
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        days = int(settings.get(session, "disclosure.chase_days"))
        found = vendors_of(case, keeping.author(session), datetime.now(UTC), days)
    told = [msgspec.structs.asdict(one) for one in found.vendors]
    if not told:
        say("No vendor takes part of whom this is yours to know.")
    _told(told, ("vendor", "contact", "written", "answered", "due", "next"), as_json=as_json)


def _told(rows: list[dict[str, Any]], names: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        machine(rows)
    else:
        table(names, ([row[name] for name in names] for row in rows))
