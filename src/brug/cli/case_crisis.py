# SPDX-License-Identifier: EUPL-1.2
"""`brug case ...`: how severe an incident is and why, and what leads a crisis."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from brug.cases import countries, files, keeping, own_folder, severity
from brug.cases.clocks import facts as moments
from brug.cases.crisis import acknowledging, decisions, escalating, releasing, remarks
from brug.cases.crisis.telling import (
    SituationTold,
    crisis_of,
    decisions_of,
    reading_of,
    situation_of,
)
from brug.cases.severity import setting
from brug.cases.severity import telling as severity_telling
from brug.cli.case_group import As, Because, Which, Zone, acting_as, group, participant, told
from brug.cli.files import content, written
from brug.cli.output import Json, facts, machine, table
from brug.model.errors import Invalid


@group.command("severity")
def severity_(
    context: typer.Context,
    which: Which,
    level: Annotated[str, typer.Option("--set", help="Level that a person sets instead.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Let the scheme's level hold.")] = False,
    because: Because = "",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Show how severe an incident is and why, what is missing, what would change it; or set it."""
    if level and clear:
        raise Invalid("--clear", "either it or --set")
    if level or clear:
        with acting_as(context, who) as session:
            entry = setting.set_level(session, which, "" if clear else level, because)
        told(entry, as_json=as_json)
        return
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        by = severity.scheme_here(session)
    found = severity.assess(case, by, datetime.now(UTC).date())
    if found is None:
        raise Invalid("kind", "a kind of case that has a severity", case.kind.key)
    said = severity_telling.told(found, by)
    if as_json:
        machine(said)
        return
    facts({
        "severity": said.title or "not known yet: nothing is said that it follows from",
        "computed": said.computed, "points": said.points,
        "set": f"{said.set}: {said.because}" if said.set else "",
        "look at": _doubts(said), "missing": said.missing,
        "would change it": [_change(one) for one in said.changes],
    })  # fmt: skip
    names = ("because", "value", "gives", "source", "checked")
    table(names, (_reason(one) for one in said.reasons))


def _doubts(said: severity_telling.SeverityTold) -> str:
    if said.lacks_reason:
        return "a level was set without a reason: it does not hold"
    return "" if said.is_known else "the level that was set is none of this node's scheme"


def _change(one: dict[str, object]) -> str:
    what = f"over {one['over']}" if "over" in one else str(one["value"])
    return f"{one['field']}: {what} -> {one['level']}"


def _reason(one: dict[str, object]) -> tuple[object, ...]:
    value = one.get("value", "")
    shown = ", ".join(value) if isinstance(value, list) else value
    gives = f"at least {one['at_least']}" if "at_least" in one else f"{one['points']} points"
    return one.get("title") or one["field"], shown, gives, one.get("source", ""), one["status"]


Reads = Annotated[str, typer.Argument(metavar="ENTRY", help="UUID of a message or the like.")]


@group.command("reading")
def reading(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """Show what asks to be read, and who has said that they have read it."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        said = reading_of(case, keeping.author(session))
    if as_json:
        machine(said)
        return
    rows = (
        (one.entry, one.what, row.name, row.at or "not yet", "you" if one.owed else "")
        for one in said.readings
        for row in one.rows
    )
    table(("entry", "what", "who", "read", "waits for"), rows)


@group.command("ask-to-read")
def ask(
    context: typer.Context, which: Which, entry: Reads, because: Because = "", who: As = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Ask those who have something to say when they have read it."""
    with acting_as(context, who) as session:
        done = acknowledging.ask(session, which, entry, because)
    told(done, as_json=as_json)


@group.command("have-read")
def acknowledge(
    context: typer.Context, which: Which, entry: Reads, who: As = None, as_json: Json = False
) -> None:
    """Say that you have read something."""
    with acting_as(context, who) as session:
        done = acknowledging.acknowledge(session, which, entry)
    told(done, as_json=as_json)


@group.command("crisis")
def crisis(context: typer.Context, which: Which, who: As = None, as_json: Json = False) -> None:
    """Show levels and modes of a crisis, what they mean with sources, and every step."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        if not escalating.machines(case):
            raise Invalid("kind", "a kind of case that has levels of crisis", case.kind.key)
        every = remarks.remarks(own_folder.config_of(session))
        country = countries.here(session).of_organisation(session.principal.org_uuid)
        said = crisis_of(case, keeping.author(session), every, country)
    if as_json:
        machine(said)
        return
    for mode in said.modes:
        told_of = [
            f"{one['means']} ({one['source']}"
            f"{'' if one['status'] == 'verified' else '; not checked against its source'})"
            for one in mode.remarks
        ]
        facts({
            "machine": mode.machine, "state": mode.state_title, "means": told_of,
            "possible": mode.triggers,
        })  # fmt: skip
    names = ("when", "machine", "from", "to", "because", "entry")
    table(names, ((s.at, s.machine, s.source, s.target, s.because, s.entry) for s in said.steps))


@group.command("escalate")
def escalate(
    context: typer.Context,
    which: Which,
    trigger: Annotated[str, typer.Argument(help="What to do; `brug case crisis` lists it.")],
    because: Because = "",
    criteria: Annotated[str, typer.Option(help="Criteria that are met.")] = "",
    decided_by: Annotated[str, typer.Option(help="Who decided it.")] = "",
    informed: Annotated[
        list[str] | None, typer.Option(help="A body that was informed; repeat it.")
    ] = None,
    review: Annotated[str, typer.Option(help="Next review: 2026-11-27T14:20.")] = "",
    zone: Zone = "UTC",
    who: As = None,
    as_json: Json = False,
) -> None:
    """Bring a crisis to another level or mode, with its record."""
    record = escalating.Record(
        because=because, criteria=criteria, decided_by=decided_by, informed=tuple(informed or ()),
        review=moments.read(review, zone, "review") if review else None,
    )  # fmt: skip
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        known = {
            one.trigger: key
            for key in escalating.machines(case)
            for one in case.kind.machine(key).transitions
        }
        if trigger not in known:
            raise Invalid("trigger", f"one of {', '.join(known) or 'none'}", trigger)
        done = escalating.escalate(session, which, known[trigger], trigger, record)
    told(done[-1], as_json=as_json)


@group.command("decisions")
def decisions_(
    context: typer.Context,
    which: Which,
    csv: Annotated[Path | None, typer.Option(help="Write them as CSV to this file.")] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Show all decisions: what they rest on, which replaced which."""
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
    said = decisions_of(case)
    if csv:
        data = decisions.as_csv(
            decisions.log(case),
            lambda one: decisions.org_of(case, one),
            lambda one: decisions.briefly(case, one),
        )
        with written(csv, "csv") as file:
            file.write(data)
    if as_json:
        machine(said)
        return
    names = ("no.", "when", "by", "question", "outcome", "because", "rests on", "replaced by")
    rows = (
        (
            one.number, one.at, one.by, one.question, one.outcome, one.because,
            ", ".join(each["says"] for each in one.basis), one.replaced_by or "",
        )
        for one in said.decisions
    )  # fmt: skip
    table(names, rows)


Since = Annotated[str, typer.Option("--from", help="Begin of the period; the last report's end.")]
Until = Annotated[str, typer.Option(help="End of the period; now, if not given.")]


@group.command("situation")
def situation_(
    context: typer.Context,
    which: Which,
    since: Since = "",
    until: Until = "",
    out: Annotated[
        Path | None, typer.Option(help="Write the draft to this file, to be changed.")
    ] = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Draft a situation report from the timeline of a period."""
    with acting_as(context, who) as session:
        file, case = files.view(session, which)
        made, last = releasing.drafted(session, file, case, since, until)
    said = situation_of(made, last)
    if out:
        with written(out, "out") as target:
            target.write(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")
    if as_json:
        machine(said)
        return
    facts({
        "from": said.since, "until": said.until, "compared with": said.compared_with,
        **{key: text for key, text in said.sections.items() if text},
    })  # fmt: skip


@group.command("release-situation")
def release_situation(
    context: typer.Context,
    which: Which,
    draft: Annotated[Path, typer.Argument(help="The draft that `brug case situation` wrote.")],
    tlp: Annotated[str, typer.Option(help="clear, green, amber, amber+strict or red.")] = "",
    to: Annotated[
        list[str] | None, typer.Option(help="Participant whom it is for; all if not given.")
    ] = None,
    ask_back: Annotated[
        bool, typer.Option("--ask", help="Ask to be told when it is read.")
    ] = False,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Release a situation report as it stands in a file, as PDF and JSON in the case."""
    try:
        read = msgspec.json.decode(content(draft, "draft"), type=SituationTold)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Invalid("draft", f"what `brug case situation --out` writes ({error})") from error
    with acting_as(context, who) as session:
        case = files.view(session, which)[1]
        asked = releasing.Asked(
            since=read.since, until=read.until, sections=read.sections, tlp=tlp,
            to=[participant(case, one).id for one in to or ()], ask=ask_back,
        )  # fmt: skip
        done = releasing.release(session, which, asked)
    if as_json:
        machine(msgspec.to_builtins(done))
    else:
        facts({"version": done.version, "json": done.json.id, "pdf": done.pdf.id})
