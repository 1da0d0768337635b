# SPDX-License-Identifier: EUPL-1.2
"""The story's questions: is a value known, to whom, and is it an indicator at all."""

from typing import Any

from brug.cli.demo.rule import Stored, shown_of
from brug.cli.demo.telling import Step
from brug.cli.demo.world import World

SEARCH = "/attributes/restSearch"


def found(world: World, org: str, **filters: Any) -> list[dict[str, Any]]:
    """The attributes that an organisation's analyst finds."""
    answer = world.reader(org).post(SEARCH, {"returnFormat": "json", **filters})
    attributes: list[dict[str, Any]] = answer["response"]["Attribute"]
    return attributes


def a_value(world: World, step: Step) -> None:
    """The value that ties the campaign together, and one that nobody has."""
    pivot = world.campaign.expected.pivot
    for org, expected in pivot.found.items():
        name = world.campaign.organisation(org).name
        events = {hit["Event"]["uuid"] for hit in found(world, org, value=pivot.value)}
        keys = {world.key_of(uuid) for uuid in events}
        step.check(f"events with {pivot.value} as {name}", set(expected), keys)
        step.say(f"{pivot.value} is known to {name} from {len(keys)} events.")
        unknown = found(world, org, value=world.campaign.expected.unknown)
        step.check(f"{world.campaign.expected.unknown} as {name}", [], unknown)
    step.say(f"{world.campaign.expected.unknown} is unknown to all of them.")


def nothing_leaks(world: World, step: Step) -> None:
    """Searches for all that is hidden find nothing; a part of a word finds what is shown."""
    for one in world.campaign.organisations:
        shown = shown_of(world.campaign, one.key, world.stored)
        hidden = sorted(_values(world.everything()) - _values(shown))
        hits = found(world, one.key, value=hidden)
        step.check(f"what {one.name} finds of {len(hidden)} hidden values", [], hits)
        part = world.campaign.expected.part
        wanted = {item["uuid"] for item in shown if part in item["value"].lower()}
        uuids = {hit["uuid"] for hit in found(world, one.key, value=f"%{part}%")}
        step.check(f"attributes with {part!r} as {one.name}", wanted, uuids)
        step.say(
            f"{one.name} asks for {len(hidden)} values that are hidden from it and finds none; "
            f'"{part}" stands in {len(uuids)} of the attributes it sees.'
        )


def _values(items: list[Stored]) -> set[str]:
    """Values, and both parts of composite ones, since a search finds those too."""
    whole = {item["value"] for item in items}
    return whole | {part for value in whole for part in value.split("|")}


def false_positives(world: World, step: Step) -> None:
    """Values that sandboxes and logs always show, and that would block everybody."""
    host = world.campaign.organisations[0].key
    values = world.campaign.expected.false_positives
    told = dict(world.reader(host).post("/warninglists/checkValue", list(values)))
    for value in values:
        lists = [one["name"] for one in told.get(value, [])]
        step.check(f"{value} is on a warninglist", True, bool(lists))
        step.say(f"{value}: {'; '.join(lists)}")
    pivot = world.campaign.expected.pivot.value
    answer = world.reader(host).post("/warninglists/checkValue", [pivot])
    step.check(f"warninglists that {pivot} is on", [], answer)
