# SPDX-License-Identifier: EUPL-1.2
"""The story's events: each organisation sends its own, with the key of its publisher."""

from datetime import UTC, datetime
from typing import Any

from brug.cli.demo.composing import Composer, templates_of
from brug.cli.demo.rule import stored_of
from brug.cli.demo.telling import Step
from brug.cli.demo.world import World


def events(world: World, step: Step) -> None:
    """Sends all events, oldest first, and checks that nothing of them was lost."""
    world.templates = {
        name: world.admin.get(f"/objectTemplates/getRaw/{name}")
        for name in templates_of(world.campaign)
    }
    composer = Composer(world.templates, world.group_id, datetime.now(UTC))
    counts = {one.key: [0, 0, 0, 0] for one in world.campaign.organisations}
    for number, event in enumerate(world.events):
        step.working_on("Adding events", number, len(world.events))
        sent = composer.compose(event)
        answer = world.publisher(event.org).post("/events/add", {"Event": sent})
        step.check(f"refused of {event.key}", None, answer.get("errors"))
        stored, wanted = _sizes(answer["Event"]), _sizes(sent)
        step.check(f"attributes, objects and reports of {event.key}", wanted, stored)
        world.stored[event.key] = (event, stored_of(event, answer["Event"]))
        counts[event.org] = [a + b for a, b in zip(counts[event.org], (1, *stored), strict=True)]
    step.table(
        ("Organisation", "Events", "Attributes", "Objects", "Reports"),
        [(world.campaign.organisation(key).name, *row) for key, row in counts.items()],
    )


def _sizes(event: dict[str, Any]) -> tuple[int, int, int]:
    """How many attributes (those of objects too), objects and reports it has."""
    return attributes_in(event), len(event["Object"]), len(event["EventReport"])


def attributes_in(event: dict[str, Any]) -> int:
    return len(event["Attribute"]) + sum(len(one["Attribute"]) for one in event["Object"])
