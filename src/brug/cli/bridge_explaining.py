# SPDX-License-Identifier: EUPL-1.2
"""`brug bridge explain` and `simulate`: what would cross, and who can end up holding it."""

from typing import Annotated

import typer

from brug.bridges import explaining, partners, simulating
from brug.bridges.explaining import Explained, Together
from brug.bridges.simulating import FORWARD, Holder
from brug.cli.node import opened
from brug.cli.output import Json, answers, machine, table, visible

Event = Annotated[str, typer.Argument(help="Event: number or UUID.")]
_BECOMES = {
    "whole": "as it is", "text": "with its texts redacted", "pseudonym": "as a pseudonym",
    "nothing": "not",
}  # fmt: skip
_OUTCOMES = {
    "pass": "It passes.", "redact": "It passes in part.", "hold": "It is held for a person.",
    "refuse": "It does not cross.",
}  # fmt: skip


def explain(
    context: typer.Context,
    event: Event,
    partner: Annotated[str, typer.Option("--to", help="Bridge: partner's name, number or UUID.")],
    as_json: Json = False,
) -> None:
    """Say what would cross, what would be redacted, held or refused, and why; send nothing."""
    with opened(context.obj) as database, database.system() as session:
        bridge = partners.view(session, partner)
        found = explaining.explain(database, session, bridge, event)
    if as_json:
        machine(found)
        return
    for line in _lines(found):
        answers().print(visible(line), soft_wrap=True)


def _lines(found: Explained) -> list[str]:
    lines = [f"{found.info} ({found.event_uuid}) to {found.partner}: {_OUTCOMES[found.outcome]}"]
    if found.draft:
        lines.append("  It is a draft: this is what would happen once it is published.")
    if found.says:
        lines.append(f"  {found.says}")
    if found.version is not None:
        lines.append(f"  Decided under version {found.version} of the agreement.")
    if found.level is not None:
        lines.append(f"  It arrives at level {found.level}.")
    if found.staying:
        lines.append(f"  {found.staying} of {found.seen} attributes stay here by their level.")
    if found.unwanted:
        lines.append(f"  {found.unwanted} of {found.seen} attributes are of unwanted types.")
    # Of which nothing crosses, the parts tell why.
    told = [one for one in found.reasons if one.code != "nothing_left"] or found.reasons
    lines += [f"  {one.outcome}: {one.text} ({one.rule})" for one in told]
    for part in found.parts:
        lines += _part(part)
    return lines


def _part(part: Together) -> list[str]:
    outcome = "" if part.outcome == "pass" else f" ({part.outcome})"
    head = f"  {part.count} x {part.kind}: crosses {_BECOMES[part.becomes]}{outcome}"
    said = [f"      {one.outcome}: {one.text} ({one.rule})" for one in part.reasons]
    examples = [f"      e.g. {text}" for text in part.examples[:2] if part.outcome != "pass"]
    return [head, *said, *examples]


def simulate(
    context: typer.Context,
    event: Event,
    hops: Annotated[int, typer.Option(help="How many servers far.")] = 3,
    as_json: Json = False,
) -> None:
    """Show who can end up holding an event when partners pass it on as its level allows."""
    with opened(context.obj) as database, database.system() as session:
        found = simulating.simulate(database, session, event, hops)
    if as_json:
        machine(found)
        return
    table(("hop", "who", "through", "level", "attributes", "marking"), map(_row, found))


def _row(one: Holder) -> tuple[object, ...]:
    name = f"{one.name} ({', '.join(one.members)})" if one.members else one.name
    if one.held:
        name += ", if a person releases it"
    label = f"TLP:{one.marking.upper()}, " if one.marking else ""
    says = f"{label}{FORWARD[one.marking]}" if one.hop else ""
    return one.hop, name, one.through, one.level, one.attributes, says


VERBS = {"explain": explain, "simulate": simulate}
