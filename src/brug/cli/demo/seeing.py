# SPDX-License-Identifier: EUPL-1.2
"""What each organisation gets to see, compared with the sharing rule and with the data."""

from uuid import uuid4

from brug.cli.demo.composing import uuid_of
from brug.cli.demo.recording import attributes_in
from brug.cli.demo.rule import share_of
from brug.cli.demo.telling import Step
from brug.cli.demo.world import World


def shares(world: World, step: Step) -> None:
    """Every event as every organisation: what is shown, how much of it, what is not."""
    rows = []
    total = len(world.events)
    for one in world.campaign.organisations:
        expected = share_of(world.campaign, one.key, world.events)
        shown = 0
        for number, event in enumerate(world.events):
            step.working_on(f"Asking as {one.name}", number, total)
            status, answer = world.view(one.key, event.key)
            claim = f"{event.key} as {one.name}"
            wanted = expected.attributes.get(event.key)
            step.check(f"status of {claim}", 404 if wanted is None else 200, status)
            if wanted is not None:
                shown += attributes_in(answer)
                step.check(f"attributes of {claim}", wanted, attributes_in(answer))
        step.check(f"attributes shown to {one.name}", expected.total, shown)
        rows.append((one.name, expected.events, total - expected.events, shown))
    step.table(("Organisation", "Events it sees", "Hidden from it", "Attributes it sees"), rows)
    _hidden_is_absent(world, step)


def _hidden_is_absent(world: World, step: Step) -> None:
    """An event that is hidden and one that was never there give the same answer."""
    for one in world.campaign.organisations:
        seen = share_of(world.campaign, one.key, world.events).attributes
        hidden = next((e for e in world.events if e.key not in seen), None)
        if hidden is None:
            continue
        absent, key = str(uuid4()), uuid_of(hidden.key)
        client = world.reader(one.key)
        asked = ((uuid, client.answer("GET", f"/events/view/{uuid}")) for uuid in (absent, key))
        answers = {(status, text.replace(uuid, "")) for uuid, (status, text) in asked}
        step.check(f"different answers to {one.name} for hidden and absent", 1, len(answers))
        step.say(f'{one.name} cannot tell "{hidden.info}" from an event that never was.')


def relations(world: World, step: Step) -> None:
    """The related events of some, as each organisation is shown them."""
    infos = {event.key: event.info for event in world.events}
    for related in world.campaign.expected.related:
        step.say(f'"{infos[related.event]}". {related.why}')
        shown = {}
        for org, expected in related.shown.items():
            _, event = world.view(org, related.event)
            shown[org] = {world.key_of(other["Event"]["uuid"]) for other in event["RelatedEvent"]}
            name = world.campaign.organisation(org).name
            step.check(f"events related to {related.event} as {name}", set(expected), shown[org])
        names = [world.campaign.organisation(org).name for org in shown]
        every = sorted(set().union(*shown.values()), key=infos.__getitem__)
        rows = [(infos[key], *("yes" if key in seen else "-" for seen in shown.values()))
                for key in every]  # fmt: skip
        if rows:
            step.table(("Related, as seen by", *names), rows)
