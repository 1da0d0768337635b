# SPDX-License-Identifier: EUPL-1.2
"""The story's acts: publishing a draft, taking indicators out, reporting back."""

import csv
import io
import time
from collections import Counter

from brug.cli.demo.campaign import Seen
from brug.cli.demo.composing import uuid_of
from brug.cli.demo.rule import Stored, shown_of
from brug.cli.demo.searching import SEARCH
from brug.cli.demo.telling import Step
from brug.cli.demo.world import World

TYPES = ("sighting", "false positive", "expiration")


def publishing(world: World, step: Step) -> None:
    """Others see a draft from the moment that somebody with the right publishes it."""
    draft = next(e for e in world.events if e.key == world.campaign.expected.published)
    others = [one for one in world.campaign.organisations if one.key != draft.org]
    for one in others:
        step.check(f"the draft as {one.name}", 404, world.view(one.key, draft.key)[0])
    refused, _ = world.reader(draft.org).answer("POST", f"/events/publish/{uuid_of(draft.key)}")
    step.check("publishing without the right to", 403, refused)
    world.publisher(draft.org).post(f"/events/publish/{uuid_of(draft.key)}")
    for one in others:
        step.check(f"the event as {one.name}", 200, world.view(one.key, draft.key)[0])
    world.published(draft.key)
    names = " and ".join(one.name for one in others)
    step.say("An analyst may not publish; the desk may.")
    step.say(f'"{draft.info}" was a draft; now {names} see it too.')


def taking_out(world: World, step: Step) -> None:
    """Each takes out what its sensors may look for: values, and a table for a spreadsheet."""
    asked = {"to_ids": 1, "published": 1, "enforceWarninglist": 1}
    rows = []
    for one in world.campaign.organisations:
        client = world.reader(one.key)
        shown = _published(world, one.key)
        known = set(client.post("/warninglists/checkValue", [item["value"] for item in shown]))
        wanted = [item for item in shown if item["to_ids"] and item["value"] not in known]
        values = client.text("POST", SEARCH, {"returnFormat": "text", **asked})
        step.check(f"values for {one.name}", _lines(wanted), set(values.split("\n")) - {""})
        table = client.text("POST", SEARCH, {"returnFormat": "csv", **asked})
        uuids = {row["uuid"] for row in csv.DictReader(io.StringIO(table))}
        step.check(f"rows for {one.name}", {item["uuid"] for item in wanted}, uuids)
        rows.append((one.name, len({item["value"] for item in wanted}), len(uuids), len(known)))
    step.table(("Organisation", "Values", "Rows of the table", "Left out as known"), rows)


def _published(world: World, org: str) -> list[Stored]:
    """What an organisation sees of events that are no drafts."""
    drafts = {event.key for event, _ in world.stored.values() if event.draft}
    shown = shown_of(world.campaign, org, world.stored)
    return [item for item in shown if item["event"] not in drafts]


def _lines(items: list[Stored]) -> set[str]:
    """The values as the text format writes them; a rule takes several lines."""
    return {line for item in items for line in item["value"].split("\n") if line}


def reporting_back(world: World, step: Step) -> None:
    """Who saw what, told to the owner of the event; others' reports are not shown around."""
    counts: Counter[str] = Counter()
    for number, seen in enumerate(world.sightings):
        step.working_on("Reporting", number, len(world.sightings))
        counts[seen.type] += 1
        answer = world.reader(seen.org).post(
            "/sightings/add",
            {
                "value": seen.value,
                "type": str(TYPES.index(seen.type)),
                "source": seen.source,
                "timestamp": int(time.time()) - seen.days * 86_400 - number * 1_777,
            },
        )
        step.check(f"{seen.type} of {seen.value}", True, "Sighting" in answer)
    step.say(", ".join(f"{counts[kind]} of type {kind}" for kind in TYPES) + ".")
    for one in world.campaign.organisations:
        expected = _shown_to(world, one.key)
        listed = 0
        for key in expected:
            event_id = world.view(one.key, key)[1]["id"]
            asked = {"context": "event", "id": event_id}
            answer = world.reader(one.key).post("/sightings/listSightings", asked)
            step.check(f"sightings in {key} as {one.name}", expected[key], len(answer))
            listed += len(answer)
        step.say(f"{one.name} sees {listed} reports: its own, and all on its own events.")


def _shown_to(world: World, viewer: str) -> Counter[str]:
    """How many sightings of each event: the viewer's, and all where it is the owner."""
    counts: Counter[str] = Counter()
    owners = {event.key: event.org for event in world.events}
    for seen in world.sightings:
        for item in shown_of(world.campaign, seen.org, world.stored):
            key = item["event"]
            if _is(seen, item) and viewer in {seen.org, owners[key]}:
                counts[key] += 1
    return counts


def _is(seen: Seen, item: Stored) -> bool:
    return seen.value == item["value"] or seen.value in item["value"].split("|")
