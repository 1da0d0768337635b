# SPDX-License-Identifier: EUPL-1.2
"""A case that three nodes work on: each keeps its own copy, and all show the same."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from brug.cli.demo.bridges.crossing import crossed
from brug.cli.demo.bridges.nodes import Node, World, until
from brug.cli.demo.bridges.proving import prove
from brug.cli.demo.bridges.showing import Step
from brug.cli.demo.running import NodeFailed


def together(world: World, step: Step) -> None:
    """One opens it, the police handles it, the entity says when it became aware."""
    lead, police, entity = (world.nodes[key] for key in world.course.case_parts)
    said = world.course
    opened = lead.verb("case", "open", "incident", said.case_title, "--set", said.case_summary)
    case = opened["uuid"]
    for node, role in ((police, "handler"), (entity, "entity")):
        lead.verb("case", "join", case, node.name, "--role", role)
    for node in (police, entity):
        until(f"the case at {node.name}", partial(_seen, node, case))
    lately = datetime.now(ZoneInfo(said.case_zone)) - timedelta(hours=said.case_aware_hours)
    aware = lately.strftime("%Y-%m-%dT%H:%M%z")
    fact = ("aware_at", aware, "--zone", said.case_zone, "--of", entity.name)
    entity.verb("case", "record", case, *fact)
    entry = police.verb("case", "say", case, said.case_message)["id"]
    until("the case being the same at all three", lambda: _same((lead, police, entity), case, 5))
    step.say("person", f"{police.name}: “{said.case_message}”")
    (clock, *_) = (
        one for one in lead.verb("case", "clocks", case) if one["status"] != "not_started"
    )
    due = clock["strict"].replace("T", " ").removesuffix(":00Z")
    step.say("due", f"{entity.name}: {clock['title']} ({clock['source']}), {due} UTC")
    found = crossed(police, lead, entry)
    step.decided(found)
    step.proved(prove(world, police, found["entry"]))
    step.say("there", "the three nodes show the same case, each from its own copy")


def _seen(node: Node, case: str) -> dict[str, Any] | None:
    """The case as a node shows it, once it is there."""
    if not any(one["uuid"] == case for one in node.verb("case", "list")):
        return None
    shown: dict[str, Any] = node.verb("case", "show", case)
    if shown["ignored"]:
        raise NodeFailed(f"{node.name} leaves out {shown['ignored']}")
    return shown


def _same(nodes: tuple[Node, ...], case: str, entries: int) -> bool:
    """Whether all have so many entries, in one order."""
    shown = [_seen(node, case) for node in nodes]
    told = [[one["id"] for one in each["timeline"]] if each else [] for each in shown]
    return all(len(each) >= entries and each == told[0] for each in told)
