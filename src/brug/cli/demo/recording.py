# SPDX-License-Identifier: EUPL-1.2
"""The story's events: each organisation sends its own, with the key of its publisher."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any

from brug.cli.demo.campaign import Event
from brug.cli.demo.composing import Composer, templates_of
from brug.cli.demo.rule import stored_of
from brug.cli.demo.telling import Step
from brug.cli.demo.world import World

COLUMNS = ("Events", "Attributes", "Objects", "Reports", "Tags")
GALAXY = "misp-galaxy:"


def events(world: World, step: Step) -> None:
    """Sends all events, oldest first, and checks that nothing of them was lost."""
    world.templates = {
        name: world.admin.get(f"/objectTemplates/getRaw/{name}")
        for name in templates_of(world.campaign)
    }
    composer = Composer(world.templates, world.group_id, datetime.now(UTC))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for number, event in enumerate(world.events):
        step.working_on("Adding events", number, len(world.events))
        sent = composer.compose(event)
        answer = world.publisher(event.org).post("/events/add", {"Event": sent})
        stored = answer["Event"]
        step.check(f"refused of {event.key}", None, stored.get("refused"))
        _compare(step, event, sent, stored)
        world.stored[event.key] = (event, stored_of(event, stored))
        counts[event.org].update(_sizes(stored), Events=1)
    step.table(
        ("Organisation", *COLUMNS),
        [
            (one.name, *(counts[one.key][column] for column in COLUMNS))
            for one in world.campaign.organisations
        ],
    )


def _compare(step: Step, event: Event, sent: dict[str, Any], stored: dict[str, Any]) -> None:
    """The node's answer holds all that was sent; galaxies are explained by their clusters."""
    step.check(f"what was stored of {event.key}", _sizes(sent), _sizes(stored))
    step.check(f"tags of {event.key}", set(event.tags), {tag["name"] for tag in stored["Tag"]})
    step.check(
        f"clusters of {event.key}",
        {name for name in event.tags if name.startswith(GALAXY)},
        {one["tag_name"] for galaxy in stored["Galaxy"] for one in galaxy["GalaxyCluster"]},
    )


def _sizes(event: dict[str, Any]) -> dict[str, int]:
    return {
        "Attributes": attributes_in(event),
        "Objects": len(event["Object"]),
        "Reports": len(event["EventReport"]),
        "Tags": len(event["Tag"]),
    }


def attributes_in(event: dict[str, Any]) -> int:
    """Those of its objects too."""
    return len(event["Attribute"]) + sum(len(one["Attribute"]) for one in event["Object"])
