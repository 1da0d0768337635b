# SPDX-License-Identifier: EUPL-1.2
"""What crosses: whole, with pseudonyms, after a person's word; and a sighting on its way back."""

from collections.abc import Sequence
from typing import Any

from brug.bridges.gate.markings import PSEUDONYM
from brug.cli.demo.bridges.nodes import Node, World, until
from brug.cli.demo.bridges.proving import prove
from brug.cli.demo.bridges.showing import Step
from brug.cli.demo.campaign import Event
from brug.cli.demo.composing import uuid_of
from brug.cli.demo.running import NodeFailed

ARRIVED = ("received",)


def crossing(
    node: Node, to: Node, key: str, states: Sequence[str] = ARRIVED, kind: str = "event"
) -> dict[str, Any]:
    """What a node sent to another of an event, as soon as it is in one of these states."""

    def all_of_it() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = node.verb(
            "bridge", "crossings", "--bridge", to.name, "--event", uuid_of(key)
        )
        return found

    def ask() -> dict[str, Any] | None:
        sent = (one for one in all_of_it() if one["outward"] and one["kind"] == kind)
        newest = next(sent, None)
        return newest if newest and newest["state"] in states else None

    def instead() -> str:
        said = (f"{one['kind']} {one['state']} {one['problem']}".strip() for one in all_of_it())
        return f"({', '.join(said) or 'nothing crossed'})"

    return until(f"{kind} {key} from {node.name} to {to.name} {' or '.join(states)}", ask, instead)


def crossed(node: Node, to: Node, entry: str) -> dict[str, Any]:
    """What a node sent to another of an entry of a case, once that has signed for it."""

    def ask() -> dict[str, Any] | None:
        found = node.verb("bridge", "crossings", "--bridge", to.name, "--event", entry)
        return next((one for one in found if one["state"] in ARRIVED), None)

    return until(f"entry {entry} from {node.name} to {to.name} received", ask)


def whole(world: World, step: Step) -> None:
    """All of it arrives where the agreement covers all of it."""
    event, one, other = _on(world, 0)
    world.write_and_publish(world.course.advisory)
    world.write_and_publish(event.key)
    _arrived(world, step, one, other)
    victim, there = _victim(world, one), _victim(world, other)
    if there != victim:
        raise NodeFailed(f"{other.name} shows {there}, {one.name} {victim}")
    step.say("there", f"{other.name} reads {there}")


def pseudonyms(world: World, step: Step) -> None:
    """What identifies a person arrives as a name that means something on this bridge alone."""
    _, one, other = _on(world, 1)
    _arrived(world, step, one, other)
    victim, there = _victim(world, one), one_view(other, world.course.told)
    names = [item["value"] for item in there["Attribute"] if _is_pseudonym(item)]
    if victim in str(there) or not names:
        raise NodeFailed(f"{other.name} reads {victim}")
    step.say("there", f"{other.name} reads {', '.join(names)}")


def _arrived(world: World, step: Step, one: Node, other: Node) -> None:
    found = crossing(one, other, world.course.told)
    step.decided(found)
    step.proved(prove(world, one, found["entry"]))


def _victim(world: World, node: Node) -> str:
    """The value by which a person is known, as a node's analyst reads it."""
    attributes = one_view(node, world.course.told)["Attribute"]
    return next(str(a["value"]) for a in attributes if a["type"] == world.course.victim)


def _is_pseudonym(attribute: dict[str, Any]) -> bool:
    return any(tag["name"] == PSEUDONYM for tag in attribute.get("Tag", ()))


def held(world: World, step: Step) -> None:
    """It waits for a person, who lets it go and says why."""
    event, one, other = _on(world, 2)
    waiting = crossing(one, other, event.key, ("held",))
    step.decided(waiting)
    because = world.course.release_because
    duty = one.organisation.duty
    one.verb("bridge", "release", str(waiting["id"]), "--because", because, "--as", duty)
    found = crossing(one, other, event.key)
    step.say("person", f"{duty}: “{because}.”")
    step.proved(prove(world, one, found["entry"]))
    if found["receipt"]["statement"]["outcome"] != "kept":
        raise NodeFailed(f"{other.name} took another source's copy for its own")
    step.say("there", f"{other.name} signs for it, and keeps the copy that its source brought")


def sighting(world: World, step: Step) -> None:
    """A receiver saw it in its own network; the owner of the event hears of it."""
    event, one, other = _on(world, 1)
    value = world.course.sighted
    held_there = one_view(other, event.key)["Attribute"]
    uuid = next(item["uuid"] for item in held_there if item["value"] == value)
    other.analyst.post(f"/sightings/add/{uuid}", {"type": "0", "source": "mail gateway"})
    found = crossing(other, one, event.key, kind="reactions")
    step.decided(found)
    step.proved(prove(world, other, found["entry"]))
    asked = {"context": "event", "id": one_view(one, event.key)["id"]}
    seen = one.analyst.post("/sightings/listSightings", asked)
    by = {each["Organisation"]["name"] for each in seen}
    if by != {other.name}:
        raise NodeFailed(f"sightings at {one.name} are by {sorted(by)}")
    step.say("there", f"{one.name} reads that {other.name} saw {value}")


def one_view(node: Node, key: str) -> dict[str, Any]:
    """An event that has to be there."""
    found = node.view(key)
    if found is None:
        raise NodeFailed(f"{node.name} does not hold {key}")
    return found


def _on(world: World, place: int) -> tuple[Event, Node, Node]:
    """The event of the story, and the two ends of a bridge."""
    one, other = (world.nodes[key] for key in world.story.bridges[place].between)
    return world.story.event(world.course.told), one, other
