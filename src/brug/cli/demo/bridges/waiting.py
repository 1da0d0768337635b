# SPDX-License-Identifier: EUPL-1.2
"""What is left for whoever looks on: an item that a person has to release."""

from brug.cli.demo.bridges.crossing import crossing
from brug.cli.demo.bridges.nodes import World
from brug.cli.demo.bridges.proving import prove
from brug.cli.demo.bridges.showing import Step


def leave(world: World, step: Step) -> None:
    """Held, and not released: its page is where to do so."""
    key = world.course.waiting
    node = world.nodes[world.story.event(key).org]
    *_, last = (one for one in world.story.bridges if node.organisation.key in one.between)
    other = next(world.nodes[one] for one in last.between if one != node.organisation.key)
    world.write_and_publish(key)
    found = crossing(node, other, key, ("held",))
    step.decided(found)
    step.proved(prove(world, node, found["entry"]))
    world.waiting = f"{node.url}/bridges/crossings/{found['id']}"
